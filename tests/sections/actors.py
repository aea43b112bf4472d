"""Who runs the commands of the tables of ordinary and of malicious commands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """Who runs a block: ids, terminal, the program above, seconds between commands."""

    name: str
    auid: int | None
    uid: int
    tty: str | None
    parent: str
    cwd: str
    pace: float


ADMIN = Actor("admin", 1000, 1000, "pts0", "/usr/bin/bash", "/home/ana", 21.0)
ROOT = Actor("root by sudo", 1000, 0, "pts0", "/usr/bin/sudo", "/home/ana", 17.0)
NEWCOMER = Actor("newcomer", 1003, 1003, "pts3", "/usr/bin/bash", "/home/noor", 40.0)
DEVELOPER = Actor("developer", 1001, 1001, "pts1", "/usr/bin/bash", "/home/dev/src/shop", 9.0)
PACKAGES = Actor("packages", 1000, 0, "pts2", "/usr/bin/dpkg", "/", 0.06)
JOBS = Actor("cron", 0, 0, None, "/usr/sbin/cron", "/root", 2.0)
JOBS_WWW = Actor("cron of www-data", 33, 33, None, "/usr/sbin/cron", "/var/www", 60.0)
SYSTEM = Actor("systemd", None, 0, None, "/usr/lib/systemd/systemd", "/", 0.4)
PHP = Actor("php-fpm", None, 33, None, "/usr/sbin/php-fpm8.2", "/var/www/shop/public", 30.0)
DATABASE = Actor(
    "postgres", None, 114, None, "/usr/lib/postgresql/15/bin/postgres", "/var/lib/postgresql", 60.0
)
MONITOR = Actor("monitoring", None, 117, None, "/usr/sbin/nrpe", "/", 5.0)
BUILDER = Actor(
    "jenkins",
    None,
    118,
    None,
    "/usr/lib/jvm/java-17/bin/java",
    "/var/lib/jenkins/workspace/shop",
    1.0,
)
ANSIBLE = Actor("ansible", 1002, 0, None, "/usr/bin/python3.11", "/root", 0.3)
DOCKER = Actor("containers", None, 0, None, "/usr/bin/containerd-shim-runc-v2", "/", 0.5)
GIT = Actor("git", 1005, 1005, None, "/usr/bin/git", "/srv/git/shop.git", 0.2)
LOGIN = Actor("login scripts", 1000, 1000, "pts0", "/usr/bin/bash", "/home/ana", 0.004)
