"""What the logs say about the host itself: its facts, its programs, the gaps in its logs."""

from __future__ import annotations

import ipaddress
import json
from typing import Any

import pandas as pd

from linuxhunt.schema import STR, TIME

__all__ = ["BASE_PROGRAMS", "addresses", "facts", "gaps", "is_private", "own_programs"]

BASE_PROGRAMS = frozenset(
    """
    (sd-pam) (systemd) 50-motd-news adduser agetty alsactl anacron apparmor apt apt-helper at
    atd audisp-syslog audispd audit auditd augenrules auoms avahi-daemon bluetoothd busctl chage
    chfn chpasswd chronyd chsh cloud-init cron crond crontab dbus dbus-broker dbus-broker-launch
    dbus-daemon delgroup deluser dhclient dhcpcd dmeventd dnf dnsmasq dracut e2scrub_all
    fail2ban-server firewalld fstrim fwupd gdm gpasswd groupadd groupdel groupmod haveged
    hypervkvpd init irqbalance iscsid kdumpctl kernel lightdm login logrotate lvm mdadm
    mdmonitor modprobe modemmanager motd-news mtp-probe multipathd networkd-dispatcher
    networkmanager newgrp nm-dispatcher nologin nscd ntpd omsagent packagekitd pam passwd pkexec
    polkitd polkitd(authority=local) postfix pppd python3 realmd restorecond rngd rpcbind rpm
    rsyslogd rtkit-daemon run-parts runuser rx sa1 sddm sedispatch setroubleshoot sftp-server
    smartd snapd sshd sshd-auth sshd-session sssd su subscription-manager sudo sulogin swapon
    sysctl syslog-ng syslogd systemctl systemd udev-worker (udev-worker) udevd udisksd ufw
    unattended-upgrade unattended-upgrades useradd userdel usermod vmtoolsd waagent
    wpa_supplicant xdg-desktop-portal yum zypper
    """.split()  # noqa: SIM905  # one word a line would be four pages
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


def addresses(heartbeat: pd.DataFrame, syslog: pd.DataFrame, *others: Any) -> list[str]:
    """Return the addresses of a host, as its heartbeat, its syslog and others state them.

    Args:
        heartbeat: ComputerIP and ComputerPrivateIPs (JSON list).
        syslog: HostIP (the query ``syslog_addresses``).
        others: further addresses, one series each.
    """
    held = list(heartbeat["ComputerIP"].dropna())
    for text in heartbeat["ComputerPrivateIPs"].dropna():
        try:
            listed = json.loads(text)
        except ValueError:
            listed = [text]
        held += [str(address) for address in (listed if isinstance(listed, list) else [listed])]
    held += list(syslog["HostIP"].dropna())
    held += [str(address) for series in others for address in series.dropna()]
    ours = {"127.0.0.1", "::1", "0.0.0.0", "::"}
    return list(dict.fromkeys(address for address in held if address and address not in ours))


_PRIVATE = tuple(
    ipaddress.ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16",
                 "100.64.0.0/10", "127.0.0.0/8", "fc00::/7", "fe80::/10", "::1/128")
)  # fmt: skip


def is_private(address: str) -> bool:
    """Tell whether an address is of a network of one's own (RFC 1918, 4193, 6598, link-local)."""
    try:
        held = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = held.ipv4_mapped if isinstance(held, ipaddress.IPv6Address) else None
    own = mapped or held
    return any(own.version == net.version and own in net for net in _PRIVATE)


def facts(
    host: pd.DataFrame,
    heartbeat: pd.DataFrame,
    known: list[str],
    stated: pd.DataFrame,
    device: pd.DataFrame | None = None,
    placed: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the facts about a host as rows of Fact and Value; what nobody states is left out.

    Args:
        host: its row of the ranking (hosts.RANKING).
        heartbeat: its last heartbeat, or no row.
        known: its addresses.
        stated: Fact and Value that the evidence itself states, such as etc/os-release.
        device: what Defender knows of it (the query ``device_info``), or no row.
        placed: where its addresses are (enrich.geo.places).
    """
    rows: list[tuple[str, Any]] = []
    for row in host.to_dict("records"):
        rows.append(("Names", ", ".join(row["Computers"])))
        rows.append(("First seen", _moment(row["FirstTime"])))
        rows.append(("Last seen", _moment(row["LastTime"])))
        rows.append(("Worth a look for", str(row["Reasons"])))
    for row in heartbeat.to_dict("records"):
        rows += [
            ("Operating system", _joined(row["OSName"], _version(row))),
            ("Environment", row["ComputerEnvironment"]),
            ("Azure resource group", row["ResourceGroup"]),
            ("Azure subscription", row["SubscriptionId"]),
            ("Azure resource", row["ResourceId"]),
            ("Agent", _joined(row["Category"], row["Version"])),
            ("Country of its public address", row["RemoteIPCountry"]),
            ("Installed solutions", row["Solutions"]),
            ("Last heartbeat", _moment(row["TimeGenerated"])),
        ]
    for row in device.to_dict("records") if device is not None else ():
        system = _joined(row["OSDistribution"], row["OSVersion"], row["OSArchitecture"])
        state = _joined(row["OnboardingStatus"], row["SensorHealthState"])
        facing = str(row["IsInternetFacing"]).lower() == "true"
        rows += [
            ("Operating system, by Defender", system or row["OSPlatform"]),
            ("Defender's sensor", state),
            ("Kind of device", _joined(row["DeviceType"], row["Vendor"], row["Model"])),
            ("Exposure, by Defender", row["ExposureLevel"]),
            ("Reached from the internet, by Defender", "yes" if facing else ""),
            ("Cloud", row["CloudPlatforms"]),
            ("Azure resource, by Defender", row["AzureResourceId"]),
            ("Device group", row["MachineGroup"]),
            ("Last device report", _moment(row["TimeGenerated"])),
        ]
    rows += list(stated.itertuples(index=False, name=None))
    rows.append(("Private addresses", ", ".join(a for a in known if is_private(a))))
    rows.append(("Public addresses", ", ".join(a for a in known if not is_private(a))))
    rows += _located(placed) if placed is not None else []
    held = [(fact, value) for fact, value in rows if pd.notna(value) and value != ""]
    return pd.DataFrame(held, columns=["Fact", "Value"]).astype(STR)


def _moment(time: pd.Timestamp) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S} UTC" if pd.notna(time) else ""


def _joined(*parts: Any) -> str:
    return " ".join(str(part) for part in parts if pd.notna(part) and part != "")


def _version(row: Any) -> str:
    held = (row[part] for part in ("OSMajorVersion", "OSMinorVersion"))
    return ".".join(str(part) for part in held if pd.notna(part) and part != "")


def _located(placed: pd.DataFrame) -> list[tuple[str, str]]:
    """Say where each address is of which that is known."""
    rows = []
    for row in placed.to_dict("records"):
        where = ", ".join(
            str(row[part]) for part in ("City", "Country", "ASName") if pd.notna(row[part])
        )
        if where:
            rows.append((f"Location of {row['address']}", where))
    return rows
