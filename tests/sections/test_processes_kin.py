"""What speaks for a command, and what stands beside or above it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from linuxhunt.sections.processes import (
    DiscoveryBurst,
    FasterThanTyped,
    PipedToShell,
    RiskyCommand,
    ServiceShell,
    ShellOfTool,
)
from tests.made import events
from tests.sections.commands_made import START, ran

ROOT = {"TargetUserId": 0}
PACKAGE = {**ROOT, "Tty": None}
AGENT = {**PACKAGE, "ActorUserId": None, "ActorSessionId": None, "LogonSessionId": None}


def told(check: Any, rows: list[dict[str, Any]], **more: Any) -> list[tuple[str, str]]:
    found = check.run({"processes": events("processes", rows), **more})
    return [(f.severity, f.title.split(":")[0]) for f in found]


STOPPED = "Logging or protection stopped"
MEMORY = "Memory or environment of a process read"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(
            [ran(0, "systemctl stop rsyslog", "a", **ROOT),
             ran(9, "systemctl start rsyslog", "b", **ROOT)],
            [("Low", STOPPED)], id="stopped and started",
        ),
        pytest.param(
            [ran(0, "service filebeat stop", "a", **ROOT),
             ran(2, "service filebeat start", "b", **ROOT)],
            [("Low", STOPPED)], id="by service",
        ),
        pytest.param(
            [ran(0, "systemctl stop rsyslog", "a", **ROOT),
             ran(40, "/usr/sbin/rsyslogd -n", "b", parent="systemd", ActorUserId=None, **ROOT)],
            [("Low", STOPPED)], id="its own program begins",
        ),
        pytest.param(
            [ran(0, "systemctl stop rsyslog", "a", **ROOT),
             ran(9, "systemctl start nginx", "b", **ROOT)],
            [("High", STOPPED)], id="another was started",
        ),
        pytest.param(
            [ran(0, "systemctl stop auditd", "a", **ROOT),
             ran(1800, "systemctl start auditd", "b", **ROOT)],
            [("High", STOPPED)], id="started after a gap",
        ),
        pytest.param(
            [ran(0, "systemctl stop rsyslog", "a", **ROOT),
             ran(9, "systemctl start rsyslog", "b", DvcHostname="web02", **ROOT)],
            [("High", STOPPED)], id="started on another host",
        ),
        pytest.param(
            [ran(0, "systemctl disable --now rsyslog", "a", **ROOT),
             ran(9, "systemctl start rsyslog", "b", **ROOT)],
            [("High", STOPPED)], id="disabled",
        ),
        pytest.param(
            [ran(0, "/usr/bin/dpkg --unpack x.deb", "dpkg", **PACKAGE),
             ran(1, "systemctl stop mdatp", "a", parent="dpkg", **PACKAGE),
             ran(600, "systemctl start mdatp", "b", parent="dpkg", **PACKAGE)],
            [("Low", STOPPED)], id="an upgrade takes longer",
        ),
        pytest.param(
            [ran(0, "systemctl stop rsyslog", "a", **ROOT),
             ran(5, "truncate -s 0 /var/log/auth.log", "t", **ROOT),
             ran(60, "systemctl start rsyslog", "b", **ROOT)],
            [("Medium", STOPPED), ("High", "Security log destroyed")],
            id="a log was emptied meanwhile",
        ),
        pytest.param(
            [ran(0, "/tmp/agent -d", "a")],
            [("Medium", "Run from a temporary folder")], id="a program in /tmp",
        ),
        pytest.param(
            [ran(0, "make check", "m"), ran(1, "/tmp/conftest", "a", parent="m")],
            [("Low", "Run from a temporary folder")], id="started by a build",
        ),
        pytest.param(
            [ran(0, "gcc -O2 -o /tmp/hello hello.c", "g"), ran(30, "/tmp/hello", "a")],
            [("Low", "Run from a temporary folder")], id="compiled just before",
        ),
        pytest.param(
            [ran(0, "/tmp/vagrant-shell", "a", Tty=None)],
            [("Low", "Run from a temporary folder")], id="a provisioner's script",
        ),
        pytest.param(
            [ran(0, "/tmp/vagrant-shell", "a")],
            [("Medium", "Run from a temporary folder")], id="its name at a terminal",
        ),
        pytest.param(
            [ran(0, "/opt/microsoft/mdatp/sbin/wdavdaemon", "d", parent="systemd", **AGENT),
             ran(9, "cat /etc/shadow", "a", parent="d", **AGENT)],
            [("Low", "Password hashes read")], id="a guard reads the hashes",
        ),
        pytest.param(
            [ran(0, "/opt/microsoft/mdatp/sbin/wdavdaemon", "d", parent="systemd", **AGENT,
                 TargetProcessName="/srv/x/wdavdaemon"),
             ran(9, "cat /etc/shadow", "a", parent="d", **AGENT)],
            [("High", "Password hashes read")], id="a guard by its own word only",
        ),
        pytest.param(
            [ran(0, "/bin/sh /usr/sbin/lynis audit system --cronjob", "d", **AGENT),
             ran(9, "cat /etc/shadow", "a", parent="d", **AGENT)],
            [("Low", "Password hashes read")], id="a checker reads the hashes",
        ),
        pytest.param(
            [ran(0, "/opt/commvault/Base/cvd", "d", parent="systemd", **AGENT),
             ran(9, "insmod /opt/commvault/Base64/cvblk.ko", "a", parent="d", **AGENT)],
            [("Low", "Kernel module from an odd place")], id="a maker's own module",
        ),
        pytest.param(
            [ran(0, "/opt/other/d", "d", parent="systemd", **AGENT),
             ran(9, "insmod /opt/commvault/Base64/cvblk.ko", "a", parent="d", **AGENT)],
            [("High", "Kernel module from an odd place")], id="a module of another maker",
        ),
        pytest.param(
            [ran(0, "/bin/sh /usr/sbin/dkms autoinstall", "d", **PACKAGE),
             ran(9, "cp wl.ko /lib/modules/6.1.0-28/updates/dkms/wl.ko", "a", parent="d",
                 **PACKAGE)],
            [("Low", "Kernel module from an odd place")], id="dkms puts a module",
        ),
        pytest.param(
            [ran(0, "kubeadm reset -f", "k", **ROOT), ran(9, "iptables -F", "a", **ROOT)],
            [("Low", "Firewall or confinement switched off")], id="emptied after kubeadm",
        ),
        pytest.param(
            [ran(0, "iptables -F", "a", **ROOT),
             ran(9, "iptables-restore /etc/iptables/rules.v4", "k", **ROOT)],
            [("Low", "Firewall or confinement switched off")], id="emptied and filled",
        ),
        pytest.param(
            [ran(0, "iptables -F", "a", **ROOT),
             ran(9, "iptables -A INPUT -p tcp --dport 4444 -j ACCEPT", "k", **ROOT)],
            [("Medium", "Firewall or confinement switched off"),
             ("Low", "Firewall opened by a command")], id="emptied and opened",
        ),
        pytest.param(
            [ran(0, "lsof -p 4411", "l", **ROOT), ran(9, "cat /proc/4411/environ", "a", **ROOT)],
            [("Low", MEMORY)], id="a process is debugged",
        ),
        pytest.param(
            [ran(0, "lsof -p 4411", "l", **ROOT), ran(9, "cat /proc/9/environ", "a", **ROOT)],
            [("Medium", MEMORY)], id="another process is debugged",
        ),
    ],
)  # fmt: skip
def test_what_speaks_for_it(rows: list[dict[str, Any]], expected: list[tuple[str, str]]) -> None:
    assert told(RiskyCommand(), rows) == expected


def test_systemd_told_audit_of_the_start() -> None:
    rows = [ran(0, "systemctl stop rsyslog", "a", **ROOT)]
    audit = events(
        "audit",
        [{"TimeGenerated": START + pd.Timedelta(seconds=20), "DvcHostname": "web01",
          "type": "SERVICE_START", "fields": {"unit": "rsyslog"}, "RecordIds": ["audit:s"]}],
    )  # fmt: skip
    (found,) = RiskyCommand().run({"processes": events("processes", rows), "audit": audit})
    assert (found.severity, found.records) == ("Low", ("audit:a",))
    assert "but it was started again 20 s later" in found.reason


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(
            [ran(0, "base64 -d", "a"), ran(0.01, "bash", "b")],
            [("High", "Decoded payload run")], id="decoded",
        ),
        pytest.param(
            [ran(0, "openssl enc -d -aes-256-cbc -k x -in p", "a"), ran(0.01, "sudo sh -s", "b")],
            [("High", "Decoded payload run")], id="decrypted for root",
        ),
        pytest.param(
            [ran(0, "openssl s_client -quiet -connect 198.51.100.9:443", "a"),
             ran(0.01, "/bin/sh -i", "b")],
            [("High", "Shell on a network connection")], id="connected",
        ),
        pytest.param(
            [ran(0, "dig +short txt s.bad.example", "a"), ran(0.01, "sh", "b")],
            [("High", "Download piped to a shell")], id="out of the names",
        ),
        pytest.param([ran(0, "base64 -d", "a"), ran(30, "bash", "b")], [], id="much later"),
        pytest.param([ran(0, "base64 -d", "a"), ran(0.01, "bash x.sh", "b")], [], id="a script"),
        pytest.param([ran(0, "base64 -w0 x", "a"), ran(0.01, "bash", "b")], [], id="encodes"),
        pytest.param(
            [ran(0, "", "s", argv=["sh", "-c", "base64 -d x | sh"]),
             ran(0, "base64 -d x", "a", parent="s"), ran(0.01, "sh", "b", parent="s")],
            [], id="told by the text of the shell above",
        ),
    ],
)  # fmt: skip
def test_piped_to_a_shell(rows: list[dict[str, Any]], expected: list[tuple[str, str]]) -> None:
    assert told(PipedToShell(), rows) == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(
            [ran(0, "sudo less /etc/hosts", "s"), ran(0, "less /etc/hosts", "l", "s", **ROOT),
             ran(5, "/bin/sh", "b", parent="l", **ROOT)],
            [("Medium", "Shell out of another program")], id="a pager",
        ),
        pytest.param(
            [ran(0, "sudo -i", "s"), ran(0, "-bash", "l", "s", **ROOT),
             ran(5, "bash", "b", parent="l", **ROOT)],
            [], id="a shell in root's shell",
        ),
        pytest.param(
            [ran(0, "less x", "l"), ran(5, "/bin/sh", "b", parent="l")], [], id="not as root",
        ),
        pytest.param(
            [ran(0, "sudo vim x", "s"), ran(0, "vim x", "l", "s", **ROOT),
             ran(5, "", "b", parent="l", argv=["sh", "-c", "ls"], **ROOT)],
            [], id="an editor runs one command",
        ),
    ],
)  # fmt: skip
def test_shell_of_a_tool(rows: list[dict[str, Any]], expected: list[tuple[str, str]]) -> None:
    assert told(ShellOfTool(), rows) == expected


@pytest.mark.parametrize(
    ("line", "more"),
    [
        ("sudo find / -xdev -perm -4000 -ls", {}),
        ("sudo cp -p /home/eve/app /usr/local/bin/app", {}),
        ("sudo sed -i s/^#SystemMaxUse=.*/SystemMaxUse=1G/ /etc/systemd/journald.conf", {}),
        ("sed -i s/HISTSIZE=1000/HISTSIZE=100000/ /home/eve/.bashrc", {}),
        ("sudo usermod -aG www-data eve", {}),
        ("sudo find /var/log -type f -mtime +30 -delete", {}),
        ("nc -zv db1 5432-5433", {}),
        ("cdk deploy --all", {}),
        ("gcore 3321", {}),
        ("less CVE-2024-1234.md", {}),
        ("sudo iptables -t nat -A PREROUTING -j DNAT --to-destination 10.0.0.5:80", {}),
        ("scp -i /home/eve/.ssh/work.pem ubuntu@203.0.113.20:/srv/x /home/eve/x", {}),
        ("python3 -c import␣socket;socket.create_connection(('db1',5432),3)", {}),
        ("/bin/sh /tmp/openssh-server.config.aBcDeF configure", ROOT),
        ("shred -u /var/log/nginx/access.log.15", ROOT),
        ("cp /etc/passwd /etc/group /etc/shadow /var/backups/", ROOT),
        ("curl -s http://169.254.169.254/latest/user-data", ROOT),
        ("systemctl restart rsyslog", ROOT),
        ("cp -a /etc/passwd /etc/shadow /etc/group /backup/accounts/", ROOT),
        ("tee /etc/udev/rules.d/75-net.rules", ROOT),
        ("bash -c exec␣3<>/dev/tcp/127.0.0.1/9000␣&&␣echo␣ok", {}),
        ("sh -c zcat␣app.sql.gz␣|␣mysql␣app", {}),
        ("iptables -A OUTPUT -p tcp --dport 25 -j REJECT", ROOT),
        ("rclone sync /srv/www nas:www --config /root/.config/rclone/rclone.conf", ROOT),
        ("sed -i s/^umask.*/umask␣027/ /etc/profile", ROOT),
        ("/var/www/shop/node_modules/.bin/vite build", {}),
    ],
)
def test_ordinary_lines(line: str, more: dict[str, Any]) -> None:
    argv = [word.replace("␣", " ") for word in line.split()]
    found = RiskyCommand().run({"processes": events("processes", [ran(0, "", "a", argv=argv,
                                                                      **more)])})  # fmt: skip
    assert [(f.severity, f.title) for f in found if f.severity != "Low"] == []


def test_an_agent_that_asks_all_is_low_and_a_person_is_not() -> None:
    looks = ("whoami", "id", "uname -a", "cat /etc/passwd", "ip a", "ps aux", "w")
    agent = {"ActorUserId": None, "TargetUserId": 0, "Tty": None, "LogonSessionId": None}
    rows = [ran(n, line, line, parent="agent", **agent) for n, line in enumerate(looks)]
    assert [s for s, _ in told(DiscoveryBurst(), rows)] == ["Low"]
    rows = [ran(n, line, line) for n, line in enumerate(looks)]
    assert [s for s, _ in told(DiscoveryBurst(), rows)] == ["Medium"]


def test_who_sizes_the_machine_up_faster_than_typed() -> None:
    asks = ("uname -a", "lscpu", "nproc", "free -m", "w", "crontab -l", "top -b", "which gcc", "df")
    rows = [ran(-60, "-bash", "shell", parent="sshd"),
            *(ran(n * 0.3, line, line) for n, line in enumerate(asks))]  # fmt: skip
    (found,) = FasterThanTyped().run({"processes": events("processes", rows)})
    assert (found.severity, found.techniques) == (
        "Medium", ("T1059.004", "T1082", "T1033", "T1057"),
    )  # fmt: skip


def test_a_daemon_of_roots_starts_a_bare_shell() -> None:
    alone = {"ActorUserId": None, "TargetUserId": 0, "Tty": None, "LogonSessionId": None,
             "ActorSessionId": None}  # fmt: skip
    rows = [ran(0, "/usr/sbin/vsftpd", "d", parent="systemd", **alone),
            ran(60, "/bin/sh", "s", parent="d", **alone)]  # fmt: skip
    assert told(ServiceShell(), rows) == [("Medium", "Server runs an intruder's commands")]
