"""Which names are one host, how hosts are ranked, and which alerts name one."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from linuxhunt.errors import HostError
from linuxhunt.hosts import RANKING, alerts_on, by_name, called, one_name, ranked
from linuxhunt.schema import STR, TIME
from tests.made import utc

SYSLOG = {"Computer": STR, "Rows": "Int64", "FailedLogons": "Int64", "NewAccounts": "Int64",
          "FirstTime": TIME, "LastTime": TIME}  # fmt: skip
OTHER = {"TableName": STR, "Computer": STR, "Rows": "Int64", "FirstTime": TIME, "LastTime": TIME}
ALERTS = {"Computer": STR, "Alerts": "Int64", "FirstTime": TIME, "LastTime": TIME}
ONE, TWO, THREE = (utc(f"2026-03-12 1{hour}:00") for hour in range(3))


def frame(columns: dict[str, Any], rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[*columns]).astype(columns)


@pytest.mark.parametrize(
    ("rows", "shown"),
    [
        pytest.param({"web": 1}, {"web": "web"}, id="one"),
        pytest.param({"web": 1, "WEB": 2}, {"web": "WEB", "WEB": "WEB"}, id="case"),
        pytest.param({"web": 2, "web.a": 1}, {"web": "web", "web.a": "web"}, id="short and FQDN"),
        pytest.param({"web": 1, "WEB.A": 1}, {"web": "WEB.A", "WEB.A": "WEB.A"},
                     id="as often: the longest"),
        pytest.param({"web": 1, "web.a": 1, "web.b": 1},
                     {"web": "web", "web.a": "web.a", "web.b": "web.b"}, id="two FQDNs"),
        pytest.param({"web.a": 1, "web.b": 1}, {"web.a": "web.a", "web.b": "web.b"},
                     id="two FQDNs and no short name"),
        pytest.param({"web.a": 1, "WEB.A.": 3, "web": 1},
                     dict.fromkeys(["web.a", "WEB.A.", "web"], "WEB.A."), id="a dot at the end"),
        pytest.param({"web": 1, "web-01": 1, "web-01.a": 2},
                     {"web": "web", "web-01": "web-01.a", "web-01.a": "web-01.a"}, id="a hyphen"),
        pytest.param({"10": 1, "10.0.0.5": 1, "10.0.0.6": 1},
                     {"10": "10", "10.0.0.5": "10.0.0.5", "10.0.0.6": "10.0.0.6"},
                     id="addresses have no short name"),
        pytest.param({"fe80": 1, "fe80::1.2.3.4": 1},
                     {"fe80": "fe80", "fe80::1.2.3.4": "fe80::1.2.3.4"}, id="IPv6"),
        pytest.param({"straße": 1, "STRASSE": 2}, dict.fromkeys(["straße", "STRASSE"], "STRASSE"),
                     id="case of other letters"),
        pytest.param({}, {}, id="none"),
    ],
)  # fmt: skip
def test_one_name(rows: dict[str, int], shown: dict[str, str]) -> None:
    assert one_name(rows) == shown


def test_ranking_whole() -> None:
    syslog = [("web", 5, 2, 0, ONE, TWO), ("WEB.example", 2, 1, 1, TWO, THREE),
              ("quiet", 9, 0, 0, ONE, THREE), ("guessed", 1, 1_200, 0, ONE, ONE),
              (None, 9, 9, 9, ONE, ONE), ("", 9, 9, 9, ONE, ONE)]  # fmt: skip
    other = [("Heartbeat", "web", 1, ONE, ONE), ("AuditLog_CL", "audited", 3, ONE, TWO)]
    alerts = [("web", 1, ONE, THREE), ("alerted", 2, TWO, TWO)]
    columns = {**dict.fromkeys(RANKING, "Int64"), "Host": STR, "Reasons": STR, "FirstTime": TIME,
               "LastTime": TIME, "Computers": object}  # fmt: skip
    expected = frame(columns, [
        ("alerted", "2 alerts", 2, 0, 0, 0, TWO, TWO, ["alerted"]),
        ("web", "1 alert, 3 failed logon lines, 1 new account", 1, 3, 1, 8, ONE, THREE,
         ["WEB.example", "web"]),
        ("guessed", "1,200 failed logon lines", 0, 1200, 0, 1, ONE, ONE, ["guessed"]),
        ("quiet", "nothing that stands out", 0, 0, 0, 9, ONE, THREE, ["quiet"]),
        ("audited", "nothing that stands out", 0, 0, 0, 3, ONE, TWO, ["audited"]),
    ])  # fmt: skip
    held = ranked(frame(SYSLOG, syslog), frame(OTHER, other), frame(ALERTS, alerts))
    assert_frame_equal(held, expected)


def test_no_hosts_are_an_empty_ranking() -> None:
    held = ranked(frame(SYSLOG, []), frame(OTHER, []), frame(ALERTS, []))
    assert list(held.columns) == list(RANKING)
    assert held.empty


HOSTS = pd.DataFrame(
    {
        "Host": ["web.example", "db.a", "db.b", "Mail", "10.0.0.5"],
        "Computers": [["web", "web.example"], ["db.a"], ["db.b"], ["Mail"], ["10.0.0.5"]],
    }
)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        pytest.param("web.example", ("web.example", ("web", "web.example")), id="as shown"),
        pytest.param("WEB", ("web.example", ("web", "web.example")), id="another spelling"),
        pytest.param("db.a.", ("db.a", ("db.a",)), id="a dot at the end"),
        pytest.param("mail", ("Mail", ("Mail",)), id="case"),
        pytest.param("mail.example", ("Mail", ("Mail",)), id="FQDN of a short name"),
        pytest.param("10.0.0.5", ("10.0.0.5", ("10.0.0.5",)), id="address"),
    ],
)
def test_a_host_is_found(name: str, found: Any) -> None:
    assert by_name(HOSTS, name) == found


NONE = "in this window; there are: web.example, db.a, db.b, Mail, 10.0.0.5"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("db", "several hosts are called db: db.a, db.b; give the whole name",
                     id="several"),
        pytest.param("we", f"no host we {NONE}", id="a prefix"),
        pytest.param("web.other", f"no host web.other {NONE}", id="another domain"),
        pytest.param("10", f"no host 10 {NONE}", id="a part of an address"),
        pytest.param("", f"no host  {NONE}", id="nothing"),
        pytest.param(".*", f"no host .* {NONE}", id="no pattern"),
    ],
)  # fmt: skip
def test_a_host_that_is_not_singled_out(name: str, said: str) -> None:
    with pytest.raises(HostError) as caught:
        by_name(HOSTS, name)
    assert str(caught.value) == said


def test_a_window_without_hosts_is_said() -> None:
    with pytest.raises(HostError, match="no host web in this window; there are: none"):
        by_name(HOSTS.iloc[:0], "web")


def test_a_host_is_called_by_its_short_name_too() -> None:
    assert called(["WEB.example", "web", "10.0.0.5"]) == ["10.0.0.5", "WEB", "WEB.example", "web"]


def entity(**fields: Any) -> str:
    return json.dumps([{"Type": "ip", "Address": "web"}, {"Type": "host", **fields}])


@pytest.mark.parametrize(
    ("computers", "entities", "compromised", "kept"),
    [
        pytest.param(["web"], entity(HostName="WEB"), None, True, id="case"),
        pytest.param(["web"], entity(HostName="web-01"), None, False, id="a name that begins so"),
        pytest.param(["web.example"], entity(HostName="web"), None, True, id="by its short name"),
        pytest.param(["web"], entity(HostName="web", DnsDomain="example"), None, True,
                     id="by its FQDN"),
        pytest.param(["web", "web.a"], entity(HostName="web", DnsDomain="b"), None, False,
                     id="another FQDN of that short name"),
        pytest.param(["web.a"], entity(HostName="web.b"), None, False, id="another FQDN"),
        pytest.param(["web"], entity(NetBiosName="WEB"), None, True, id="NetBIOS"),
        pytest.param(["web"], "[]", "Web.", True, id="compromised entity"),
        pytest.param(["web"], '[{"Type":"HOST","HostName":"web"}]', None, True, id="type's case"),
        pytest.param(["web"], '[{"Type":"account","HostName":"web"}]', None, False, id="a user"),
        pytest.param(["web"], '[{"Type":"file","Name":"web"}]', "db", False, id="a file"),
        pytest.param(["10.0.0.5"], entity(HostName="10"), None, False, id="part of an address"),
        *(pytest.param(["web"], text, None, False, id=f"entities {text!r}")
          for text in (None, "", "{", "7", "{}", '["web"]', '[{"Type":null}]',
                       '[{"Type":"host","HostName":7}]', '[{"Type":"host","HostName":null}]')),
    ],
)  # fmt: skip
def test_alerts_that_name_a_host(
    computers: list[str], entities: Any, compromised: Any, kept: bool
) -> None:
    columns = {"AlertName": STR, "Entities": STR, "CompromisedEntity": STR}
    alerts = frame(columns, [("x", entities, compromised), ("other", None, "else")])
    assert_frame_equal(alerts_on(alerts, computers), alerts.iloc[: int(kept)])


def test_no_alerts() -> None:
    none = frame({"Entities": STR, "CompromisedEntity": STR}, [])
    assert_frame_equal(alerts_on(none, ["web"]), none)
