"""What the logs say about the host itself: its facts, its programs, the gaps in its logs."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from linuxhunt.schema import STR, TIME

__all__ = ["BASE_PROGRAMS", "addresses", "facts", "gaps", "own_programs"]

BASE_PROGRAMS = frozenset(
    [
        "(sd-pam)",
        "(systemd)",
        "50-motd-news",
        "adduser",
        "agetty",
        "alsactl",
        "anacron",
        "apparmor",
        "apt",
        "apt-helper",
        "at",
        "atd",
        "audisp-syslog",
        "audispd",
        "audit",
        "auditd",
        "augenrules",
        "auoms",
        "avahi-daemon",
        "bluetoothd",
        "busctl",
        "chage",
        "chfn",
        "chpasswd",
        "chronyd",
        "chsh",
        "cloud-init",
        "cron",
        "crond",
        "crontab",
        "dbus",
        "dbus-broker",
        "dbus-broker-launch",
        "dbus-daemon",
        "delgroup",
        "deluser",
        "dhclient",
        "dhcpcd",
        "dmeventd",
        "dnf",
        "dnsmasq",
        "dracut",
        "e2scrub_all",
        "fail2ban-server",
        "firewalld",
        "fstrim",
        "fwupd",
        "gdm",
        "gpasswd",
        "groupadd",
        "groupdel",
        "groupmod",
        "haveged",
        "hypervkvpd",
        "init",
        "irqbalance",
        "iscsid",
        "kdumpctl",
        "kernel",
        "lightdm",
        "login",
        "logrotate",
        "lvm",
        "mdadm",
        "mdmonitor",
        "modprobe",
        "modemmanager",
        "motd-news",
        "mtp-probe",
        "multipathd",
        "networkd-dispatcher",
        "networkmanager",
        "newgrp",
        "nm-dispatcher",
        "nologin",
        "nscd",
        "ntpd",
        "omsagent",
        "packagekitd",
        "pam",
        "passwd",
        "pkexec",
        "polkitd",
        "polkitd(authority=local)",
        "postfix",
        "pppd",
        "python3",
        "realmd",
        "restorecond",
        "rngd",
        "rpcbind",
        "rpm",
        "rsyslogd",
        "rtkit-daemon",
        "run-parts",
        "runuser",
        "rx",
        "sa1",
        "sddm",
        "sedispatch",
        "setroubleshoot",
        "sftp-server",
        "smartd",
        "snapd",
        "sshd",
        "sshd-auth",
        "sshd-session",
        "sssd",
        "su",
        "subscription-manager",
        "sudo",
        "sulogin",
        "swapon",
        "sysctl",
        "syslog-ng",
        "syslogd",
        "systemctl",
        "systemd",
        "udev-worker",
        "(udev-worker)",
        "udevd",
        "udisksd",
        "ufw",
        "unattended-upgrade",
        "unattended-upgrades",
        "useradd",
        "userdel",
        "usermod",
        "vmtoolsd",
        "waagent",
        "wpa_supplicant",
        "xdg-desktop-portal",
        "yum",
        "zypper",
    ]
)
"""Programs that Debian, Ubuntu, RHEL and SUSE install by themselves and that write to syslog,
in lower case; so do those whose names begin with ``systemd-``, ``dpkg``, ``cron``, ``postfix/``
or ``NetworkManager``. Compiled by hand from those systems' default package sets."""

_BASE_PREFIXES = ("systemd-", "dpkg", "cron", "postfix/", "networkmanager", "apt", "azuremonitor")


_SYSTEM_FOLDER = r"^/(?:usr/)?(?:s?bin|lib(?:exec|32|64)?(?:/[\w.-]+)*)/"
"""Where a distribution's programs lie; one of the same name elsewhere is another program."""


def own_programs(programs: pd.DataFrame) -> pd.DataFrame:
    """Return the programs beyond the distribution's own.

    Args:
        programs: ProcessName, Rows, FirstTime, LastTime (the query ``programs``).

    Returns:
        The same columns, without the programs of :data:`BASE_PROGRAMS`.
    """
    names = (
        programs["ProcessName"].fillna("").str.lower().str.replace(_SYSTEM_FOLDER, "", regex=True)
    )
    base = names.isin(BASE_PROGRAMS) | names.str.startswith(_BASE_PREFIXES) | (names == "")
    return programs[~base.astype(bool)].reset_index(drop=True)


def gaps(
    volume: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp, *, expected: float = 20
) -> pd.DataFrame:
    """Find the hours in which a log says nothing though it ought to.

    A run of empty hours is a gap where the log's median hour would have filled it with at least
    ``expected`` rows. The hours before its first and after its last row count, too.

    Args:
        volume: TableName, TimeGenerated (start of an hour), Rows; hours without rows are absent.
        start: first instant of the window.
        end: first instant after the window.
        expected: rows that must be missing for a silence to stand out.

    Returns:
        TableName, GapStart, GapEnd (times), Expected (rows that the median hour would have
        brought, ``Int64``), by table, then time.
    """
    found: list[dict[str, Any]] = []
    first, last = start.floor("h"), end.ceil("h")
    hours = pd.date_range(first, last, freq="h", inclusive="left")
    volume = volume[volume["TimeGenerated"].isin(hours)]
    for table, rows in volume.groupby("TableName", sort=True):
        filled = rows.groupby("TimeGenerated")["Rows"].sum().reindex(hours, fill_value=0)
        median = float(filled[filled > 0].median()) if (filled > 0).any() else 0.0
        silent = (filled == 0).to_numpy()
        run = (silent != pd.Series(silent).shift(fill_value=not silent[0]).to_numpy()).cumsum()
        for _, stretch in filled.groupby(run):
            missing = median * len(stretch)
            if stretch.iloc[0] == 0 and missing >= expected:
                found.append(
                    {
                        "TableName": table,
                        "GapStart": max(stretch.index[0], start),
                        "GapEnd": min(stretch.index[-1] + pd.Timedelta("1h"), end),
                        "Expected": round(missing),
                    }
                )
    columns = ["TableName", "GapStart", "GapEnd", "Expected"]
    frame = pd.DataFrame(found, columns=columns)
    return frame.astype({"TableName": STR, "GapStart": TIME, "GapEnd": TIME, "Expected": "Int64"})


def addresses(heartbeat: pd.DataFrame, syslog: pd.DataFrame) -> list[str]:
    """Return the addresses of a host, as its heartbeat and its syslog state them.

    Args:
        heartbeat: ComputerIP and ComputerPrivateIPs (JSON list).
        syslog: HostIP (the query ``syslog_addresses``).
    """
    held = list(heartbeat["ComputerIP"].dropna())
    for text in heartbeat["ComputerPrivateIPs"].dropna():
        try:
            listed = json.loads(text)
        except ValueError:
            listed = [text]
        held += [str(address) for address in (listed if isinstance(listed, list) else [listed])]
    held += list(syslog["HostIP"].dropna())
    return list(dict.fromkeys(address for address in held if address and address != "127.0.0.1"))


def facts(
    host: pd.DataFrame, heartbeat: pd.DataFrame, known: list[str], stated: pd.DataFrame
) -> pd.DataFrame:
    """Return the facts about a host as rows of Fact and Value; what nobody states is left out.

    Args:
        host: its row of the ranking (hosts.RANKING).
        heartbeat: its last heartbeat, or no row.
        known: its addresses.
        stated: Fact and Value that the evidence itself states, such as etc/os-release.
    """
    rows: list[tuple[str, str]] = []
    for row in host.to_dict("records"):
        rows.append(("Names", ", ".join(row["Computers"])))
        rows.append(("First seen", f"{row['FirstTime']:%Y-%m-%d %H:%M:%S} UTC"))
        rows.append(("Last seen", f"{row['LastTime']:%Y-%m-%d %H:%M:%S} UTC"))
        rows.append(("Worth a look for", str(row["Reasons"])))
    for row in heartbeat.to_dict("records"):
        version = ".".join(
            str(row[part]) for part in ("OSMajorVersion", "OSMinorVersion") if pd.notna(row[part])
        )
        system = " ".join(str(part) for part in (row["OSName"], version) if pd.notna(part) and part)
        rows += [
            ("Operating system", system),
            ("Environment", row["ComputerEnvironment"]),
            ("Country of its public address", row["RemoteIPCountry"]),
            ("Installed solutions", row["Solutions"]),
            ("Last heartbeat", f"{row['TimeGenerated']:%Y-%m-%d %H:%M:%S} UTC"),
        ]
    rows += list(stated.itertuples(index=False, name=None))
    rows.append(("Addresses", ", ".join(known)))
    held = [(fact, value) for fact, value in rows if pd.notna(value) and value != ""]
    return pd.DataFrame(held, columns=["Fact", "Value"]).astype(STR)
