"""What the workspace holds about the sample incident: alerts, heartbeats, indicators, bookmarks.

Columns are those of :data:`linuxhunt.schema.TABLES`, as the portal exports them: CSV with booleans
as true and false and JSON in text; indicators as JSON lines.
"""

from __future__ import annotations

import csv
import io
import json
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from linuxhunt.evidence.sample_cast import Cast, far_address
from linuxhunt.schema import TABLES

__all__ = ["write_exports"]

_TENANT = "11111111-2222-4333-8444-555555555555"
_SYSTEMS = {
    "web": ("Ubuntu", "22", "04"),
    "db": ("Debian GNU/Linux", "13", "3"),
    "app": ("Red Hat Enterprise Linux", "9", "5"),
}
Row = dict[str, Any]


def write_exports(
    folder: Path,
    cast: Cast,
    random: Random,
    addresses: dict[str, str],
    acts: dict[str, datetime],
    start: datetime,
    end: datetime,
) -> None:
    """Write SecurityAlert.csv, Heartbeat.csv, HuntingBookmark.csv, ThreatIntelIndicators.jsonl.

    Args:
        folder: where.
        cast: who took part.
        random: for identifiers.
        addresses: ``web``, ``db``, ``app`` -> internal address.
        acts: act -> when it began.
        start: of the window.
        end: of the window, not in it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _csv(folder, "SecurityAlert", _alerts(cast, random, acts, start))
    _csv(folder, "Heartbeat", _heartbeats(cast, random, addresses, start, end))
    _csv(folder, "HuntingBookmark", _bookmarks(cast, random, acts, start))
    lines = [
        _json(_filled("ThreatIntelIndicators", row)) for row in _indicators(cast, random, start)
    ]
    path = folder / "ThreatIntelIndicators.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8", newline="")


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _utc(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond:06d}Z"


def _guid(random: Random) -> str:
    return str(uuid.UUID(bytes=random.randbytes(16), version=4))


def _filled(table: str, row: Row) -> Row:
    unknown = row.keys() - TABLES[table].keys()
    if unknown:
        raise KeyError(f"{table} has no column {', '.join(sorted(unknown))}")
    return {name: row[name] for name in TABLES[table] if name in row} | {"Type": table}


def _csv(folder: Path, table: str, rows: list[Row]) -> None:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(TABLES[table]), lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        writer.writerow(
            {
                name: str(value).lower() if isinstance(value, bool) else value
                for name, value in _filled(table, row).items()
            }
        )
    (folder / f"{table}.csv").write_text(text.getvalue(), "utf-8", newline="")


def _alerts(
    cast: Cast,
    random: Random,
    acts: dict[str, datetime],
    start: datetime,
) -> list[Row]:
    """Two alerts of the incident, one of another host that means nothing."""

    def alert(
        name: str,
        severity: str,
        host: str,
        began: datetime,
        ended: datetime,
        technique: str,
        tactic: str,
        description: str,
        entities: list[Row],
    ) -> Row:
        made = ended + timedelta(minutes=random.uniform(2, 9))
        machine: Row = {"$id": "1", "HostName": host, "OSFamily": "Linux", "Type": "host"}
        return {
            "TimeGenerated": _utc(made),
            "DisplayName": name,
            "AlertName": name,
            "AlertSeverity": severity,
            "Description": description,
            "ProviderName": "MDC",
            "VendorName": "Microsoft",
            "VendorOriginalId": _guid(random),
            "SystemAlertId": _guid(random),
            "AlertType": f"VM_{name.title().replace(' ', '')}",
            "IsIncident": False,
            "StartTime": _utc(began),
            "EndTime": _utc(ended),
            "ProcessingEndTime": _utc(made),
            "ExtendedProperties": _json({"Compromised Host": host.upper()}),
            "Entities": _json([machine, *entities]),
            "ProductName": "Microsoft Defender for Cloud",
            "Status": "New",
            "CompromisedEntity": host,
            "Tactics": tactic,
            "Techniques": _json([technique]),
            "SubTechniques": "[]",
            "TenantId": _TENANT,
        }

    address: Row = {"$id": "2", "Address": cast.guesser, "Type": "ip"}
    account: Row = {"$id": "3", "Name": cast.victim, "Host": {"$ref": "1"}, "Type": "account"}
    program: Row = {
        "$id": "2",
        "CommandLine": "sh -c id;whoami",
        "ImageFile": {"Directory": "/bin", "Name": "sh", "Type": "file"},
        "Host": {"$ref": "1"},
        "Type": "process",
    }
    noise = start + timedelta(hours=13, minutes=random.uniform(0, 50))
    return [
        alert(
            "Unusual amount of package downloads",
            "Low",
            cast.app,
            noise,
            noise + timedelta(minutes=5),
            "T1105",
            "CommandAndControl",
            "A host fetched more packages than it usually does.",
            [],
        ),
        alert(
            "Successful SSH brute force attack",
            "High",
            cast.web,
            acts["guess"],
            acts["login"],
            "T1110",
            "CredentialAccess",
            f"Several failed logons from {cast.guesser} were followed by a success.",
            [address, account],
        ),
        alert(
            "Suspicious process started by a web server",
            "Medium",
            cast.web,
            acts["webshell use"],
            acts["webshell use"] + timedelta(minutes=3),
            "T1505",
            "Persistence",
            "A web server's child started a shell.",
            [program],
        ),
    ]


def _heartbeats(
    cast: Cast, random: Random, addresses: dict[str, str], start: datetime, end: datetime
) -> list[Row]:
    """One row a host every quarter of an hour (an agent sends one a minute)."""
    names = {"web": cast.web, "db": cast.db, "app": cast.app}
    ids = {kind: _guid(random) for kind in names}
    rows = []
    for minute in range(0, int((end - start) / timedelta(minutes=1)), 15):
        for kind, name in names.items():
            when = start + timedelta(minutes=minute, seconds=random.uniform(1, 40))
            still = start + timedelta(days=1, hours=22, minutes=7)
            if kind == "app" and still <= when < still + timedelta(minutes=47):
                continue
            system, major, minor = _SYSTEMS[kind]
            rows.append(
                {
                    "TimeGenerated": _utc(when),
                    "Computer": name,
                    "ComputerIP": addresses[kind],
                    "Category": "Azure Monitor Agent",
                    "OSType": "Linux",
                    "OSName": system,
                    "OSMajorVersion": major,
                    "OSMinorVersion": minor,
                    "Version": "1.33.4",
                    "IsGatewayInstalled": False,
                    "ComputerEnvironment": "Non-Azure",
                    "Solutions": "security",
                    "VMUUID": ids[kind],
                    "ComputerPrivateIPs": _json([addresses[kind]]),
                    "SourceSystem": "Linux",
                    "TenantId": _TENANT,
                }
            )
    return sorted(rows, key=lambda row: str(row["TimeGenerated"]))


def _bookmarks(cast: Cast, random: Random, acts: dict[str, datetime], start: datetime) -> list[Row]:
    """An analyst's bookmark of the logon, and one that was deleted again."""
    rows = []
    for name, when, deleted, notes in (
        ("Outbound to unknown host", start + timedelta(hours=30), True, "CDN of ours, no case"),
        ("Logon after many failures", acts["login"], False, f"{cast.victim} should not log on"),
    ):
        created = when + timedelta(hours=7, minutes=random.uniform(0, 59))
        entity = {"Address": cast.guesser, "Type": "ip"}
        row = {
            "TimeGenerated": _utc(created),
            "BookmarkId": _guid(random),
            "BookmarkName": name,
            "CreatedBy": _json({"Name": "analyst"}),
            "UpdatedBy": _json({"Name": "analyst"}),
            "CreatedTime": _utc(created),
            "LastUpdatedTime": _utc(created),
            "EventTime": _utc(when),
            "QueryText": f'Syslog | where Computer == "{cast.web}"',
            "QueryResultRow": _json({"Computer": cast.web, "TimeGenerated": _utc(when)}),
            "QueryStartTime": _utc(when - timedelta(hours=1)),
            "QueryEndTime": _utc(when + timedelta(hours=1)),
            "Notes": notes,
            "Entities": _json([] if deleted else [entity]),
            "SoftDeleted": False,
            "Tags": "[]",
            "TenantId": _TENANT,
        }
        rows.append(row)
        if deleted:
            gone = created + timedelta(hours=1)
            rows.append(
                {
                    **row,
                    "TimeGenerated": _utc(gone),
                    "LastUpdatedTime": _utc(gone),
                    "SoftDeleted": True,
                }
            )
    return sorted(rows, key=lambda row: str(row["TimeGenerated"]))


def _indicators(cast: Cast, random: Random, start: datetime) -> list[Row]:
    """The guesser, the C2 and its domain among fifty others, and an administrator's address.

    Sentinel sends each indicator again every few days, under the same Id: two rows each. The
    administrator's was a mistake, which its second row takes back.
    """
    observed = [("ipv4-addr:value", cast.guesser, 60), ("ipv4-addr:value", cast.c2, 90)]
    observed.append(("domain-name:value", cast.domain, 80))
    mistake = cast.admins[0].addresses[0]
    observed.append(("ipv4-addr:value", mistake, 40))
    for _ in range(40):
        observed.append(("ipv4-addr:value", far_address(random), random.randrange(20, 95)))
    for n in range(10):
        domain = f"{random.choice(('mail', 'dl', 'cdn', 'api'))}{n}-{random.randrange(999)}.example"
        observed.append(("domain-name:value", domain, random.randrange(20, 95)))
    random.shuffle(observed)
    rows = []
    for key, value, confidence in observed:
        made = start - timedelta(days=random.uniform(8, 60))
        again = start + timedelta(days=random.uniform(-5, 2))
        first = _indicator(key, value, confidence, made, start, _guid(random))
        gone = value == mistake
        rows.append(first)
        rows.append(
            {
                **first,
                "TimeGenerated": _utc(again),
                "Modified": _utc(again if gone else made),
                "IsActive": not gone,
                "IsDeleted": gone,
                "Revoked": gone,
            }
        )
    return sorted(rows, key=lambda row: str(row["TimeGenerated"]))


def _indicator(
    key: str, value: str, confidence: int, made: datetime, start: datetime, guid: str
) -> Row:
    pattern, stix = f"[{key} = '{value}']", f"indicator--{guid}"
    return {
        "TimeGenerated": _utc(made + timedelta(minutes=3)),
        "TenantId": _TENANT,
        "Id": f"sample---{stix}",
        "SourceSystem": "Microsoft Sentinel",
        "LastUpdateMethod": "IndicatorCreator",
        "IsDeleted": False,
        "IsActive": True,
        "Revoked": False,
        "ValidFrom": _utc(made),
        "ValidUntil": _utc(start + timedelta(days=90)),
        "Created": _utc(made),
        "Modified": _utc(made),
        "Tags": "",
        "Confidence": confidence,
        "Pattern": pattern,
        "ObservableKey": key,
        "ObservableValue": value,
        "Source": "sample feed",
        "AdditionalFields": {"TLPLevel": "Green"},
        "Data": {
            "id": stix,
            "type": "indicator",
            "pattern": pattern,
            "pattern_type": "stix",
            "indicator_types": ["malicious-activity"],
            "confidence": confidence,
        },
    }
