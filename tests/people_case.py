"""A case of one host where somebody guesses in, makes an account, and comes back with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from linuxhunt import connect
from linuxhunt.evidence import ingest
from linuxhunt.hunt import Hunt

GUESSES = "".join(
    f"Mar 12 01:10:{place + 10:02} web01 sshd[{200 + place}]: Failed password for carol from"
    f" 192.0.2.66 port {4100 + place} ssh2\n"
    for place in range(12)
)
AUTH = f"""\
Mar 11 09:00:01 web01 sshd[101]: Accepted publickey for alice from 198.51.100.4 port 4001 ssh2: ED25519 SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
Mar 11 09:00:01 web01 sshd[101]: pam_unix(sshd:session): session opened for user alice(uid=1000) by (uid=0)
Mar 11 09:05:00 web01 sudo[120]:    alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/usr/bin/systemctl restart nginx
Mar 11 09:30:00 web01 sshd[101]: pam_unix(sshd:session): session closed for user alice
{GUESSES}\
Mar 12 01:12:30 web01 sshd[230]: Accepted password for carol from 192.0.2.66 port 4200 ssh2
Mar 12 01:12:30 web01 sshd[230]: pam_unix(sshd:session): session opened for user carol(uid=1002) by (uid=0)
Mar 12 01:13:00 web01 sudo[240]:    carol : TTY=pts/1 ; PWD=/home/carol ; USER=root ; COMMAND=/usr/bin/cat /etc/shadow
Mar 12 01:14:00 web01 sudo[241]:    carol : TTY=pts/1 ; PWD=/home/carol ; USER=root ; COMMAND=/usr/sbin/useradd -m -s /bin/bash <b>eve</b>
Mar 12 01:14:01 web01 useradd[242]: new user: name=eve, UID=1003, GID=1003, home=/home/eve, shell=/bin/bash, from=/dev/pts/1
Mar 12 01:15:00 web01 sudo[243]:    carol : TTY=pts/1 ; PWD=/home/carol ; USER=root ; COMMAND=/usr/sbin/usermod -aG sudo eve
Mar 12 01:15:00 web01 usermod[244]: add 'eve' to group 'sudo'
Mar 12 01:40:00 web01 sudo[250]:    carol : TTY=pts/1 ; PWD=/root ; USER=root ; COMMAND=/usr/bin/crontab -e
Mar 12 01:50:00 web01 sshd[230]: pam_unix(sshd:session): session closed for user carol
Mar 12 02:30:00 web01 sshd[300]: Accepted password for eve from 192.0.2.66 port 4300 ssh2
Mar 12 02:30:00 web01 sshd[300]: pam_unix(sshd:session): session opened for user eve(uid=1003) by (uid=0)
"""
SYSLOG = """\
Mar 11 09:02:00 web01 nginx[50]: reopening logs
Mar 12 01:20:01 web01 CRON[60]: (root) CMD (/usr/local/bin/backup)
Mar 12 01:21:00 web01 kernel: device up
"""


@pytest.fixture(scope="module")
def people_case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("people")
    logs = folder / "evidence" / "web01" / "var" / "log"
    logs.mkdir(parents=True)
    (logs / "auth.log").write_text(AUTH)
    (logs / "syslog").write_text(SYSLOG)
    ingest([folder / "evidence"], folder / "case.duckdb", year=2026)
    return folder / "case.duckdb"


@pytest.fixture(scope="module")
def _opened(people_case: Path) -> Hunt:
    return connect(people_case, host="web01")


@pytest.fixture
def people_hunt(_opened: Hunt) -> Hunt:
    """Return the case as it is opened: the window whole, nothing picked."""
    if _opened.scope.host is None:
        _opened.select("web01", "2026-03-11T09:00Z", "2026-03-12T03:00Z")
    for page in (_opened.session, _opened.users):
        page.choice.forget()
    return _opened
