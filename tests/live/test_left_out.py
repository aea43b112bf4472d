"""What the run says where the live tests are left out, or cannot run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from . import host
from .conftest import wanted


@pytest.mark.parametrize(
    ("setting", "runs"),
    [
        pytest.param({}, False, id="neither"),
        pytest.param({"CI": "", "LIVE": ""}, False, id="empty"),
        pytest.param({"CI": "false", "LIVE": "0"}, False, id="switched-off"),
        pytest.param({"CI": "true"}, True, id="ci"),
        pytest.param({"LIVE": "1"}, True, id="live"),
    ],
)
def test_where_the_live_tests_run(
    setting: dict[str, str], runs: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CI", "LIVE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in setting.items():
        monkeypatch.setenv(name, value)
    assert wanted() == runs


SENTENCE = (
    " tests left out (set LIVE=1, as root, with Debian's auditd, cron, iproute2,"
    " openssh-client, openssh-server, passwd, rsyslog, sudo, util-linux)\n"
)


@pytest.mark.parametrize("live", [False, True], ids=["left-out", "collected"])
def test_the_run_says_what_is_left_out(live: bool) -> None:
    plain = {name: value for name, value in os.environ.items() if name not in ("CI", "LIVE")}
    here = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", here],
        env=plain | ({"LIVE": "1"} if live else {}),
        cwd=here.parent.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    said = "\nlive: " in done.stdout and SENTENCE in done.stdout
    assert ("test_live.py::" in done.stdout, said) == (live, not live)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "NEEDED", {"/nowhere/sshd": "openssh-server", "/bin/sh": "dash"})
    with pytest.raises(host.LiveError, match=r"need Debian's openssh-server: apt-get install"):
        host.check()


def test_who_is_not_root_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "NEEDED", {"/bin/sh": "dash"})
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(host.LiveError, match="run them as root"):
        host.check()


def test_a_machine_that_refuses_namespaces_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    refusing = tmp_path / "unshare"
    refusing.write_text("#!/bin/sh\necho 'unshare failed: Operation not permitted' >&2\nexit 1\n")
    refusing.chmod(0o755)
    monkeypatch.setattr(host, "NEEDED", {"/bin/sh": "dash"})
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(host.LiveError, match=r"refused here \(unshare failed: Operation not"):
        host.check()
