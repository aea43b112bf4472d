"""The host itself: silences of its logs, its own programs, its addresses, its facts."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from linuxhunt.hosts import ranked
from linuxhunt.schema import STR, TIME
from linuxhunt.sections.host import addresses, facts, gaps, is_private, own_programs
from tests.made import utc

DAY = "2026-03-12 "
GAPS = {"TableName": STR, "GapStart": TIME, "GapEnd": TIME, "Expected": "Int64"}


def frame(columns: dict[str, Any], rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[*columns]).astype(columns)


def volume(**hours: dict[int, int]) -> pd.DataFrame:
    """Return rows an hour of 12 March by table."""
    rows = [
        (table, utc(f"{DAY}{hour:02}:00"), count)
        for table, counts in hours.items()
        for hour, count in counts.items()
    ]
    return frame({"TableName": STR, "TimeGenerated": TIME, "Rows": "Int64"}, rows)


FULL = dict.fromkeys(range(10, 15), 30)


@pytest.mark.parametrize(
    ("held", "window", "found"),
    [
        pytest.param(volume(Syslog=FULL), ("10:00", "15:00"), [], id="no silence"),
        pytest.param(volume(Syslog={10: 30, 12: 30}), ("10:00", "13:00"),
                     [("Syslog", "11:00", "12:00", 30)], id="one hour"),
        pytest.param(volume(Syslog={10: 30, 13: 30}), ("10:00", "14:00"),
                     [("Syslog", "11:00", "13:00", 60)], id="hours in a row are one"),
        pytest.param(volume(Syslog={10: 9, 12: 9, 15: 9}), ("10:00", "16:00"), [],
                     id="a quiet log"),
        pytest.param(volume(Syslog={10: 10, 13: 10}), ("10:00", "14:00"),
                     [("Syslog", "11:00", "13:00", 20)], id="as few as must be missing"),
        pytest.param(volume(Syslog={12: 30}), ("10:00", "15:00"),
                     [("Syslog", "10:00", "12:00", 60), ("Syslog", "13:00", "15:00", 60)],
                     id="before its first and after its last row"),
        pytest.param(volume(Syslog={12: 30}), ("10:20", "13:40"),
                     [("Syslog", "10:20", "12:00", 60), ("Syslog", "13:00", "13:40", 30)],
                     id="a window of parts of hours"),
        pytest.param(volume(b={10: 30, 12: 30}, a={10: 30, 12: 30}), ("10:00", "13:00"),
                     [("a", "11:00", "12:00", 30), ("b", "11:00", "12:00", 30)], id="by table"),
        pytest.param(volume(Syslog={10: 30, 11: 0, 12: 30}), ("10:00", "13:00"),
                     [("Syslog", "11:00", "12:00", 30)], id="a row of none"),
        pytest.param(volume(Syslog={9: 30, 10: 30, 20: 30}), ("10:00", "11:00"), [],
                     id="hours outside of the window"),
        pytest.param(volume(Syslog={10: 30}), ("10:00", "10:00"), [],
                     id="one row on the hour, in a window of no length"),
        pytest.param(volume(), ("10:00", "15:00"), [], id="no rows"),
    ],
)  # fmt: skip
def test_gaps(held: pd.DataFrame, window: tuple[str, str], found: list[Any]) -> None:
    rows = [(table, utc(DAY + start), utc(DAY + end), n) for table, start, end, n in found]
    start, end = (utc(DAY + time) for time in window)
    assert_frame_equal(gaps(held, start, end), frame(GAPS, rows))


def test_the_silence_that_stands_out_is_a_field() -> None:
    held = volume(Syslog={10: 3, 12: 3})
    assert len(gaps(held, utc(f"{DAY}10:00"), utc(f"{DAY}13:00"), expected=3)) == 1


@pytest.mark.parametrize(
    ("program", "own"),
    [
        ("sshd", False), ("SSHD", False), ("sshd-session", False), ("systemd-logind", False),
        ("postfix/smtpd", False), ("postfix", False), ("/usr/sbin/cron", False),
        ("/sbin/init", False), ("/usr/lib/systemd/systemd-udevd", False),
        ("/usr/libexec/gdm", False), ("NetworkManager", False), ("(sd-pam)", False),
        ("dpkg-deb", False), ("CROND", False), ("", False), (None, False),
        ("nginx", True), ("kworker", True), ("/tmp/cron", True), ("/dev/shm/.x/sshd", True),
        ("/usr/local/bin/sshd", True), ("/home/x/usr/bin/cron", True), ("xpostfix/smtpd", True),
        ("sshd ", True), ("ssh", True),
    ],
)  # fmt: skip
def test_own_programs(program: str | None, own: bool) -> None:
    columns = {"ProcessName": STR, "Rows": "Int64"}
    held = frame(columns, [("nginx", 1), (program, 2)])
    expected = frame(columns, [("nginx", 1), (program, 2)] if own else [("nginx", 1)])
    assert_frame_equal(own_programs(held), expected)


BEAT = {
    "ComputerIP": STR, "ComputerPrivateIPs": STR, "OSName": STR, "OSMajorVersion": STR,
    "OSMinorVersion": STR, "ComputerEnvironment": STR, "RemoteIPCountry": STR, "Solutions": STR,
    "TimeGenerated": TIME, "ResourceGroup": STR, "SubscriptionId": STR, "ResourceId": STR,
    "Category": STR, "Version": STR,
}  # fmt: skip


def beat(public: str | None, private: str | None, **more: Any) -> tuple[Any, ...]:
    held = {"ComputerIP": public, "ComputerPrivateIPs": private, **more}
    return tuple(held.get(name, utc(f"{DAY}10:00") if name == "TimeGenerated" else None)
                 for name in BEAT)  # fmt: skip


@pytest.mark.parametrize(
    ("beats", "sent", "held"),
    [
        pytest.param([beat("198.51.100.1", '["10.0.0.4","fd00::4"]')], ["10.0.0.4", "10.0.0.5"],
                     ["198.51.100.1", "10.0.0.4", "fd00::4", "10.0.0.5"], id="each once"),
        pytest.param([beat(None, "10.0.0.4")], [], ["10.0.0.4"], id="text that is no JSON"),
        pytest.param([beat(None, '"10.0.0.4"')], [], ["10.0.0.4"], id="JSON that is no list"),
        pytest.param([beat("", "[]")], ["", None, "127.0.0.1"], [], id="none"),
        pytest.param([], ["10.0.0.4"], ["10.0.0.4"], id="no heartbeat"),
    ],
)  # fmt: skip
def test_addresses(beats: list[Any], sent: list[Any], held: list[str]) -> None:
    syslog = frame({"HostIP": STR}, [(address,) for address in sent])
    assert addresses(frame(BEAT, beats), syslog) == held


def test_addresses_of_others_come_last_and_once() -> None:
    syslog = frame({"HostIP": STR}, [("10.0.0.4",)])
    flows = pd.Series(["10.0.0.4", "10.0.0.9", None, "::1"], dtype=STR)
    assert addresses(frame(BEAT, []), syslog, flows) == ["10.0.0.4", "10.0.0.9"]


HOST = {"Computer": STR, "Rows": "Int64", "FailedLogons": "Int64", "NewAccounts": "Int64",
        "FirstTime": TIME, "LastTime": TIME}  # fmt: skip
OTHER = {name: HOST[name] for name in ("Computer", "Rows", "FirstTime", "LastTime")}
ALERTS = {"Computer": STR, "Alerts": "Int64", "FirstTime": TIME, "LastTime": TIME}


def test_facts() -> None:
    span = (utc(f"{DAY}10:00:01"), utc(f"{DAY}11:00:02"))
    syslog = frame(HOST, [("web", 2, 7, 0, *span), ("web.example", 1, 0, 1, *span)])
    host = ranked(syslog, frame(OTHER, []), frame(ALERTS, []))
    stated = frame({"Fact": STR, "Value": STR}, [("System", "Debian 12 (etc/os-release)")])
    seen = beat("198.51.100.1", None, OSName="Debian", OSMajorVersion="12", Solutions="",
                ComputerEnvironment="Azure", ResourceGroup="rg", Category="Azure Monitor Agent",
                Version="1.33.4")  # fmt: skip
    expected = [
        ("Names", "web, web.example"),
        ("First seen", "2026-03-12 10:00:01 UTC"),
        ("Last seen", "2026-03-12 11:00:02 UTC"),
        ("Worth a look for", "7 failed logon lines, 1 new account"),
        ("Operating system", "Debian 12"),
        ("Environment", "Azure"),
        ("Azure resource group", "rg"),
        ("Agent", "Azure Monitor Agent 1.33.4"),
        ("Last heartbeat", "2026-03-12 10:00:00 UTC"),
        ("System", "Debian 12 (etc/os-release)"),
        ("Private addresses", "10.0.0.4, fd00::4"),
        ("Public addresses", "198.51.100.1, 2001:db8::7"),
    ]
    known = ["10.0.0.4", "198.51.100.1", "fd00::4", "2001:db8::7"]
    assert_frame_equal(
        facts(host, frame(BEAT, [seen]), known, stated),
        frame({"Fact": STR, "Value": STR}, expected),
    )


DEVICE = dict.fromkeys(
    ("DeviceName", "OSPlatform", "OSDistribution", "OSVersion", "OSArchitecture", "PublicIP",
     "MachineGroup", "DeviceType", "Model", "Vendor", "OnboardingStatus", "SensorHealthState",
     "ExposureLevel", "IsInternetFacing", "AzureResourceId", "CloudPlatforms"), STR,
) | {"TimeGenerated": TIME}  # fmt: skip
PLACE = {"address": STR, "City": STR, "Country": STR, "ASName": STR}


def test_facts_of_defender_and_of_places() -> None:
    none = ranked(frame(HOST, []), frame(OTHER, []), frame(ALERTS, []))
    held = {
        "OSPlatform": "Linux", "OSDistribution": "Ubuntu", "OSVersion": "22.4",
        "DeviceType": "Server", "OnboardingStatus": "Onboarded", "SensorHealthState": "Active",
        "IsInternetFacing": "True", "TimeGenerated": utc(f"{DAY}10:00"),
    }  # fmt: skip
    device = frame(DEVICE, [tuple(held.get(name) for name in DEVICE)])
    placed = frame(PLACE, [("192.0.2.1", "Delft", "Netherlands", "Example BV"),
                           ("192.0.2.2", None, None, None)])  # fmt: skip
    expected = [
        ("Operating system, by Defender", "Ubuntu 22.4"),
        ("Defender's sensor", "Onboarded Active"),
        ("Kind of device", "Server"),
        ("Reached from the internet, by Defender", "yes"),
        ("Last device report", "2026-03-12 10:00:00 UTC"),
        ("Location of 192.0.2.1", "Delft, Netherlands, Example BV"),
    ]
    stated = frame({"Fact": STR, "Value": STR}, [])
    assert_frame_equal(
        facts(none, frame(BEAT, []), [], stated, device, placed),
        frame({"Fact": STR, "Value": STR}, expected),
    )


@pytest.mark.parametrize(
    ("address", "own"),
    [
        ("10.1.2.3", True), ("172.31.0.1", True), ("172.32.0.1", False), ("192.168.1.1", True),
        ("100.64.0.1", True), ("169.254.1.1", True), ("fe80::1%eth0", True), ("fd12::1", True),
        ("::ffff:10.0.0.1", True), ("::1", True), ("203.0.113.9", False), ("2001:db8::1", False),
        ("web01", False), ("", False),
    ],
)  # fmt: skip
def test_private_addresses(address: str, own: bool) -> None:
    assert is_private(address) is own


def test_facts_that_nobody_states_are_left_out() -> None:
    none = ranked(frame(HOST, []), frame(OTHER, []), frame(ALERTS, []))
    stated = frame({"Fact": STR, "Value": STR}, [])
    assert_frame_equal(facts(none, frame(BEAT, []), [], stated), stated)
