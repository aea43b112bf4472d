"""Who takes part in the sample incident: drawn from the seed, the same for the same seed.

Public addresses come from blocks of large access networks and clouds that lie wholly in one
country, so that any GeoIP data places them. They are drawn at random: nobody at one of them did
what the sample tells.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from random import Random

__all__ = ["BLOCKS", "Admin", "Cast", "cast"]

BLOCKS: dict[str, tuple[str, ...]] = {
    "DE": ("84.150", "84.160", "91.32", "178.10", "49.12"),
    "GB": ("81.130", "86.140"),
    "FR": ("92.150",),
    "US": ("73.20", "73.150", "98.200", "20.120", "44.200"),
    "SE": ("78.70",),
    "PL": ("83.10", "83.20"),
    "NL": ("77.165", "31.160", "52.166", "13.80", "34.90"),
    "IE": ("18.200",),
    "VN": ("113.160", "113.180", "14.170", "14.230", "116.110"),
    "BR": ("189.10", "177.80"),
    "CN": ("58.40", "61.170"),
    "IN": ("117.200",),
    "KR": ("121.140",),
    "ID": ("36.70", "36.80"),
    "RU": ("95.30", "94.180"),
    "TR": ("78.180", "88.230"),
    "MX": ("187.150",),
    "EG": ("197.50",),
    "DZ": ("105.100",),
    "TN": ("41.230",),
    "FI": ("95.216",),
}
"""Country -> the first half of /16 networks that lie in it."""

_HOME = ("DE", "GB", "FR", "US", "SE", "PL", "NL")
_FAR = ("VN", "BR", "CN", "IN", "KR", "ID", "RU", "TR", "MX", "EG", "DZ", "TN")
_HOSTING = ("FI", "IE", "RU", "TR", "KR", "BR")
_NAMES = (
    "alice",
    "bob",
    "carol",
    "dana",
    "erik",
    "fatima",
    "goran",
    "hanna",
    "ivan",
    "jonas",
    "kira",
    "lena",
    "marco",
    "nadia",
    "oskar",
    "petra",
    "quinn",
    "rosa",
    "stefan",
    "tara",
    "ulrik",
    "vera",
    "wanda",
    "yusuf",
    "zoe",
)
_SERVICES = ["deploy", "webadmin", "ftpuser", "git", "test", "build", "stage", "demo"]
_ADDED = [
    "svc-update",
    "sysbackup",
    "netadm",
    "www-backup",
    "support2",
    "dbus-helper",
    "logsync",
    "pkgcache",
]
_WEB, _DB, _APP = ("web", "www", "shop", "front"), ("db", "sql", "data"), ("app", "erp", "batch")


@dataclass(frozen=True)
class Admin:
    """A person who works on the hosts.

    Attributes:
        addresses: where they usually log on from.
        key: type and SHA-256 fingerprint of their key, as sshd prints it.
        careless: mistypes a password now and then.
    """

    name: str
    uid: int
    addresses: tuple[str, ...]
    key: str
    careless: bool


@dataclass(frozen=True)
class Cast:
    """Names, addresses and keys of one sample.

    Attributes:
        web: the host that is broken into; db and app are the other two.
        monitor: account that looks after the hosts every few minutes; backup, nightly.
        newcomer: a colleague who gets an account in office hours, rightly.
        victim: account with a weak password on the web host.
        added: account that the intruder adds.
        guesser: address that guesses; entry, the one that comes back with a key; visitor, the
            one that talks to the web shell; c2, where the beacon goes; drop, where the data goes.
        keys: account -> fingerprint; the intruder's under ``added``.
    """

    web: str
    db: str
    app: str
    admins: tuple[Admin, ...]
    newcomer: str
    monitor: str
    backup: str
    victim: str
    guessed: tuple[str, ...]
    added: str
    guesser: str
    entry: str
    visitor: str
    c2: str
    drop: str
    domain: str
    implant: str
    shell: str
    keys: dict[str, str]


def public_address(random: Random, countries: tuple[str, ...]) -> str:
    """Draw a public address in one of the countries."""
    block = random.choice(BLOCKS[random.choice(countries)])
    return f"{block}.{random.randrange(1, 255)}.{random.randrange(2, 254)}"


def far_address(random: Random) -> str:
    """Draw an address that guesses at everybody's door, from the countries nobody works in."""
    return public_address(random, _FAR)


def home_address(random: Random) -> str:
    """Draw an address of a customer, in the countries where people work."""
    return public_address(random, _HOME)


def fingerprint(random: Random) -> str:
    """Draw the fingerprint of a key: base64 of 32 bytes without its padding."""
    return base64.b64encode(random.randbytes(32)).decode().rstrip("=")


def cast(seed: int) -> Cast:
    """Draw who takes part."""
    random = Random(f"linuxhunt sample {seed} cast")
    names = random.sample(_NAMES, 5)
    country = random.choice(_HOME)
    admins = tuple(
        Admin(
            name,
            1000 + n,
            tuple(
                public_address(random, (country if random.random() < 0.8 else "NL",))
                for _ in range(random.choice((2, 3)))
            ),
            f"{random.choice(('ED25519', 'RSA'))} SHA256:{fingerprint(random)}",
            n == 1,
        )
        for n, name in enumerate(names[:4])
    )
    victim, *others = random.sample(_SERVICES, 4)
    monitor, backup = random.choice(("nagios", "zabbix", "icinga")), "backup-agent"
    added = random.choice(_ADDED)
    far = random.sample(_FAR, 3)
    hosting = random.sample([c for c in _HOSTING if c not in far], 2)
    number = random.randrange(1, 9)
    return Cast(
        web=f"{random.choice(_WEB)}{number:02d}",
        db=f"{random.choice(_DB)}{number:02d}",
        app=f"{random.choice(_APP)}{number:02d}",
        admins=admins,
        newcomer=names[4],
        monitor=monitor,
        backup=backup,
        victim=victim,
        guessed=("root", victim, admins[0].name, *others[:2]),
        added=added,
        guesser=public_address(random, (far[0],)),
        entry=public_address(random, (far[1],)),
        visitor=public_address(random, (far[2],)),
        c2=public_address(random, (hosting[0],)),
        drop=public_address(random, (hosting[1],)),
        domain=random.choice(("cdn-metrics", "pkg-mirror", "static-sync", "time-svc")) + ".example",
        implant=random.choice((".cache-upd", ".dbus-d", "kworkerds", ".sysd", "udevd-helper")),
        shell=random.choice(("thumb.php", "cache.php", "wp-info.php", "lib.php", "x.php")),
        keys={name: fingerprint(random) for name in (monitor, backup, added)},
    )
