"""The sample incident: the same bytes for the same seed, and every claim of its truth is so."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from linuxhunt.errors import EvidenceError, ParameterError
from linuxhunt.evidence.sample import write_sample

from .sampled import END, SEEDS, START, Sample


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
        pytest.param("discovery", [r'a0="whoami"', r"USER=root ; COMMAND=list$"], id="look"),
        pytest.param(
            "shadow",
            [
                r"sudo: +{victim} : TTY=pts/\d+ ; PWD=.* ; USER=root ; COMMAND=.*/shadow",
                r"type=USER_CMD .* auid=1010 .*res=success",
            ],
            id="shadow",
        ),
        pytest.param(
            "root",
            [
                r"{victim} : TTY=.*COMMAND=(/usr/bin/su -|/bin/bash|/usr/bin/bash)$",
                r"pam_unix\(sudo(-i)?:session\): session opened for user root\(uid=0\) by {victim}",
                r"pam_unix\(sudo(-i)?:session\): session closed for user root",
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
        pytest.param("key", [r'a0="chmod" a1="600" a2="/home/{added}/\.ssh/auth'], id="key"),
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
            [r'a0="curl" a1="-fsSL"', r"\t{c2}\t80\ttcp\thttp\t", r'/{implant}" a1="-q"'],
            id="download",
        ),
        pytest.param(
            "beacon", [r"\t10\.20\.0\.11\t\d+\t{c2}\t(443|8443)\ttcp\tssl\t"], id="beacon"
        ),
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


def test_modification_times_give_the_year(sample: Sample) -> None:
    for path in sample.files:
        if "/var/log/" in path:
            when = datetime.fromtimestamp((sample.folder / path).stat().st_mtime, UTC)
            assert START <= when <= END, path


@pytest.mark.parametrize("scale", [0, -1.0, 0.001, 1001, float("nan"), float("inf")])
def test_scale_out_of_range_is_refused(tmp_path: Path, scale: float) -> None:
    with pytest.raises(ParameterError, match="not between"):
        write_sample(tmp_path, scale=scale)
    assert list(tmp_path.iterdir()) == []


def test_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("x")
    with pytest.raises(EvidenceError, match="cannot write the sample"):
        write_sample(path, scale=0.01)
    assert path.read_text() == "x"


def test_folder_with_another_sample_is_refused_and_the_same_is_written_again(
    tmp_path: Path,
) -> None:
    write_sample(tmp_path, seed=1, scale=0.01)
    before = contents(tmp_path)
    with pytest.raises(EvidenceError, match="holds another sample already"):
        write_sample(tmp_path, seed=2, scale=0.01)
    write_sample(tmp_path, seed=1, scale=0.01)
    assert contents(tmp_path) == before
