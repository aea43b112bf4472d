"""What the run says where the live tests are left out, or cannot run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from . import host


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        pytest.param({}, True, id="neither"),
        pytest.param({"CI": "false", "LIVE": "0"}, True, id="switched-off"),
        pytest.param({"CI": "true"}, False, id="ci"),
        pytest.param({"LIVE": "1"}, False, id="live"),
    ],
)
def test_the_run_says_what_is_left_out(setting: dict[str, str], said: bool) -> None:
    plain = {name: value for name, value in os.environ.items() if name not in ("CI", "LIVE")}
    here = Path(__file__).parent
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "--collect-only",
            "-q",
            "-p",
            "no:cacheprovider",
            str(here),
        ],
        env=plain | setting,
        cwd=here.parent.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    collected = "test_live.py::" in done.stdout
    sentence = (
        " tests left out (set LIVE=1, as root, with Debian's adduser, cron, iproute2, "
        "openssh-client, openssh-server, passwd, rsyslog, sudo, util-linux)\n"
    )
    assert (collected, "live: " in done.stdout and sentence in done.stdout) == (not said, said)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "NEEDED", {"/nowhere/sshd": "openssh-server", "/bin/sh": "dash"})
    with pytest.raises(host.LiveError, match=r"need Debian's openssh-server: apt-get install"):
        host.check()


def test_who_is_not_root_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "NEEDED", {"/bin/sh": "dash"})
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(host.LiveError, match="run them as root"):
        host.check()
