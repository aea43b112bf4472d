"""The sample incident: the same bytes for the same seed, and every claim of its truth is so."""

from __future__ import annotations

import csv
import gzip
import ipaddress
import json
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pytest
from geoip2fast import GeoIP2Fast

from linuxhunt.errors import EvidenceError, ParameterError
from linuxhunt.evidence import ingest
from linuxhunt.evidence.sample import write_sample
from linuxhunt.schema import TABLES

SEEDS = [1, 2, 3, 11]
START, END = datetime(2026, 3, 12, tzinfo=UTC), datetime(2026, 3, 15, tzinfo=UTC)


class Sample:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.truth: dict[str, Any] = json.loads((folder / "truth.json").read_text())
        self.names: dict[str, Any] = self.truth["names"]

    @cached_property
    def files(self) -> dict[str, list[str]]:
        """Path -> lines; not by splitlines, for which audit's 0x1d is a line's end."""
        found = {}
        for path in sorted(self.folder.rglob("*")):
            if path.is_file():
                raw = path.read_bytes()
                raw = gzip.decompress(raw) if path.suffix == ".gz" else raw
                found[path.relative_to(self.folder).as_posix()] = raw.decode().split("\n")[:-1]
        return found

    @cached_property
    def acts(self) -> dict[str, list[str]]:
        """Act -> the lines that truth.json names."""
        return {act["act"]: [self.line(r) for r in act["records"]] for act in self.truth["acts"]}

    def line(self, record: str) -> str:
        path, _, number = record.rpartition(":")
        return self.files[path][int(number) - 1]

    def text(self, host: str, *names: str) -> Iterator[str]:
        """Lines of a host's logs of these names, rotated ones first."""
        for name in names:
            for suffix in (".2.gz", ".1", ""):
                yield from self.files.get(f"{host}/var/log/{name}{suffix}", [])

    @property
    def hosts(self) -> list[str]:
        return [self.names["web"], self.names["db"], self.names["app"]]


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seed: f"seed {seed}")
def sample(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return Sample(write_sample(tmp_path_factory.mktemp("sample"), seed=request.param, scale=0.2))


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_same_seed_same_bytes_also_with_another_hash_seed(tmp_path: Path) -> None:
    here = write_sample(tmp_path / "here", seed=5, scale=0.1)
    code = (
        "import sys, pathlib; from linuxhunt.evidence.sample import write_sample; "
        "write_sample(pathlib.Path(sys.argv[1]), seed=5, scale=0.1)"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "77", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    command = [sys.executable, "-c", code, str(tmp_path / "there")]
    subprocess.run(command, check=True, env=environment)
    assert contents(here) == contents(tmp_path / "there")


def test_seeds_differ_in_who_and_when(tmp_path: Path) -> None:
    one, two = (Sample(write_sample(tmp_path / str(n), seed=n, scale=0.05)) for n in (1, 2))
    for name in ("guesser", "entry", "visitor", "c2", "drop", "keys", "admins"):
        assert one.names[name] != two.names[name], name
    orders = {
        tuple(act["act"] for act in Sample(path).truth["acts"])
        for path in (write_sample(tmp_path / f"o{n}", seed=n, scale=0.05) for n in range(3, 8))
    }
    assert len(orders) > 2


@pytest.mark.parametrize(
    ("act", "patterns"),
    [
        pytest.param(
            "guess",
            [
                r"sshd\[\d+\]: Failed password for (invalid user )?{victim} from {guesser} port",
                r"Failed password for root from {guesser} port",
                r"type=USER_AUTH .*addr={guesser} terminal=ssh res=failed",
                r"type=USER_LOGIN .*addr={guesser} terminal=sshd res=failed",
                r"^\d+\.\d+\tC\w{{17}}\t{guesser}\t\d+\t10\.20\.0\.11\t22\ttcp\tssh\t",
            ],
            id="guess",
        ),
        pytest.param(
            "login",
            [
                r"Accepted password for {victim} from {guesser} port \d+ ssh2$",
                r"session opened for user {victim}\(uid=1010\) by \(uid=0\)",
                r"New session \d+ of user {victim}\.",
                r"type=LOGIN .* auid=1010 ",
                r"type=USER_LOGIN .*addr={guesser} terminal=/dev/pts/\d+ res=success",
                r"session closed for user {victim}",
            ],
            id="login",
        ),
        pytest.param("discovery", [r'type=EXECVE .*a0="whoami"', r'a0="sudo" a1="-l"'], id="look"),
        pytest.param(
            "shadow",
            [
                r"sudo: +{victim} : TTY=pts/\d+ ; PWD=/home/{victim} ; USER=root ; COMMAND=.*shadow",
                r"type=USER_CMD .* auid=1010 .*res=success",
            ],
            id="shadow",
        ),
        pytest.param(
            "root",
            [
                r"{victim} : TTY=.*COMMAND=(/usr/bin/su -|/bin/bash|/usr/bin/bash)$",
                r"pam_unix\(sudo:session\): session opened for user root\(uid=0\) by {victim}",
                r"pam_unix\(sudo:session\): session closed for user root",
            ],
            id="root",
        ),
        pytest.param(
            "account",
            [
                r"useradd\[\d+\]: new user: name={added}, UID=\d+, GID=\d+, home=/home/{added}",
                r"usermod\[\d+\]: add '{added}' to group 'sudo'",
                r"chpasswd\[\d+\]: pam_unix\(chpasswd:chauthtok\): password changed for {added}",
                r"type=ADD_USER .*op=adding user id=\d+",
            ],
            id="account",
        ),
        pytest.param("key", [r"type=EXECVE .*a0=\"chmod\" a1=\"600\" a2=\"/home/{added}/"], id="key"),
        pytest.param(
            "cron",
            [
                r"RELOAD \((crontabs/root|/etc/cron.d/{added})\)",
                r"CRON\[\d+\]: \(root\) CMD \(pgrep -f {implant} ",
                r"CRON\[\d+\]: pam_unix\(cron:session\): session closed for user root",
            ],
            id="cron",
        ),
        pytest.param(
            "webshell use",
            [
                r"\t{visitor}\t\d+\t10\.20\.0\.11\t443\t",
                r"type=SYSCALL .* auid=4294967295 uid=33 .* ses=4294967295 comm=\"sh\"",
                r'type=EXECVE .*a0="sh" a1="-c" a2="id;whoami"',
            ],
            id="web shell",
        ),
        pytest.param(
            "download",
            [r'type=EXECVE .*a0="curl" a1="-fsSL"', r"\t{c2}\t80\ttcp\thttp\t", r'/{implant}" a1="-q"'],
            id="download",
        ),
        pytest.param("beacon", [r"^\S+\t\S+\t10\.20\.0\.11\t\d+\t{c2}\t(443|8443)\ttcp\tssl"], id="C2"),
        pytest.param("archive", [r'a0="tar" a1="czf"'], id="archive"),
        pytest.param(
            "upload", [r"\t{drop}\t443\ttcp\tssl\t[\d.]+\t1[45]\d{{8}}\t", r'a0="curl" .*a2="-T"'],
            id="upload",
        ),
        pytest.param("cover", [r'a0="truncate" a1="-s" a2="0" a3="/var/log/wtmp"'], id="cover"),
        pytest.param(
            "return",
            [
                r"Accepted publickey for {added} from {entry} port \d+ ssh2: ED25519 SHA256:",
                r"session opened for user {added}\(uid=",
            ],
            id="return",
        ),
    ],
)  # fmt: skip
def test_records_of_an_act_say_what_it_says(sample: Sample, act: str, patterns: list[str]) -> None:
    who = {k: re.escape(v) for k, v in sample.names.items() if isinstance(v, str)}
    for pattern in patterns:
        wanted = re.compile(pattern.format(**who))
        assert any(wanted.search(line) for line in sample.acts[act]), wanted.pattern


def test_acts_are_all_there_in_order_on_the_web_host_with_records_of_their_own(
    sample: Sample,
) -> None:
    acts = sample.truth["acts"]
    assert {act["act"] for act in acts} == {
        "guess", "login", "discovery", "shadow", "root", "account", "key", "return", "download",
        "beacon", "cron", "webshell", "webshell use", "archive", "upload", "cover",
    }  # fmt: skip
    assert [act["time"] for act in acts] == sorted(act["time"] for act in acts)
    assert {act["host"] for act in acts} == {sample.truth["host"]} == {sample.names["web"]}
    counted = Counter(record for act in acts for record in act["records"])
    assert max(counted.values()) == 1
    assert all(re.fullmatch(r"T\d{4}(\.\d{3})?", act["technique"]) for act in acts)
    assert {record.split("/")[0] for record in counted} == {sample.names["web"], "sensor"}


def test_nothing_of_the_intruder_is_left_out_of_the_truth(sample: Sample) -> None:
    """Every line with one of the intruder's addresses or names is in some act."""
    named = {record for act in sample.truth["acts"] for record in act["records"]}
    mine = [sample.names[name] for name in ("guesser", "entry", "visitor", "c2", "drop", "added")]
    wanted = re.compile("|".join(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])" for name in mine))
    left = [
        f"{path}:{number}"
        for path, lines in sample.files.items()
        if "/var/log/" in path or path.startswith("sensor/")
        for number, line in enumerate(lines, 1)
        if wanted.search(line) and f"{path}:{number}" not in named
    ]
    assert left == []


def stamp(path: str, line: str) -> datetime | None:
    if match := re.match(r"type=\w+ msg=audit\((\d+\.\d+):", line):
        return datetime.fromtimestamp(float(match[1]), UTC)
    if path.endswith("conn.log"):
        fields = line.split("\t")
        if line.startswith("#"):
            return None
        lasted = 0.0 if fields[8] == "-" else float(fields[8])
        # A connection that failed is written a little after its only packet.
        return datetime.fromtimestamp(float(fields[0]) + (lasted or 0.01), UTC)
    if re.match(r"\d{4}-", line):
        return datetime.fromisoformat(line.split(" ")[0])
    return datetime.strptime("2026 " + line[:15], "%Y %b %d %H:%M:%S").replace(tzinfo=UTC)


def test_every_log_is_in_order_of_time_and_within_the_window(sample: Sample) -> None:
    for path, lines in sample.files.items():
        if "/var/log/" in path or path.endswith("conn.log"):
            times = [when for line in lines if (when := stamp(path, line))]
            assert START <= times[0] <= times[-1] < END, path
            late = [n for n, (a, b) in enumerate(zip(times, times[1:], strict=False)) if b < a]
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
                assert running[key] in (0, 1) or service == "sudo", line
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
    assert [entity.get("Address") or entity.get("HostName") or entity.get("Name") for entity in entities] == [
        names["web"], names["guesser"], names["victim"],
    ]  # fmt: skip
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


def test_beacon_is_steady(sample: Sample) -> None:
    times = sorted(float(line.split("\t")[0]) for line in sample.acts["beacon"])
    gaps = [b - a for a, b in zip(times, times[1:], strict=False)]
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
        for table in ("Syslog", "AuditLog_CL", "ASimNetworkSessionLogs"):
            ids |= {row[0] for row in con.sql(f"SELECT _ItemId FROM {table}").fetchall()}
            first, last = con.sql(
                f"SELECT min(TimeGenerated), max(TimeGenerated) FROM {table}"
            ).fetchall()[0]
            assert START.replace(tzinfo=None) <= first <= last < END.replace(tzinfo=None), table
        rejected = con.sql("SELECT FilePath, LineNumber, RawData FROM LinuxReject_CL").fetchall()
    named = {record for act in sample.truth["acts"] for record in act["records"]}
    assert named - ids == set()
    assert rejected == []


def test_modification_times_give_the_year(sample: Sample) -> None:
    for path in sample.files:
        if "/var/log/" in path:
            when = datetime.fromtimestamp((sample.folder / path).stat().st_mtime, UTC)
            assert START <= when <= END, path


@pytest.mark.parametrize("scale", [0, -1.0, 0.001, 1001, float("nan"), float("inf")])
def test_scale_out_of_range_is_refused(tmp_path: Path, scale: float) -> None:
    with pytest.raises(ParameterError, match="between 0.01 and 1000"):
        write_sample(tmp_path, scale=scale)
    assert list(tmp_path.iterdir()) == []


def test_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("x")
    with pytest.raises(EvidenceError, match="cannot write the sample"):
        write_sample(path, scale=0.01)
    assert path.read_text() == "x"
