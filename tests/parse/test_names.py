"""No name, host or certificate ID, however made, changes outcome, address or port."""

import string

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linuxhunt import parse
from tests.parse.syslog_rows import syslog

_FORGERIES = (
    " from 8.8.8.8 port 22 ssh2",
    " from 8.8.8.8 port 22",
    " 8.8.8.8 port 22",
    ": RSA SHA256:" + "A" * 43,
    " ID x (serial 0) CA RSA SHA256:" + "B" * 43,
    " [preauth]",
    "invalid user ",
    " for root",
    "Accepted password for root",
    "  user=root",
    " rhost=8.8.8.8",
    "(uid=0)",
    " by root(uid=0)",
    ": Too many authentication failures",
    " not allowed because listed in DenyUsers",
    "' from 8.8.8.8 port 22",
    "\\303\\274",
    "]",
)
# sshd encodes control characters (vis), so what is printed has none.
_PRINTED = string.ascii_letters + string.digits + string.punctuation + " "
_names = st.lists(
    st.one_of(st.sampled_from(_FORGERIES), st.text(_PRINTED, max_size=8)), max_size=4
).map(lambda parts: "".join(parts)[:100])
_accounts = st.from_regex(r"\A[a-z_][a-z0-9_.-]{0,30}\Z")
_addresses = st.one_of(
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).filter(lambda one: one.ipv4_mapped is None).map(str),
)
_ports = st.integers(1, 65535)
_keys = st.sampled_from(["RSA SHA256:" + "x" * 43, "ED25519 SHA256:" + "y+/" * 14 + "z"])
_deep = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))


def _many(**fields: st.SearchStrategy) -> st.SearchStrategy:
    """Return lists of dicts: many lines are read at once."""
    return st.lists(st.fixed_dictionaries(fields), min_size=1, max_size=40)


def _check(made: list[dict], line: str, kind: str, result: str, user: str = "") -> None:
    """Read ``line`` for each of ``made``, and compare what must not change."""
    messages = [line.format(**one) for one in made]
    rows = parse.auth(syslog(*(f"10:00:00 sshd[7]: {message}" for message in messages)))
    found = rows[["EventType", "EventResult", "SrcIpAddr", "SrcPortNumber", "TargetUsername"]]
    expected = [
        (kind, result, one["address"], one.get("port", 0), one.get(user) or None) for one in made
    ]
    assert [
        (*row[:3], 0 if row[3] is pd.NA else row[3], row[4] if isinstance(row[4], str) else None)
        for row in found.itertuples(index=False, name=None)
    ] == [row if user else (*row[:4], None) for row in expected]


@pytest.mark.parametrize("preauth", ["", " [preauth]"])
@pytest.mark.parametrize("method", ["password", "none", "keyboard-interactive/pam", "publickey"])
@_deep
@given(made=_many(name=_names, address=_addresses, port=_ports))
def test_failed_for_invalid_user(method: str, preauth: str, made: list[dict]) -> None:
    line = f"Failed {method} for invalid user {{name}} from {{address}} port {{port}} ssh2{preauth}"
    _check(made, line, "Logon", "Failure", "name")


@pytest.mark.parametrize(
    "line",
    [
        "Invalid user {name} from {address} port {port}",
        "Failed publickey for invalid user {name} from {address} port {port} ssh2: {key}",
        "error: maximum authentication attempts exceeded for invalid user {name} from {address}"
        " port {port} ssh2 [preauth]",
    ],
)
@_deep
@given(made=_many(name=_names, address=_addresses, port=_ports, key=_keys))
def test_invalid_user(line: str, made: list[dict]) -> None:
    _check(made, line, "Logon", "Failure", "name")


@pytest.mark.parametrize(
    "line",
    [
        "Connection closed by invalid user {name} {address} port {port} [preauth]",
        "Connection reset by invalid user {name} {address} port {port} [preauth]",
        "Disconnected from invalid user {name} {address} port {port} [preauth]",
        "Disconnecting invalid user {name} {address} port {port}: Too many authentication failures"
        " [preauth]",
    ],
)
@_deep
@given(made=_many(name=_names, address=_addresses, port=_ports))
def test_connection_of_invalid_user(line: str, made: list[dict]) -> None:
    _check(made, line, "Info", "NA", "name")


@pytest.mark.parametrize(
    "line",
    [
        "{word} publickey for {user} from {address} port {port} ssh2: ECDSA-CERT SHA256:"
        + "c" * 43
        + " ID {name} (serial 7) CA {key}",
        "{word} hostbased for {user} from {address} port {port} ssh2: {key},"
        ' client user "{name}", client host "{host}"',
    ],
    ids=["certificate", "hostbased"],
)
@pytest.mark.parametrize(("word", "result"), [("Accepted", "Success"), ("Failed", "Failure")])
@_deep
@given(
    made=_many(user=_accounts, address=_addresses, port=_ports, key=_keys, name=_names, host=_names)
)
def test_existing_account(word: str, result: str, line: str, made: list[dict]) -> None:
    _check(made, line.replace("{word}", word), "Logon", result, "user")


@pytest.mark.parametrize(
    "line",
    [
        "Received disconnect from {address} port {port}:11: {name} [preauth]",
        "Bad protocol version identification '{name}' from {address} port {port}",
        "Unable to negotiate with {address} port {port}: no matching host key type found. Their"
        " offer: {name} [preauth]",
    ],
)
@_deep
@given(made=_many(name=_names, address=_addresses, port=_ports))
def test_what_a_client_says(line: str, made: list[dict]) -> None:
    _check(made, line, "Info", "NA")


@_deep
@given(made=_many(name=_names.filter(bool), address=_addresses))
def test_pam_failure(made: list[dict]) -> None:
    line = (
        "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= "
        "rhost={address}  user={name}"
    )
    _check(made, line, "Logon", "Failure", "name")


@_deep
@given(made=_many(first=_names, second=_names, address=_addresses, port=_ports))
def test_change_of_username_takes_no_other_address(made: list[dict]) -> None:
    line = (
        "10:00:00 sshd[7]: Disconnecting invalid user {first} {address} port {port}: Change of"
        " username or service not allowed: ({first},ssh-connection) -> ({second},ssh-connection)"
    )
    rows = parse.auth(syslog(*(line.format(**one) for one in made)))
    assert rows["EventType"].tolist() == ["Info"] * len(made)
    assert [
        address
        for address, one in zip(rows["SrcIpAddr"], made, strict=True)
        if address not in (one["address"], None) and isinstance(address, str)
    ] == []
