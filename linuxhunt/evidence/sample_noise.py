"""What hosts and their neighbours do by themselves in the sample incident.

Timers, packages, kernel, firewall and time lines; visitors of the web site, name and time look-ups;
guesses and scans from all over the internet; one reboot, one host that stands still for a while.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from random import Random

from linuxhunt.evidence.sample_cast import far_address, home_address
from linuxhunt.evidence.sample_host import Host
from linuxhunt.evidence.sample_logon import Door, guess
from linuxhunt.evidence.sample_sim import Actor
from linuxhunt.evidence.sample_work import DAY, Site

__all__ = ["RESOLVER", "spawn_noise"]

RESOLVER = "10.20.0.2"
_TIME = ("185.125.190.56", "91.189.91.157", "91.189.89.199")  # ntp.ubuntu.com
_MIRRORS = ("91.189.91.81", "185.125.190.36", "151.101.2.132")  # archive.ubuntu.com, deb.debian.org
_STRANGERS = (
    "admin",
    "oracle",
    "postgres",
    "user",
    "ubuntu",
    "test1",
    "guest",
    "pi",
    "support",
    "minecraft",
    "hadoop",
    "jenkins",
    "ec2-user",
    "centos",
    "ftp",
    "mysql",
    "tomcat",
    "steam",
    "odoo",
    "developer",
    "sysadmin",
    "dspace",
    "es",
)


def spawn_noise(site: Site) -> None:
    """Let everything begin that goes on by itself."""
    world, scale = site.world, site.scale

    def every(name: str, door: Door, seconds: float, does: Callable[[Random], None]) -> None:
        world.spawn(_every(door.host, seconds, does, site.random(f"{name} {door.host.name}")))

    for door in site.doors:
        host = door.host
        every("dns", door, 420 / scale, partial(_dns, site, host))
        every("ntp", door, 1024, partial(_ntp, site, host))
        every("timer", door, 600, partial(_sysstat, site, host))
        every("packages", door, 21600, partial(_packages, site, host))
        every("app", door, 600 / scale, partial(_app, host))
        world.spawn(_midnight(site, host))
    for door, pause in ((site.web, 430), (site.app, 900)):
        every("guess", door, pause / scale, partial(_stranger, site, door))
        every("scan", door, pause / 2 / scale, partial(_scan, site, door))
    every("visits", site.web, 75 / scale, partial(_visit, site))
    every("sql", site.web, 400 / scale, partial(_sql, site))
    world.spawn(_reboot(site, site.db.host))
    world.spawn(_stands_still(site, site.app.host))


def _every(host: Host, seconds: float, does: Callable[[Random], None], random: Random) -> Actor:
    """Do something about every ``seconds``, while the host is up."""
    yield seconds * random.random()
    while True:
        if host.up:
            does(random)
        yield seconds * random.uniform(0.6, 1.4)


def _dns(site: Site, host: Host, random: Random) -> None:
    site.wire.flow(
        host.address,
        RESOLVER,
        53,
        "dns",
        sent=random.randrange(34, 60),
        received=random.randrange(60, 240),
        duration=random.uniform(0.0005, 0.03),
        proto="udp",
    )


def _ntp(site: Site, host: Host, random: Random) -> None:
    server = _TIME[len(host.name) % len(_TIME)]
    site.wire.flow(
        host.address,
        server,
        123,
        "ntp",
        sent=48,
        received=48,
        duration=random.uniform(0.01, 0.04),
        proto="udp",
    )


def _sysstat(site: Site, host: Host, _: Random) -> None:
    site.world.spawn(_collects(host))


def _collects(host: Host) -> Actor:
    unit = "sysstat-collect.service - " if host.flavour.opener else ""
    what = "system activity accounting tool"
    host.log("daemon", "systemd", 1, f"Starting {unit}{what}...")
    yield 0.03
    host.log("daemon", "systemd", 1, "sysstat-collect.service: Deactivated successfully.")
    host.log("daemon", "systemd", 1, f"Finished {unit}{what}.")


def _packages(site: Site, host: Host, random: Random) -> None:
    site.world.spawn(_upgrades(site, host, random))


def _upgrades(site: Site, host: Host, random: Random) -> Actor:
    """Look for new packages, and on Debian and Ubuntu install them unattended."""

    def fetch(size: int) -> None:
        site.wire.flow(
            host.address,
            random.choice(_MIRRORS),
            80,
            "http",
            sent=2400,
            received=size,
            duration=random.uniform(0.4, 6),
        )

    if host.flavour.contexts:
        host.log("daemon", "systemd", 1, "Starting dnf makecache...")
        yield 1.5
        fetch(random.randrange(20_000, 900_000))
        host.log("user", "dnf", host.pid(), "Metadata cache refreshed recently.")
        host.log("daemon", "systemd", 1, "dnf-makecache.service: Deactivated successfully.")
        host.log("daemon", "systemd", 1, "Finished dnf makecache.")
        return
    new = host.flavour.opener
    for unit, what in (
        ("apt-daily", "Daily apt download activities"),
        ("apt-daily-upgrade", "Daily apt upgrade and clean activities"),
    ):
        described = f"{unit}.service - {what}" if new else what
        host.log("daemon", "systemd", 1, f"Starting {described}...")
        for _ in range(random.randint(2, 5)):
            fetch(random.randrange(20_000, 6_000_000))
            yield random.uniform(0.5, 4)
        host.log("daemon", "systemd", 1, f"{unit}.service: Deactivated successfully.")
        host.log("daemon", "systemd", 1, f"Finished {described}.")
        used = random.uniform(2, 20)
        host.log("daemon", "systemd", 1, f"{unit}.service: Consumed {used:.3f}s CPU time.")


def _app(host: Host, random: Random) -> None:
    """A line of the application's, whatever it says."""
    host.log(
        "daemon",
        "app",
        900 + len(host.name),
        random.choice(
            (
                f"INFO worker {random.randrange(8)} did 40 jobs in {random.randrange(200, 900)} ms",
                f"WARN upstream answered 504 after {random.randrange(5000, 9000)} ms, retrying",
                f"INFO cache hit rate {random.uniform(70, 99):.1f}%",
                f"ERROR order {random.randrange(10000, 99999)}: payment declined",
                'INFO user "root from 192.0.2.9" changed their display name',
            )
        ),
    )


def _midnight(site: Site, host: Host) -> Actor:
    """Rotate logs (the web host daily, the others keep theirs a week)."""
    for day in (1, 2):
        yield site.world.until(DAY + timedelta(days=day)) + 0.2
        if not host.up:
            continue
        new = "logrotate.service - " if host.flavour.opener else ""
        host.log("daemon", "systemd", 1, f"Starting {new}Rotate log files...")
        yield 0.3
        if host is site.web.host:
            for name in ("var/log/auth.log", "var/log/syslog"):
                host.rotate(name)
            # rsyslog says so into the new file when it is told to reopen
            host.log("syslog", "rsyslogd", None, _rsyslogd(host, "rsyslogd was HUPed"))
        yield 0.2
        host.log("daemon", "systemd", 1, "logrotate.service: Deactivated successfully.")
        host.log("daemon", "systemd", 1, f"Finished {new}Rotate log files.")


def _rsyslogd(host: Host, what: str) -> str:
    version = "8.2504.0" if host.flavour.opener else "8.2112.0"
    return (
        f'[origin software="rsyslogd" swVersion="{version}" x-pid="{host.logind - 40}" '
        f'x-info="https://www.rsyslog.com"] {what}'
    )


def _stranger(site: Site, door: Door, random: Random) -> None:
    """Somebody out there tries a password or three, and is gone."""
    if random.random() < 0.3:
        user, tries = "root", random.choice((1, 1, 2, 3))
    else:
        user, tries = random.choice(_STRANGERS), 1
    site.world.spawn(guess(door, user, far_address(random), tries))


def _scan(site: Site, door: Door, random: Random) -> None:
    """Somebody out there looks for an open port; the firewall drops it."""
    host, source = door.host, far_address(random)
    port = random.choice((23, 2323, 3389, 445, 8080, 5900, 6379, 1433, 8443))
    site.wire.flow(source, host.address, port, sent=0, received=0, duration=0.01, state="S0")
    if host.flavour.contexts:
        return
    uptime = (site.world.now - site.world.start) / 1e6 + 812345.5
    host.log(
        "kern",
        "kernel",
        None,
        f"[{uptime:12.6f}] [UFW BLOCK] IN=ens160 OUT= "
        f"MAC=00:50:56:9a:1c:{host.logind % 256:02x}:00:50:56:9a:00:01:08:00 SRC={source} "
        f"DST={host.address} LEN=40 TOS=0x00 PREC=0x00 TTL={random.randrange(230, 250)} "
        f"ID={random.randrange(1, 65535)} PROTO=TCP SPT={site.wire.port()} DPT={port} "
        "WINDOW=1024 RES=0x00 SYN URGP=0 ",
    )


def _visit(site: Site, random: Random) -> None:
    """Somebody looks at the web site: more by day than by night."""
    hour = site.world.time.hour
    if random.random() < (1.0 if 6 <= hour < 21 else 0.35):
        port, service = random.choice(((443, "ssl"), (443, "ssl"), (443, "ssl"), (80, "http")))
        site.wire.flow(
            home_address(random),
            site.web.host.address,
            port,
            service,
            sent=random.randrange(500, 9000),
            received=random.randrange(1500, 900_000),
            duration=random.uniform(0.05, 30),
            state=random.choices(("SF", "RSTO", "RSTR"), (90, 6, 4))[0],
        )


def _sql(site: Site, random: Random) -> None:
    if site.db.host.up:
        site.wire.flow(
            site.web.host.address,
            site.db.host.address,
            5432,
            "postgresql",
            sent=random.randrange(900, 40_000),
            received=random.randrange(2000, 900_000),
            duration=random.uniform(5, 300),
        )


def _reboot(site: Site, host: Host) -> Actor:
    """Reboot for a new kernel, at night, as unattended-upgrades does."""
    yield site.world.until(DAY + timedelta(days=1, hours=3, minutes=38))
    host.up = False
    yield 120.0  # whoever is on the host has gone by then
    host.log("auth", "systemd-logind", host.logind, "The system will reboot now!")
    host.log("auth", "systemd-logind", host.logind, "System is rebooting.")
    yield 0.2
    for unit, what in (
        ("cron.service", "Regular background program processing daemon"),
        ("ssh.service", "OpenBSD Secure Shell server"),
    ):
        host.log("daemon", "systemd", 1, f"Stopping {unit} - {what}...")
    host.log("auth", "sshd", host.logind + 120, "Received signal 15; terminating.")
    yield 0.3
    host.log("syslog", "rsyslogd", None, _rsyslogd(host, "exiting on signal 15."))
    yield 31.0
    host.logind = 640
    host.next_pid, host.next_ses, host.serial = 1100, 1, 0
    host.managers.clear()
    host.log("syslog", "rsyslogd", None, _rsyslogd(host, "start"))
    for seconds, line in (
        (
            0.0,
            f"Linux version {host.kernel} (debian-kernel@lists.debian.org) "
            "(x86_64-linux-gnu-gcc-14 (Debian 14.2.0-19) 14.2.0, GNU ld (GNU Binutils for "
            "Debian) 2.44) #1 SMP PREEMPT_DYNAMIC Debian",
        ),
        (0.0, f"Command line: BOOT_IMAGE=/boot/vmlinuz-{host.kernel} root=/dev/sda1 ro quiet"),
        (0.0, "BIOS-provided physical RAM map:"),
        (0.41, "audit: initializing netlink subsys (disabled)"),
        (1.73, "systemd[1]: Detected virtualization vmware."),
        (2.05, "EXT4-fs (sda1): mounted filesystem with ordered data mode. Quota mode: none."),
    ):
        host.log("kern", "kernel", None, f"[{seconds:12.6f}] {line}")
    host.log("auth", "systemd-logind", host.logind, "New seat seat0.")
    host.log("cron", "cron", 612, "(CRON) INFO (pidfile fd = 3)")
    host.log("cron", "cron", 612, "(CRON) INFO (Running @reboot jobs)")
    yield 2.0
    for family in ("0.0.0.0", "::"):
        host.log("auth", "sshd", host.logind + 120, f"Server listening on {family} port 22.")
    host.up = True


def _stands_still(site: Site, host: Host) -> Actor:
    """The hypervisor holds a host for the better part of an hour: a gap in all its logs."""
    yield site.world.until(DAY + timedelta(days=1, hours=22, minutes=7))
    host.up = False
    yield 2820.0
    host.log("daemon", "chronyd", 702, "Forward time jump detected!")
    yield 4.0
    host.log("daemon", "chronyd", 702, "Selected source 10.20.0.2")
    host.up = True
