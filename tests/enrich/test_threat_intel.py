"""What is known of indicators: how sources write them, and which of those seen they meet."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from linuxhunt.enrich.threat_intel import (
    HITS,
    KNOWN,
    Value,
    hits,
    known_frame,
    severity,
    time_of,
    value_of,
)
from linuxhunt.enrich.threat_intel_seen import observables, portions
from linuxhunt.enrich.threat_intel_workspace import older_known, workspace_known
from linuxhunt.schema import STR, TIME

SINCE = pd.Timestamp("2026-03-12", tz="UTC")


def seen(*rows: tuple[str, str, list[str]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["Indicator", "Type", "RecordIds"])
    return frame.astype({"Indicator": STR, "Type": STR})


def known(*rows: dict[str, Any]) -> pd.DataFrame:
    return known_frame(
        {"Match": "exact", "Severity": "Medium", "Source": "s", **row} for row in rows
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("203.0.113.9", Value("203.0.113.9", "ipv4")),
        (" 203[.]0[.]113[.]9 ", Value("203.0.113.9", "ipv4")),
        ("203.0.113.9:4444", Value("203.0.113.9", "ipv4")),
        ("203.0.113.9/32", Value("203.0.113.9", "ipv4")),
        ("203.0.113.77/24", Value("203.0.113.0/24", "ipv4", "network")),
        ("2001:DB8::/32", Value("2001:db8::/32", "ipv6", "network")),
        ("0.0.0.0/0", None),
        ("2001:db8:0::7", Value("2001:db8::7", "ipv6")),
        ("Evil.Example.", Value("evil.example", "dns")),
        ("evil.sh", Value("evil.sh", "dns")),
        ("*.evil.example", Value("evil.example", "dns", "under")),
        (".evil.example", Value("evil.example", "dns", "under")),
        ("evil.example:8080", Value("evil.example", "dns")),
        ("HTTP://Evil.example/", Value("http://evil.example", "url")),
        ("hxxp://evil[.]example/a?b", Value("http://evil.example/a?b", "url")),
        ("Bob@Evil.example", Value("bob@evil.example", "email")),
        ("D41D8CD98F00B204E9800998ECF8427E", Value("d41d8cd98f00b204e9800998ecf8427e", "md5_hash")),
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
         Value("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "bitcoin")),
        ("/tmp/.x/y", Value("/tmp/.x/y", "linux_path")),
        ("two words", None),
        ("notes", None),
        ("", None),
        ("999.1.1.1", None),
    ],
)  # fmt: skip
def test_an_indicator_is_read_as_people_write_it(text: str, expected: Value | None) -> None:
    assert value_of(text) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-12T01:02:03.5Z", pd.Timestamp("2026-03-12 01:02:03.5", tz="UTC")),
        ("2026-03-12 01:02:03", pd.Timestamp("2026-03-12 01:02:03", tz="UTC")),
        ("2026-03-12T01:02:03+02:00", pd.Timestamp("2026-03-11 23:02:03", tz="UTC")),
        ("20260312", pd.Timestamp("2026-03-12", tz="UTC")),
        ("1773273600", pd.Timestamp("2026-03-12", tz="UTC")),
        (1773273600, pd.Timestamp("2026-03-12", tz="UTC")),
        ("9999-12-31T23:59:59Z", None),
        ("2026-99-99", None),
        ("12/03/2026", None),
        ("soon", None),
        (None, None),
        (True, None),
        (pd.NaT, None),
    ],
)
def test_a_time_is_read_or_left(value: object, expected: pd.Timestamp | None) -> None:
    assert time_of(value) == expected


@pytest.mark.parametrize(
    ("confidence", "expected"),
    [(None, "Medium"), (0, "Informational"), (24, "Informational"), (25, "Low"), (50, "Medium"),
     (74, "Medium"), (75, "High"), (100, "High"), (float("nan"), "Medium")],
)  # fmt: skip
def test_severity_follows_confidence(confidence: float | None, expected: str) -> None:
    assert severity(confidence) == expected


@pytest.mark.parametrize(
    ("indicator", "kind", "value", "match", "meets"),
    [
        pytest.param("203.0.113.9", "ipv4", "203.0.113.9", "exact", True, id="itself"),
        pytest.param("203.0.113.9", "ipv4", "203.0.113.90", "exact", False, id="another"),
        pytest.param("203.0.113.9", "ipv4", "203.0.113.0/24", "network", True, id="in a network"),
        pytest.param("203.0.114.9", "ipv4", "203.0.113.0/24", "network", False, id="beside it"),
        pytest.param("2001:db8::7", "ipv6", "2001:db8::/32", "network", True, id="IPv6"),
        pytest.param("203.0.113.9", "ipv4", "2001:db8::/32", "network", False, id="other kind"),
        pytest.param("a.evil.example", "dns", "evil.example", "exact", False,
                     id="a plain domain is itself alone"),
        pytest.param("a.b.evil.example", "dns", "evil.example", "under", True, id="below a name"),
        pytest.param("evil.example", "dns", "evil.example", "under", True, id="the name itself"),
        pytest.param("notevil.example", "dns", "evil.example", "under", False, id="no label's end"),
        pytest.param("http://evil.example/", "url", "http://evil.example", "exact", True,
                     id="a URL's last slash"),
        pytest.param("http://evil.example/a/", "url", "http://evil.example/a", "exact", False,
                     id="a path's slash is the path's"),
    ],
)  # fmt: skip
def test_what_meets_what(indicator: str, kind: str, value: str, match: str, meets: bool) -> None:
    frame = hits(seen((indicator, kind, ["r"])), known({"Value": value, "Match": match}))
    assert list(frame["Indicator"]) == ([indicator] if meets else [])


def test_hits_are_whole_and_the_gravest_first() -> None:
    found = seen(
        ("203.0.113.9", "ipv4", ["r1", "r2"]), ("203.0.113.9", "ipv4", ["r2", "r3"]),
        ("evil.example", "dns", ["r4"]), ("good.example", "dns", ["r5"]),
    )  # fmt: skip
    frame = hits(
        found,
        known(
            {"Value": "203.0.113.0/24", "Match": "network", "Severity": "Low", "Source": "net"},
            {"Value": "evil.example", "Severity": "High", "Source": "list", "Confidence": 90,
             "FirstSeen": "2026-01-01", "LastSeen": "2026-02-01T00:00:00Z", "Tags": ["c2"],
             "Description": "bad", "Link": "https://intel.example/1"},
        ),
    )  # fmt: skip
    nothing: dict[str, Any] = dict.fromkeys(HITS)
    expected = pd.DataFrame(
        [
            {**nothing, "Indicator": "evil.example", "Type": "dns", "Source": "list",
             "Severity": "High", "Confidence": 90,
             "FirstSeen": pd.Timestamp("2026-01-01", tz="UTC"),
             "LastSeen": pd.Timestamp("2026-02-01", tz="UTC"), "Tags": ["c2"],
             "Description": "bad", "Link": "https://intel.example/1", "RecordIds": ["r4"]},
            {**nothing, "Indicator": "203.0.113.9", "Type": "ipv4", "Source": "net",
             "Severity": "Low", "Tags": [], "RecordIds": ["r1", "r2", "r3"],
             "Matched": "203.0.113.0/24"},
        ],
        columns=list(HITS),
    )  # fmt: skip
    expected = expected.assign(
        FirstSeen=expected["FirstSeen"].astype(TIME), LastSeen=expected["LastSeen"].astype(TIME)
    )
    pd.testing.assert_frame_equal(frame, expected.astype(HITS))


def test_nothing_seen_or_known_is_an_empty_frame_of_the_same_types() -> None:
    for frame in (hits(seen(), known({"Value": "203.0.113.9"})), hits(seen(), known_frame([]))):
        assert frame.empty
        assert dict(frame.dtypes) == dict(hits(
            seen(("203.0.113.9", "ipv4", [])), known({"Value": "203.0.113.9"})
        ).dtypes)  # fmt: skip


def _row(**more: Any) -> dict[str, Any]:
    return {
        "TimeGenerated": pd.Timestamp("2026-03-11", tz="UTC"),
        "Id": "i",
        "ObservableKey": "ipv4-addr:value",
        "ObservableValue": "203.0.113.9",
        "Pattern": None,
        "Confidence": 80,
        "ValidFrom": pd.Timestamp("2026-03-01", tz="UTC"),
        "ValidUntil": pd.NaT,
        "IsActive": True,
        "Tags": "a, b",
        "Data": '{"name":"n","description":"d","labels":["c2"],"external_references":[{"url":"u"}]}',
        "SourceSystem": "feed",
        **more,
    }


def _rows(**more: Any) -> pd.DataFrame:
    kinds = {"ValidUntil": TIME, "ValidFrom": TIME, "IsActive": "bool"}
    return pd.DataFrame([_row(**more)], dtype=object).astype(kinds)


def workspace_values(**more: Any) -> list[tuple[str, str, str]]:
    frame = workspace_known(_rows(**more), SINCE)
    return list(frame[["Value", "Type", "Match"]].itertuples(index=False, name=None))


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param({}, [("203.0.113.9", "ipv4", "exact")], id="its one observable"),
        pytest.param({"Pattern": "[ipv4-addr:value = '203.0.113.0/24']"},
                     [("203.0.113.0/24", "ipv4", "network")], id="a network in its pattern"),
        pytest.param({"Pattern": "[ipv4-addr:value = '203.0.113.9'] OR [url:value = 'http://a.example/x']"},
                     [("203.0.113.9", "ipv4", "exact"), ("http://a.example/x", "url", "exact")],
                     id="all that its pattern offers"),
        pytest.param({"Pattern": "[network-traffic:dst_ref.value = '203.0.113.9' AND x:y = 1]"},
                     [("203.0.113.9", "ipv4", "exact")], id="a pattern of more: its observable"),
        pytest.param({"ValidUntil": SINCE - pd.Timedelta("1s")}, [], id="expired before"),
        pytest.param({"ValidUntil": SINCE}, [("203.0.113.9", "ipv4", "exact")],
                     id="valid when the window began"),
        pytest.param({"IsActive": False}, [], id="not active"),
        pytest.param({"ObservableValue": "what?"}, [], id="no indicator"),
        pytest.param({"Data": "{broken"}, [("203.0.113.9", "ipv4", "exact")], id="broken data"),
    ],
)  # fmt: skip
def test_the_workspaces_indicators(more: dict[str, Any], expected: list[Any]) -> None:
    assert workspace_values(**more) == expected


def test_a_row_of_the_workspace_is_known_whole() -> None:
    frame = workspace_known(_rows(), SINCE)
    expected = known_frame([{
        "Value": "203.0.113.9", "Type": "ipv4", "Match": "exact",
        "Source": "feed (ThreatIntelIndicators)", "Severity": "High", "Confidence": 80,
        "FirstSeen": "2026-03-01", "LastSeen": "2026-03-11", "Tags": ["a", "b", "c2"],
        "Description": "n: d", "Link": "u",
    }])  # fmt: skip
    pd.testing.assert_frame_equal(frame, expected)
    assert list(frame.columns) == list(KNOWN)


def test_the_older_table() -> None:
    row: dict[str, Any] = dict.fromkeys([
        "NetworkSourceIP", "NetworkDestinationIP", "NetworkSourceCidrBlock", "EmailSenderAddress",
        "NetworkDestinationCidrBlock", "Url", "FileHashValue", "AdditionalInformation",
    ])  # fmt: skip
    row |= {
        "TimeGenerated": SINCE, "ConfidenceScore": 40.0, "ThreatSeverity": 5, "Active": True,
        "ExpirationDateTime": SINCE, "NetworkIP": "203.0.113.9", "DomainName": "Evil.example",
        "NetworkCidrBlock": "198.51.100.0/24", "Tags": '["x"]', "ThreatType": "C2",
        "Description": "d", "SourceSystem": "feed",
    }  # fmt: skip
    gone = {**row, "Active": False}
    late = {**row, "ExpirationDateTime": SINCE - pd.Timedelta("1s")}
    frame = older_known(pd.DataFrame([row, gone, late]), SINCE)
    said = {
        "Source": "feed (ThreatIntelligenceIndicator)", "Severity": "High", "Confidence": 40,
        "LastSeen": "2026-03-12", "Tags": ["C2", "x"], "Description": "d",
    }  # fmt: skip
    expected = known_frame([
        {"Value": "203.0.113.9", "Type": "ipv4", "Match": "exact", **said},
        {"Value": "198.51.100.0/24", "Type": "ipv4", "Match": "network", **said},
        {"Value": "evil.example", "Type": "dns", "Match": "exact", **said},
    ])  # fmt: skip
    pd.testing.assert_frame_equal(frame, expected)


def test_what_is_asked_of_a_table() -> None:
    found = seen(
        ("203.0.113.9", "ipv4", []), ("203.0.113.9", "ipv4", []), ("/etc/passwd", "linux_path", []),
        ("http://a.example", "url", []), ("http://a.example/x/", "url", []), ("a\0b", "dns", []),
    )  # fmt: skip
    assert observables(found) == [
        "203.0.113.9", "http://a.example", "http://a.example/", "http://a.example/x/",
    ]  # fmt: skip


def test_many_values_are_asked_in_portions() -> None:
    values = [f"v{n}" for n in range(2_500)]
    assert [len(part) for part in portions(values)] == [1_000, 1_000, 500]
    assert [value for part in portions(values) for value in part] == values
    assert [len(part) for part in portions(["x" * 60_000, "y" * 60_000, "z"])] == [1, 2]
    assert list(portions([])) == []
