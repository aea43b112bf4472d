"""Scripts that a web server wrote, jobs that a shell wrote."""

from __future__ import annotations

from typing import Any

import pytest

from linuxhunt.sections.proc_written import JobWritten, ServerWroteScript
from tests.made import events, utc
from tests.sections.people_made import told

UPLOADS = "/var/www/html/wp-content/uploads/2026/03/"


def wrote(path: str, exe: str, uid: str = "a", **more: Any) -> dict[str, Any]:
    return {
        "TimeGenerated": utc("2026-03-12 10:00"), "DvcHostname": "web01", "type": "SYSCALL",
        "uid": 33, "syscall": "openat", "success": "yes", "exe": exe, "cwd": "/srv",
        "fields": {"a2": "241"}, "RecordIds": [uid],
        "paths": [{"name": path.rpartition("/")[0] + "/", "nametype": "PARENT"},
                  {"name": path, "nametype": "CREATE"}], **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        pytest.param([wrote(UPLOADS + "x.php", "/usr/sbin/apache2")],
                     ["Medium: Script written by the server: x.php by apache2"], id="upload"),
        pytest.param([wrote(UPLOADS + "x.PHTML", "/usr/sbin/php-fpm8.2")],
                     ["Medium: Script written by the server: x.PHTML by php-fpm8.2"], id="case"),
        pytest.param([wrote(UPLOADS + "x.php", "/usr/sbin/php-fpm"),
                      wrote(UPLOADS + "y.php", "/usr/sbin/php-fpm", "b")],
                     ["Medium: Script written by the server: x.php by php-fpm"], id="two, one folder"),
        pytest.param([wrote("media/a.jsp", "/usr/lib/jvm/java-17/bin/java", cwd="/opt/app")], [
                         "Medium: Script written by the server: a.jsp by java"], id="relative"),
        pytest.param([wrote("/var/www/html/wp-content/plugins/p/p.php", "/usr/sbin/php-fpm8.2"),
                      wrote("/var/www/html/wp-content/themes/t/t.php", "/usr/sbin/php-fpm8.2")],
                     ["Low: Script written by the server: p.php by php-fpm8.2"], id="an update"),
        pytest.param([wrote(UPLOADS + "x.jpg", "/usr/sbin/apache2")], [], id="a picture"),
        pytest.param([wrote(UPLOADS + "x.php", "/usr/bin/rsync")], [], id="by no server"),
        pytest.param([wrote(UPLOADS + "x.php", "/usr/sbin/apache2", fields={"a2": "0"},
                            paths=[{"name": UPLOADS + "x.php", "nametype": "NORMAL"}])],
                     [], id="only read"),
        pytest.param([wrote(UPLOADS + "x.php", "/usr/sbin/apache2", success="no")], [], id="failed"),
    ],
)  # fmt: skip
def test_server_wrote_script(rows: list[dict[str, Any]], found: list[str]) -> None:
    assert told(ServerWroteScript().run({"audit": events("audit", rows)})) == found


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        pytest.param([wrote("/etc/cron.d/sysd", "/usr/bin/bash")],
                     ["Low: Scheduled job written: /etc/cron.d/sysd by bash"], id="cron.d"),
        pytest.param([wrote("/etc/systemd/system/a.service", "/usr/bin/curl"),
                      wrote("/etc/systemd/system/b.timer", "/usr/bin/curl", "b")],
                     ["Low: Unit of systemd written: /etc/systemd/system/a.service by curl"],
                     id="units by one program are one"),
        pytest.param([wrote("/etc/sudoers.d/x", "/usr/bin/tee")],
                     ["Low: Rights of sudo written: /etc/sudoers.d/x by tee"], id="sudoers"),
        pytest.param([wrote("/etc/cron.d/sysd", "/usr/bin/vim.basic"),
                      wrote("/etc/cron.d/sysd", "/usr/bin/dpkg")], [], id="editor, packages"),
        pytest.param([wrote("/etc/cron.d/sysd", "/usr/bin/bash", fields={"a2": "80000"},
                            paths=[{"name": "/etc/cron.d/sysd", "nametype": "NORMAL"}])],
                     [], id="only read"),
        pytest.param([wrote("/home/ann/notes", "/usr/bin/bash")], [], id="any other file"),
        pytest.param([], [], id="no audit"),
    ],
)  # fmt: skip
def test_job_written(rows: list[dict[str, Any]], found: list[str]) -> None:
    assert told(JobWritten().run({"audit": events("audit", rows)})) == found
