"""The stage of the sample incident: the three hosts, and the files under etc that name them."""

from __future__ import annotations

from pathlib import Path
from random import Random

from linuxhunt.evidence.sample_cast import Cast
from linuxhunt.evidence.sample_flows import Wire
from linuxhunt.evidence.sample_host import DEBIAN, RHEL, UBUNTU, Flavour, Host
from linuxhunt.evidence.sample_logon import Door
from linuxhunt.evidence.sample_sim import World
from linuxhunt.evidence.sample_work import Site

__all__ = ["stage", "write_etc"]

_SYSTEM = {"root": 0, "daemon": 1, "bin": 2, "sys": 3, "mail": 8, "nobody": 65534}
_DEBIAN = {**_SYSTEM, "www-data": 33, "syslog": 104, "sshd": 110}
_NOLOGIN = "/usr/sbin/nologin"
_RELEASES = (
    'PRETTY_NAME="Ubuntu 22.04.5 LTS"\nNAME="Ubuntu"\nVERSION_ID="22.04"\n'
    'VERSION="22.04.5 LTS (Jammy Jellyfish)"\nVERSION_CODENAME=jammy\nID=ubuntu\n'
    "ID_LIKE=debian\n",
    'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nNAME="Debian GNU/Linux"\nVERSION_ID="13"\n'
    'VERSION="13 (trixie)"\nVERSION_CODENAME=trixie\nID=debian\n',
    'NAME="Red Hat Enterprise Linux"\nVERSION="9.5 (Plow)"\nID="rhel"\nID_LIKE="fedora"\n'
    'VERSION_ID="9.5"\nPRETTY_NAME="Red Hat Enterprise Linux 9.5 (Plow)"\n',
)
_ZONES = ("Etc/UTC", "Europe/Berlin", None)  # RHEL has no etc/timezone; its logs are in UTC here


def stage(world: World, cast: Cast, seed: int, scale: float) -> Site:
    """Set up the hosts and the wire between them."""
    wire = Wire(world, _random(seed, "wire"))
    keeps = frozenset((cast.monitor, cast.backup))

    def door(name: str, address: str, flavour: Flavour, kernel: str, users: dict[str, int]) -> Door:
        everywhere = {cast.monitor: 115, cast.backup: 990}
        host = Host(
            world,
            name,
            address,
            flavour,
            _random(seed, f"host {name}"),
            {**users, **everywhere},
            kernel,
        )
        people = [admin.name for admin in cast.admins if admin.name in users]
        host.sudoers = {*people[:3], cast.backup}
        host.unaudited = {everywhere[cast.monitor]}
        return Door(host, wire, _random(seed, f"door {name}"), keeps)

    people = {admin.name: admin.uid for admin in cast.admins}
    two = {admin.name: admin.uid for admin in cast.admins[:2]}
    three = {admin.name: admin.uid for admin in cast.admins[:3]}
    web = door(
        cast.web,
        "10.20.0.11",
        UBUNTU,
        "5.15.0-171-generic",
        {**_DEBIAN, **people, cast.victim: 1010},
    )
    web.host.sudoers.add(cast.victim)
    web.host.rules = True
    db = door(
        cast.db, "10.20.0.12", DEBIAN, "6.12.73+deb13-amd64", {**_DEBIAN, "postgres": 108, **two}
    )
    app = door(
        cast.app,
        "10.20.0.13",
        RHEL,
        "5.14.0-503.40.1.el9_5.x86_64",
        {**_SYSTEM, "sshd": 74, "chrony": 981, "batch": 977, **three},
    )
    return Site(world, cast, wire, web, db, app, scale, seed)


def _random(seed: int, name: str) -> Random:
    return Random(f"linuxhunt sample {seed} {name}")


def write_etc(folder: Path, site: Site) -> None:
    """Write etc/hostname, os-release, timezone and passwd of each host, as they are at the end."""
    for door, release, zone in zip(site.doors, _RELEASES, _ZONES, strict=True):
        host = door.host
        etc = folder / host.name / "etc"
        etc.mkdir(parents=True, exist_ok=True)
        files = {
            "hostname": f"{host.name}\n",
            "os-release": release,
            "passwd": "".join(_passwd(host, user) for user in host.users),
        }
        if zone is not None:
            files["timezone"] = f"{zone}\n"
        for file, text in files.items():
            (etc / file).write_text(text, "utf-8", newline="")


def _passwd(host: Host, user: str) -> str:
    uid = host.users[user]
    shell = "/bin/bash" if uid == 0 or 1000 <= uid < 65534 or uid in (115, 990) else _NOLOGIN
    return f"{user}:x:{uid}:{uid}::{host.home(user)}:{shell}\n"
