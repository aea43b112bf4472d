"""Ordinary work in the sample incident: administrators, monitoring, backup, jobs of cron."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from linuxhunt.evidence import sample_audit as audit
from linuxhunt.evidence.sample_cast import Admin, Cast, fingerprint, home_address
from linuxhunt.evidence.sample_flows import Wire
from linuxhunt.evidence.sample_host import Seat
from linuxhunt.evidence.sample_logon import Door, guess, session
from linuxhunt.evidence.sample_root import add_user, cron_job, run, sudo, sudo_refused, sudo_shell
from linuxhunt.evidence.sample_sim import Actor, World

__all__ = ["BACKUP", "DAY", "MONITOR", "Site", "spawn_work"]

DAY = datetime(2026, 3, 12, tzinfo=UTC)  # a Thursday: two working days and a Saturday
MONITOR, BACKUP = "10.20.0.4", "10.20.0.5"

_COMMANDS = (
    "ls -la",
    "df -h",
    "free -m",
    "uptime",
    "git -C /srv/app status",
    "git -C /srv/app log --oneline -n 10",
    "tail -n 100 /srv/app/log/app.log",
    "grep -rn 'max connections' /srv/app/config",
    "find /srv/app -name '*.bak' -mtime +30",
    "less /srv/app/README",
    "curl -sS http://127.0.0.1:8080/health",
    "ps aux",
    "top -b -n 1",
    "vi /srv/app/config/app.yaml",
    "du -sh /srv/app",
    "id",
    "last -n 5",
    "ss -tlnp",
    "ping -c 3 10.20.0.2",
    "python3 /srv/app/bin/report.py --day yesterday",
)
_AS_ROOT = (
    "systemctl status nginx",
    "journalctl -u nginx -n 50",
    "journalctl -n 50",
    "dmesg -T",
    "ss -tlnp",
    "cat /etc/ssh/sshd_config",
    "systemctl daemon-reload",
    "systemctl list-units --failed",
    "du -sh /var/log",
    "nginx -t",
)


@dataclass(frozen=True)
class Site:
    """The stage: three hosts, the wire between them, who takes part.

    Attributes:
        scale: factor on the ordinary volume.
    """

    world: World
    cast: Cast
    wire: Wire
    web: Door
    db: Door
    app: Door
    scale: float
    seed: int

    @property
    def doors(self) -> tuple[Door, Door, Door]:
        """All hosts."""
        return self.web, self.db, self.app

    def random(self, name: str) -> Random:
        """Return an actor's own stream of random numbers: others do not move it."""
        return Random(f"linuxhunt sample {self.seed} {name}")


def spawn_work(site: Site) -> None:
    """Let everybody begin who works on the hosts."""
    world = site.world
    for door in site.doors:
        name = door.host.name
        interval = 300.0 if door is site.web else 900.0
        world.spawn(_monitoring(site, door, interval / site.scale, site.random(f"mon {name}")))
        world.spawn(_backup(site, door, site.random(f"backup {name}")))
        for admin in site.cast.admins:
            world.spawn(_office(site, door, admin, site.random(f"office {name} {admin.name}")))
    world.spawn(_newcomer(site, site.random("newcomer")))
    web, db, app = (door.host for door in site.doors)
    victim = site.cast.victim
    hourly = "cd / && run-parts --report /etc/cron.hourly"
    clean = (
        "  [ -x /usr/lib/php/sessionclean ] && if [ ! -d /run/systemd/system ]; then "
        "/usr/lib/php/sessionclean; fi"
    )
    queue = "/usr/bin/python3 /srv/app/bin/queue.py --once >> /srv/app/log/queue.log 2>&1"
    jobs = (
        (web, "root", "   " + hourly, ("run-parts --report /etc/cron.hourly",), 17, 60),
        (web, "root", clean, (), 9, 30),
        (web, victim, queue, ("/usr/bin/python3 /srv/app/bin/queue.py --once",), 5, 60),
        (db, "root", hourly, (), 17, 60),
        (db, "postgres", "/usr/bin/psql -Atc 'VACUUM ANALYZE' app > /dev/null", (), 40, 120),
        (app, "root", "run-parts /etc/cron.hourly", ("run-parts /etc/cron.hourly",), 1, 60),
        (app, "batch", "/opt/batch/bin/import --all", ("/opt/batch/bin/import --all",), 20, 60),
    )
    for host, user, command, children, minute, every in jobs:
        when = DAY + timedelta(minutes=minute)
        while (when - DAY) < timedelta(days=3):
            delay = world.until(when) + 1.0 + site.web.random.random() * 0.05
            world.spawn(cron_job(host, user, command, children), delay)
            when += timedelta(minutes=every)


def _monitoring(site: Site, door: Door, interval: float, random: Random) -> Actor:
    """Log on with the monitoring key, look, log off; every few minutes, day and night."""
    key = f"ED25519 SHA256:{site.cast.keys[site.cast.monitor]}"

    def look(seat: Seat) -> Actor:
        audit.execve(seat, ["bash", "-c", "/usr/lib/nagios/plugins/check_load -w 4 -c 8"])
        yield random.uniform(0.2, 0.9)

    yield random.uniform(5, 60)
    while True:
        monitor = site.cast.monitor
        site.world.spawn(session(door, monitor, MONITOR, look, key=key, terminal=False))
        yield interval


def _backup(site: Site, door: Door, random: Random) -> Actor:
    """Copy the host's data away, nightly, through sudo and without a terminal."""
    user = site.cast.backup
    key = f"ED25519 SHA256:{site.cast.keys[user]}"

    def copy(seat: Seat) -> Actor:
        yield from sudo(
            seat, "rsync --server --sender -logDtprze.iLsfxCIvu . /srv/", works=_sleeps(random)
        )

    for day in range(3):
        yield site.world.until(DAY + timedelta(days=day, hours=1, minutes=30)) + random.random()
        yield random.uniform(1, 240)
        yield from session(door, user, BACKUP, copy, key=key, terminal=False)


def _sleeps(random: Random) -> Callable[[Seat], Actor]:
    def works(_: Seat) -> Actor:
        yield random.uniform(60, 500)

    return works


def _office(site: Site, door: Door, admin: Admin, random: Random) -> Actor:
    """Work on a host in office hours: a few sessions a day, hardly any on Saturday."""
    host = door.host
    if admin.name not in host.users:
        return
    typed = admin.careless or (door is site.web and random.random() < 0.2)
    for day in range(3):
        busy = 1 if door is not site.web else 2
        times = sorted(random.uniform(7.6, 16.2) for _ in range(random.randint(0, busy) + 1))
        if day == 2:
            times = times[:1] if random.random() < 0.3 else []
        for number, hour in enumerate(times):
            yield max(30.0, site.world.until(DAY + timedelta(days=day, hours=hour)))
            mistypes = random.choice((2, 3)) if admin.careless and number == 0 else 0
            address = random.choice(admin.addresses)
            if mistypes == 3:  # ssh asks three times; the next call is a new connection
                yield from guess(door, admin.name, address, 3)
                yield 4.0
                mistypes = 0
            yield from session(
                door,
                admin.name,
                address,
                lambda seat: _shift(seat, admin, random, site.scale),
                key=None if typed else admin.key,
                mistypes=mistypes,
            )


def _shift(seat: Seat, admin: Admin, random: Random, scale: float) -> Actor:
    """Spend some minutes to an hour in a shell."""
    sudoer = admin.name in seat.host.sudoers
    for _ in range(max(2, round(random.randint(4, 12) * min(scale, 3.0)))):
        yield random.uniform(8, 150)
        if sudoer and random.random() < 0.3:
            yield from sudo(seat, random.choice(_AS_ROOT), password=random.random() < 0.3)
        else:
            yield from run(seat, random.choice(_COMMANDS))
    if sudoer and random.random() < 0.15:
        root = yield from sudo_shell(seat, random.choice(("-i", "su -")))
        for command in random.sample(_AS_ROOT, 3):
            yield random.uniform(10, 60)
            yield from run(root.seat, command)
        root.close()
    if admin.careless and sudoer and random.random() < 0.3:
        yield from sudo_refused(seat, "systemctl restart cron", attempts=3)
    if random.random() < 0.1:
        yield from _edit_crontab(seat, random)
    yield random.uniform(5, 60)


def _edit_crontab(seat: Seat, random: Random) -> Actor:
    host, pid = seat.host, audit.execve(seat, "crontab -e")
    name = seat.user
    host.log("cron", "crontab", pid, f"({name}) BEGIN EDIT ({name})")
    yield random.uniform(20, 90)
    host.log("cron", "crontab", pid, f"({name}) REPLACE ({name})")
    host.log("cron", "crontab", pid, f"({name}) END EDIT ({name})")
    yield 60.0 - (host.world.now / 1e6) % 60 + 0.5  # cron looks at the turn of the minute
    program, table = host.flavour.cron[1], f"crontabs/{name}"
    if host.flavour.contexts:
        table = f"/var/spool/cron/{name}"
    host.log("cron", program, host.logind - 30, f"({name}) RELOAD ({table})")


def _newcomer(site: Site, random: Random) -> Actor:
    """Give a new colleague an account on the application host, who logs on the day after."""
    admin, name = site.cast.admins[0], site.cast.newcomer

    def welcome(seat: Seat) -> Actor:
        yield 40.0
        root = yield from sudo_shell(seat, "-i")
        yield 20.0
        yield from add_user(root.seat, name, 1004, ("developers",))
        yield 15.0
        root.close()
        yield 30.0

    yield site.world.until(DAY + timedelta(hours=9, minutes=random.randrange(5, 50)))
    yield from session(site.app, admin.name, admin.addresses[0], welcome, key=admin.key)
    yield site.world.until(DAY + timedelta(days=1, hours=8, minutes=random.randrange(5, 50)))
    person = Admin(
        name, 1004, (home_address(random),), f"ED25519 SHA256:{fingerprint(random)}", False
    )
    for key in (None, person.key):
        yield from session(
            site.app,
            name,
            person.addresses[0],
            lambda seat: _shift(seat, person, random, 1.0),
            key=key,
        )
        yield random.uniform(1800, 7200)
