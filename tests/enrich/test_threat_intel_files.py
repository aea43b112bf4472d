"""Files of indicators: what each format says, what is left out, and why."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from linuxhunt.enrich.threat_intel import Value, known_frame
from linuxhunt.enrich.threat_intel_files import Read, files_under, read_files
from linuxhunt.enrich.threat_intel_stix import pattern_values
from linuxhunt.errors import EvidenceError

SINCE = pd.Timestamp("2026-03-12", tz="UTC")
MD5, SHA256 = "d41d8cd98f00b204e9800998ecf8427e", "ab" * 30 + "0123"


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def read_text(text: str, name: str = "feed.txt") -> Read:
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return read_files([path], SINCE)

    return read_text


def values(got: Read) -> list[tuple[str, str, str]]:
    return list(got.known[["Value", "Type", "Match"]].itertuples(index=False, name=None))


def reasons(got: Read) -> list[tuple[str, str]]:
    return list(got.left_out[["Place", "Reason"]].itertuples(index=False, name=None))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        pytest.param("[ipv4-addr:value = '203.0.113.9']", [Value("203.0.113.9", "ipv4")], id="="),
        pytest.param("[ipv4-addr:value='203.0.113.0/24']",
                     [Value("203.0.113.0/24", "ipv4", "network")], id="a network"),
        pytest.param("[ipv4-addr:value IN ('203.0.113.9', '203.0.113.10')]",
                     [Value("203.0.113.9", "ipv4"), Value("203.0.113.10", "ipv4")], id="IN"),
        pytest.param("[domain-name:value = 'Evil.Example' OR url:value = 'http://a.example/x']",
                     [Value("evil.example", "dns"), Value("http://a.example/x", "url")], id="OR"),
        pytest.param("([domain-name:value = 'a.example'] OR [email-addr:value = 'b@a.example'])",
                     [Value("a.example", "dns"), Value("b@a.example", "email")],
                     id="OR of observations"),
        pytest.param("[domain-name:value LIKE '%.evil.example']",
                     [Value("evil.example", "dns", "under")], id="LIKE of names below"),
        pytest.param(f"[file:hashes.'SHA-256' = '{SHA256.upper()}']",
                     [Value(SHA256, "sha256_hash")], id="a hash"),
        pytest.param(f"[file:hashes.MD5 = '{MD5}' AND file:hashes.'SHA-256' = '{SHA256}']",
                     [Value(MD5, "md5_hash"), Value(SHA256, "sha256_hash")],
                     id="hashes of one file"),
        pytest.param(f"[file:name = 'x' AND file:hashes.MD5 = '{MD5}']", [Value(MD5, "md5_hash")],
                     id="a hash says it alone"),
        pytest.param("[network-traffic:dst_ref.value = '203.0.113.9']",
                     [Value("203.0.113.9", "ipv4")], id="an end of traffic"),
        pytest.param("[url:value = 'http://a.example/it\\'s']",
                     [Value("http://a.example/it's", "url")], id="an escaped quote"),
    ],
)  # fmt: skip
def test_patterns_that_are_read(pattern: str, expected: list[Value]) -> None:
    assert pattern_values(pattern) == expected


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("[ipv4-addr:value = '203.0.113.9' AND network-traffic:dst_port = 443]",
         "its pattern joins ipv4-addr:value and network-traffic:dst_port"),
        ("[ipv4-addr:value = '203.0.113.9'] FOLLOWEDBY [url:value = 'http://a.example']",
         "its pattern uses more than =, IN, LIKE, OR"),
        ("[NOT ipv4-addr:value = '203.0.113.9']", "its pattern uses more than =, IN, LIKE, OR"),
        ("[ipv4-addr:value != '203.0.113.9']",
         "its pattern compares ipv4-addr:value by !="),
        ("[process:name = 'x']", "its pattern is about process:name"),
        ("[domain-name:value = 'no name']", "its pattern holds no name, which is no indicator"),
        ("[domain-name:value LIKE 'a%']", "its pattern says LIKE a%"),
        ("[ipv4-addr:value = ", "its pattern compares ipv4-addr:value by ="),
        ("{}", "its pattern is broken at sign 1"),
        ("", "its pattern holds no comparison"),
        ("[" * 200_000, "a pattern of more than 100,000 signs"),
    ],
)  # fmt: skip
def test_patterns_that_say_more_are_named(pattern: str, why: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011
        pattern_values(pattern)
    assert str(error.value) == why


def stix(**more: Any) -> dict[str, Any]:
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": "indicator--1",
        "created": "2026-01-01T00:00:00Z",
        "modified": "2026-02-01T00:00:00Z",
        "pattern": "[ipv4-addr:value = '203.0.113.9']",
        "pattern_type": "stix",
        "valid_from": "2026-01-02T00:00:00Z",
        **more,
    }


def test_a_stix_bundle(read: Any) -> None:
    full = stix(
        name="n", description="d", labels=["c2"], indicator_types=["malicious-activity"],
        confidence=85, external_references=[{"source_name": "x"}, {"url": "https://x.example"}],
        kill_chain_phases=[{"kill_chain_name": "k", "phase_name": "command-and-control"}],
        valid_until="2026-03-12T00:00:00Z",
    )  # fmt: skip
    bundle = {"type": "bundle", "id": "bundle--1", "objects": [
        {"type": "identity", "id": "identity--1"}, full,
        stix(id="indicator--2", revoked=True),
        stix(id="indicator--3", valid_until="2026-03-11T23:59:59Z"),
        stix(id="indicator--4", indicator_types=["benign"]),
        stix(id="indicator--5", pattern_type="yara", pattern="rule x {}"),
        stix(id="indicator--6", pattern="[process:name = 'x']"),
        stix(id="indicator--7"),
        stix(id="indicator--7", modified="2026-02-02T00:00:00Z", revoked=True),
        "rubbish",
    ]}  # fmt: skip
    got = read(json.dumps(bundle), "feed.json")
    expected = known_frame([{
        "Value": "203.0.113.9", "Type": "ipv4", "Match": "exact", "Source": "feed.json",
        "Severity": "High", "Confidence": 85, "FirstSeen": "2026-01-02", "LastSeen": "2026-02-01",
        "Tags": ["c2", "command-and-control", "malicious-activity"], "Description": "n: d",
        "Link": "https://x.example",
    }])  # fmt: skip
    pd.testing.assert_frame_equal(got.known, expected)
    assert reasons(got) == [
        ("indicator--2", "revoked"),
        ("indicator--3", "expired on 2026-03-11"),
        ("indicator--4", "benign"),
        ("indicator--5", "its pattern is of type yara"),
        ("indicator--6", "its pattern is about process:name"),
        ("indicator--7", "revoked"),
    ]
    assert got.files[["Format", "Indicators", "LeftOut"]].to_dict("records") == [
        {"Format": "STIX 2.1", "Indicators": 1, "LeftOut": 6}
    ]


def test_stix_objects_a_line_each(read: Any) -> None:
    got = read(f"{json.dumps(stix())}\n{json.dumps(stix(id='indicator--2', revoked=True))}\n")
    assert (values(got), reasons(got)) == (
        [("203.0.113.9", "ipv4", "exact")], [("indicator--2", "revoked")],
    )  # fmt: skip


def attribute(kind: str, value: str, **more: Any) -> dict[str, Any]:
    return {"uuid": f"{kind} {value}", "type": kind, "value": value, "to_ids": True, **more}


EVENT = {
    "info": "campaign",
    "date": "2026-03-01",
    "threat_level_id": "1",
    "Orgc": {"name": "CERT"},
    "Tag": [{"name": "tlp:green"}],
    "Galaxy": [{"GalaxyCluster": [{"value": "Kinsing"}]}],
}


def test_a_misp_event(read: Any) -> None:
    event = {**EVENT, "Attribute": [
        attribute("ip-dst", "203.0.113.9", comment="c2", last_seen="2026-03-02T00:00:00Z",
                  Tag=[{"name": "botnet"}]),
        attribute("domain|ip", "evil.example|203.0.113.10"),
        attribute("filename|md5", f"a|b|{MD5}"),
        attribute("ip-dst|port", "203.0.113.11|443"),
        attribute("url", "http://a.example/x", to_ids=False),
        attribute("url", "http://b.example/x", deleted=True),
        attribute("url", "http://c.example/x",
                  decay_score=[{"decayed": True}, {"decayed": True}]),
        attribute("url", "http://d.example/x", decay_score=[{"decayed": True}, {"decayed": False}]),
        attribute("mutex", "m"),
        attribute("domain", "no name"),
    ], "Object": [
        {"Attribute": [attribute("sha256", SHA256)]},
        {"deleted": True, "Attribute": [attribute("sha1", "0" * 40)]},
    ]}  # fmt: skip
    got = read(json.dumps({"response": [{"Event": event}]}), "misp.json")
    said = {
        "Source": "misp.json (CERT)", "Severity": "High", "FirstSeen": "2026-03-01",
        "Tags": ["tlp:green", "Kinsing"], "Description": "campaign", "Match": "exact",
    }  # fmt: skip
    expected = known_frame([
        {**said, "Value": "203.0.113.9", "Type": "ipv4", "LastSeen": "2026-03-02",
         "Tags": ["tlp:green", "Kinsing", "botnet"], "Description": "campaign: c2"},
        {**said, "Value": "evil.example", "Type": "dns"},
        {**said, "Value": "203.0.113.10", "Type": "ipv4"},
        {**said, "Value": MD5, "Type": "md5_hash"},
        {**said, "Value": "203.0.113.11", "Type": "ipv4"},
        {**said, "Value": "http://d.example/x", "Type": "url"},
        {**said, "Value": SHA256, "Type": "sha256_hash"},
    ])  # fmt: skip
    pd.testing.assert_frame_equal(got.known, expected)
    assert reasons(got) == [
        ("url http://a.example/x", "not for detection (to_ids)"),
        ("url http://b.example/x", "deleted"),
        ("url http://c.example/x", "decayed"),
        ("mutex m", "of type mutex"),
        ("domain no name", "'no name' is no domain"),
    ]


@pytest.mark.parametrize(
    "wrapped",
    [
        pytest.param(lambda a: {"Event": {**EVENT, "Attribute": [a]}}, id="one event"),
        pytest.param(lambda a: [{"Event": {**EVENT, "Attribute": [a]}}], id="a list of events"),
        pytest.param(lambda a: {**EVENT, "Attribute": [a]}, id="an event as it is"),
        pytest.param(lambda a: {"response": {"Attribute": [{**a, "Event": EVENT}]}},
                     id="attributes"),
    ],
)  # fmt: skip
def test_forms_of_misp_exports(wrapped: Any, read: Any) -> None:
    got = read(json.dumps(wrapped(attribute("ip-src", "203.0.113.9"))))
    assert got.known[["Value", "Severity", "Tags"]].to_dict("records") == [
        {"Value": "203.0.113.9", "Severity": "High", "Tags": ["tlp:green", "Kinsing"]}
    ]


def test_csv_by_common_names(read: Any) -> None:
    got = read(
        "Indicator,Type,Confidence,Severity,Valid Until,Tags,Description,First Seen,Reference,Source\n"
        '203.0.113.9,ip,90,low,2026-04-01,"c2, ssh",bad,2026-01-01,https://x.example,feed\n'
        "*.evil.example,domain,0.6,,,,,,,\n"
        "198.51.100.0/24,ip,,,,,,,,\n"
        "hxxp://a[.]example/x,url,high,critical,,,,,,\n"
        "203.0.113.10,ip,90,,2026-03-01,,,,,\n"
        "what is this,ip,,,,,,,,\n",
        "feed.csv",
    )
    expected = known_frame([
        {"Value": "203.0.113.9", "Type": "ipv4", "Match": "exact", "Source": "feed.csv (feed)",
         "Severity": "Low", "Confidence": 90, "FirstSeen": "2026-01-01", "Tags": ["c2", "ssh"],
         "Description": "bad", "Link": "https://x.example"},
        {"Value": "evil.example", "Type": "dns", "Match": "under", "Source": "feed.csv",
         "Severity": "Medium", "Confidence": 60},
        {"Value": "198.51.100.0/24", "Type": "ipv4", "Match": "network", "Source": "feed.csv",
         "Severity": "Medium"},
        {"Value": "http://a.example/x", "Type": "url", "Match": "exact", "Source": "feed.csv",
         "Severity": "High", "Confidence": 75},
    ])  # fmt: skip
    pd.testing.assert_frame_equal(got.known, expected)
    assert reasons(got) == [
        ("line 6", "expired on 2026-03-01"),
        ("line 7", "'what is this' is no indicator"),
    ]


def test_csv_whose_header_is_a_comment(read: Any) -> None:
    """The form of abuse.ch's feeds: comments, the header among them, quotes after blanks."""
    got = read(
        '# A feed\n#\n# "first_seen_utc","dst_ip","dst_port","last_online","malware"\n'
        '"2026-03-01 01:02:03", "203.0.113.9", "443", "2026-03-02", "QakBot"\n# end\n'
    )
    expected = known_frame([{
        "Value": "203.0.113.9", "Type": "ipv4", "Match": "exact", "Source": "feed.txt",
        "Severity": "Medium", "FirstSeen": "2026-03-01 01:02:03", "LastSeen": "2026-03-02",
        "Tags": ["QakBot"],
    }])  # fmt: skip
    pd.testing.assert_frame_equal(got.known, expected)
    assert reasons(got) == []


def test_csv_with_several_columns_of_indicators(read: Any) -> None:
    got = read(
        f"name;ip;domain;md5;revoked\nx;203.0.113.9;evil.example;{MD5};\ny;203.0.113.8;;;true\n"
    )
    assert values(got) == [
        ("203.0.113.9", "ipv4", "exact"), ("evil.example", "dns", "exact"),
        (MD5, "md5_hash", "exact"),
    ]  # fmt: skip
    assert reasons(got) == [("line 3", "revoked")]


def test_a_plain_list(read: Any) -> None:
    got = read(
        "\ufeff# comment\n// too\n\n203.0.113.9  # c2 of x\n0.0.0.0 evil.example\n"
        "hxxp://a[.]example/x\r\n.b.example\n198.51.100.0/24 ; a net\nnonsense here\n",
        "list.txt",
    )
    assert got.known[["Value", "Match", "Description", "Source", "Severity"]].to_numpy(
        dtype=object, na_value=None
    ).tolist() == [
        ["203.0.113.9", "exact", "c2 of x", "list.txt", "Medium"],
        ["evil.example", "exact", None, "list.txt", "Medium"],
        ["http://a.example/x", "exact", None, "list.txt", "Medium"],
        ["b.example", "under", None, "list.txt", "Medium"],
        ["198.51.100.0/24", "network", "a net", "list.txt", "Medium"],
    ]  # fmt: skip
    assert reasons(got) == [("line 9", "'nonsense here' is no indicator")]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param('{"type": "bundle", "objects": [', "is no JSON: ", id="cut short"),
        pytest.param('{"type": "bundle", "objects": []}', "the bundle holds no indicator",
                     id="an empty bundle"),
        pytest.param('{"a": 1}', "is JSON, but neither a STIX bundle nor of MISP", id="other JSON"),
        pytest.param("[" * 100_000, "is no JSON: ", id="JSON made to be deep"),
    ],
)  # fmt: skip
def test_bad_files_are_named_and_stop_no_other(text: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(text)
    (tmp_path / "b.txt").write_text("203.0.113.9\n")
    got = read_files(files_under(tmp_path), SINCE)
    assert values(got) == [("203.0.113.9", "ipv4", "exact")]
    assert [(Path(row.Path).name, row.Reason[: len(why)]) for row in got.left_out.itertuples()] == [
        ("a.json", why)
    ]


def test_packed_and_broken_files(tmp_path: Path) -> None:
    packed = gzip.compress(b"203.0.113.9\n")
    (tmp_path / "a.txt.gz").write_bytes(packed)
    (tmp_path / "b.txt.gz").write_bytes(packed[:2] + b"rubbish")
    (tmp_path / ".hidden").write_text("203.0.113.10")
    got = read_files(files_under(tmp_path), SINCE)
    assert values(got) == [("203.0.113.9", "ipv4", "exact")]
    assert [(Path(row.Path).name, row.Reason[:14]) for row in got.left_out.itertuples()] == [
        ("b.txt.gz", "cannot be read")
    ]


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="there is no file or folder of indicators at"):
        files_under(tmp_path / "nothing")


def test_no_files_know_nothing() -> None:
    got = read_files([], SINCE)
    assert (len(got.known), len(got.files), len(got.left_out)) == (0, 0, 0)
    pd.testing.assert_frame_equal(got.known, known_frame([]))
