"""The sample incident's files: in order, matching each other, as the programs write them."""

from __future__ import annotations

import csv
import ipaddress
import json
import re
from collections import defaultdict
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest
from geoip2fast import GeoIP2Fast

from linuxhunt.evidence import ingest
from linuxhunt.evidence.sample import write_sample
from linuxhunt.schema import TABLES

from .sampled import END, SEEDS, START, Sample, stamp


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seed: f"seed {seed}")
def sample(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return Sample(write_sample(tmp_path_factory.mktemp("sample"), seed=request.param, scale=0.2))


def test_every_log_is_in_order_of_time_and_within_the_window(sample: Sample) -> None:
    for path, lines in sample.files.items():
        if "/var/log/" in path or path.endswith("conn.log"):
            times = [when for line in lines if (when := stamp(path, line))]
            assert START <= times[0] <= times[-1] < END, path
            late = [n for n, (a, b) in enumerate(pairwise(times)) if b < a]
            slack = {n for n in late if (times[n] - times[n + 1]).total_seconds() < 0.02}
            assert set(late) - slack == set(), path
            if not path.endswith("conn.log"):
                assert late == [], path


def test_audit_serials_grow_and_events_are_whole(sample: Sample) -> None:
    for host in (sample.names["web"], sample.names["app"]):
        lines = sample.files[f"{host}/var/log/audit/audit.log"]
        serials = [
            int(re.match(r"type=\w+ msg=audit\([\d.]+:(\d+)\): ", line)[1]) for line in lines
        ]  # type: ignore[index]
        assert serials == sorted(serials)
        assert sorted(set(serials)) == list(range(serials[0], serials[-1] + 1))


OPENED = re.compile(
    r" (?P<program>[^ \[:]+)(?:\[(?P<pid>\d+)\])?: pam_unix\((?P<service>[\w-]+):session\): "
    r"session (?P<what>opened|closed) for user (?P<user>[^( ]+)"
)


def test_sessions_open_and_close_but_the_intruder_stays(sample: Sample) -> None:
    still = []
    for host in sample.hosts:
        running: dict[tuple[str, str, str | None], int] = defaultdict(int)
        for line in sample.text(host, "auth.log", "secure"):
            if match := OPENED.search(line):
                service, user, pid = match["service"], match["user"], match["pid"]
                key = (service, user, pid)
                running[key] += 1 if match["what"] == "opened" else -1
                assert running[key] in (0, 1) or service.startswith("sudo"), line
        still += [(key[0], key[1]) for key, count in running.items() if count]
    added = sample.names["added"]
    assert sorted(still) == [("sshd", added), ("systemd-user", added)]


def test_sshd_logind_and_audit_agree_on_sessions(sample: Sample) -> None:
    """On the web host: accepted by a pid = audit's LOGIN of that pid = logind's new session."""
    host = sample.names["web"]
    users = {}
    for line in sample.files[f"{host}/etc/passwd"]:
        name, _, uid, *_ = line.split(":")
        users[uid] = name
    accepted, logind, audited = [], [], []
    for line in sample.text(host, "auth.log"):
        if match := re.search(r"sshd\[(\d+)\]: Accepted \w+ for (\S+) from", line):
            accepted.append((match[1], match[2]))
        if match := re.search(r"systemd-logind\[\d+\]: New session (\d+) of user (\S+)\.", line):
            logind.append((match[1], match[2]))
    pids, numbers = [], []
    for line in sample.files[f"{host}/var/log/audit/audit.log"]:
        match = re.match(r"type=LOGIN msg=\S+ pid=(\d+) .* auid=(\d+) .* ses=(\d+) res=1", line)
        if match:
            audited.append((match[1], users[match[2]], match[3]))
    sshd = {pid for pid, _ in accepted}
    for pid, user, ses in audited:
        if pid in sshd:
            pids.append((pid, user))
            numbers.append((ses, user))
    assert pids == accepted
    assert numbers == logind
    assert len({ses for _, _, ses in audited}) == len(audited)


ADDRESS = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")


def test_public_addresses_are_placed_and_the_intruders_are_elsewhere(sample: Sample) -> None:
    geo = GeoIP2Fast(geoip2fast_data_file="geoip2fast-asn-ipv6.dat.gz")
    found = {
        address
        for path, lines in sample.files.items()
        if "/etc/" not in path
        for line in lines
        for address in ADDRESS.findall(line)
        if all(int(part) < 256 for part in address.split("."))
    }
    public = {address for address in found if ipaddress.ip_address(address).is_global}
    assert len(public) > 100
    placed = {address: geo.lookup(address).country_code for address in public}
    assert [
        address for address, country in placed.items() if not re.fullmatch("[A-Z]{2}", country)
    ] == []
    names = sample.names
    home = {placed[a] for admin in names["admins"] for a in admin["addresses"] if a in placed}
    away = [placed[names[name]] for name in ("guesser", "entry", "visitor", "c2", "drop")]
    assert home.isdisjoint(away)
    assert len(set(away)) == 5


def test_exports_have_the_tables_columns_and_tell_of_the_incident(sample: Sample) -> None:
    rows: dict[str, list[dict[str, str]]] = {}
    for table in ("SecurityAlert", "Heartbeat", "HuntingBookmark"):
        text = (sample.folder / f"workspace/{table}.csv").read_text("utf-8")
        reader = csv.DictReader(text.splitlines())
        rows[table] = list(reader)
        assert list(reader.fieldnames or []) == list(TABLES[table])
    names = sample.names
    alerts = [(row["AlertSeverity"], row["CompromisedEntity"]) for row in rows["SecurityAlert"]]
    assert alerts == [("Low", names["app"]), ("High", names["web"]), ("Medium", names["web"])]
    entities = json.loads(rows["SecurityAlert"][1]["Entities"])
    assert [e.get("Address") or e.get("HostName") or e.get("Name") for e in entities] == [
        names["web"],
        names["guesser"],
        names["victim"],
    ]
    assert {row["Computer"] for row in rows["Heartbeat"]} == set(sample.hosts)
    assert [row["SoftDeleted"] for row in rows["HuntingBookmark"]].count("true") == 1
    lines = (sample.folder / "workspace/ThreatIntelIndicators.jsonl").read_text("utf-8")
    listed = [json.loads(line) for line in lines.splitlines()]
    assert all(set(row) <= set(TABLES["ThreatIntelIndicators"]) for row in listed)
    latest = {row["Id"]: row for row in listed}
    active = {row["ObservableValue"] for row in latest.values() if row["IsActive"]}
    assert {names["guesser"], names["c2"], names["domain"]} <= active
    assert names["admins"][0]["addresses"][0] not in active
    assert len(latest) == 54


def test_wtmp_begins_where_the_intruder_emptied_it(sample: Sample) -> None:
    web = sample.names["web"]
    cover = next(act for act in sample.truth["acts"] if act["act"] == "cover")
    for name in ("wtmp", "btmp"):
        first = stamp(name, sample.files[f"{web}/var/log/{name}"][0])
        assert first is not None
        assert first > datetime.fromisoformat(cover["time"])
    who = [record[44:76].rstrip("\0") for record in sample.files[f"{web}/var/log/wtmp"]]
    assert who[0] == ""  # the intruder's own logoff
    assert sample.names["added"] in who


def test_beacon_is_steady(sample: Sample) -> None:
    times = sorted(float(line.split("\t")[0]) for line in sample.acts["beacon"])
    gaps = [b - a for a, b in pairwise(times)]
    steady = [gap for gap in gaps if 53.9 < gap < 66.1]
    assert len(steady) / len(gaps) > 0.9
    assert times[-1] - times[0] > 36 * 3600


def test_case_holds_every_record_of_the_truth_and_rejects_nothing(
    sample: Sample, tmp_path: Path
) -> None:
    case = tmp_path / "case.duckdb"
    ingest([sample.folder], case)
    with duckdb.connect(str(case), read_only=True) as con:
        ids = set()
        for table in ("Syslog", "AuditLog_CL", "ASimNetworkSessionLogs", "LinuxLogin_CL"):
            ids |= {row[0] for row in con.sql(f"SELECT _ItemId FROM {table}").fetchall()}
            first, last = con.sql(
                f"SELECT min(TimeGenerated), max(TimeGenerated) FROM {table}"
            ).fetchall()[0]
            assert START.replace(tzinfo=None) <= first <= last < END.replace(tzinfo=None), table
        rejected = con.sql("SELECT FilePath, LineNumber, RawData FROM LinuxReject_CL").fetchall()
    named = {record for act in sample.truth["acts"] for record in act["records"]}
    assert named - ids == set()
    assert rejected == []


def test_accounts_are_the_casts_and_nobody_elses(sample: Sample) -> None:
    names = sample.names
    people = {admin["name"] for admin in names["admins"]}
    web, db, app = (
        {
            line.split(":")[0]
            for line in sample.files[f"{host}/etc/passwd"]
            if 1000 <= int(line.split(":")[2]) < 65534
        }
        for host in sample.hosts
    )
    assert web == people | {names["victim"], names["added"]}
    assert db < people
    assert app - {names["newcomer"]} < people
    assert names["newcomer"] in app
    assert all(re.fullmatch("[a-z]+", name) for name in people)
