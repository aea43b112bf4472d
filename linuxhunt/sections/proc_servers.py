"""Did a web server, an application server or a database start what an intruder would?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

import pandas as pd

from linuxhunt.sections.commands import commands
from linuxhunt.sections.finding import Finding, Tables
from linuxhunt.sections.proc_findings import finding
from linuxhunt.sections.proc_match import hits
from linuxhunt.sections.proc_rules_look import SERVER

__all__ = ["ServiceShell", "served"]

_USERS = frozenset(
    ["www-data", "apache", "apache2", "httpd", "nginx", "www", "wwwrun", "http", "lighttpd",
     "tomcat", "tomcat8", "tomcat9", "tomcat10", "jetty", "jboss", "wildfly", "weblogic", "php-fpm",
     "mysql", "mariadb", "postgres", "redis", "mongodb", "mongod", "elasticsearch", "solr",
     "caddy", "nobody",
     "confluence", "jira", "gitea", "grafana", "memcache", "memcached", "couchdb", "rabbitmq",
     "oracle", "uwsgi", "gunicorn", "node", "nodejs", "exim", "Debian-exim", "postfix", "vsftpd",
     "ftp", "proftpd", "activemq", "kafka", "cassandra", "neo4j", "squid", "haproxy", "zimbra",
     "bitbucket", "nexus", "sonarqube", "glassfish", "payara", "coldfusion", "openfire", "keycloak",
     "asterisk", "freeswitch", "odoo", "redmine", "discourse", "ghost", "mattermost", "gogs"]
)  # fmt: skip
_UIDS = {33: "www-data", 48: "apache", 27: "mysql", 26: "postgres", 91: "tomcat", 65534: "nobody"}
_PROGRAMS = re.compile(
    r"/(?:apache2?|httpd(?:-\w+)?|nginx|lighttpd|caddy|php-fpm[\d.]*|php-cgi[\d.]*|mysqld|mariadbd"
    r"|postgres|redis-server|mongod|uwsgi\S*|gunicorn\S*|unicorn|puma|memcached|exim4?|vsftpd|smbd"
    r"|tomcat\S*|catalina\S*|squid|named|vsftpd|proftpd|openresty|litespeed|lshttpd)"
    r"(?: \(deleted\))?$"
)
_APP_SERVERS = re.compile(
    r"/(?:java|node|nodejs|php[\d.]*|python[\d.]*|ruby[\d.]*|dotnet|beam\.smp)(?: \(deleted\))?$"
)
_SITES = (
    r"^(?:/var/www|/srv/www|/srv/http|/usr/share/nginx|/opt/tomcat|/var/lib/tomcat"
    r"|/usr/local/apache2|/home/[^/]+/public_html)(?:/|$)"
)
_BARE = r"(?:\S*/)?(?:ba|da|z|k|a)?sh(?: -i)?"
_DATABASES = frozenset(["mysql", "mariadb", "postgres", "redis", "mongodb", "mongod", "couchdb"])
_GIVEN = r"(?:\S*/)?(?:ba|da|z|k)?sh -c .*"
_ASKS_WHO = r"(?:whoami|id)"
_SERVICE_UIDS = (1, 999)
_LEVELS = 6


def served(ran: pd.DataFrame) -> pd.Series[Any]:
    """Return for each command ``server``, ``app``, ``service`` or null, by what started it.

    A command of a person (auid set) is none of these. ``server``: its user is a server's, or a
    server program is among its parents, or it works in a web site's folder. ``app``: a service
    account's java, node or the like is among its parents. ``service``: any other account of a
    number below 1000.
    """
    nobody = ran["ActorUserId"].isna() & (ran["Source"] == "process")
    uid = ran["TargetUserId"]
    user = ran["User"].str.lower().fillna("")
    system = uid.between(*_SERVICE_UIDS).fillna(False) | uid.eq(65534).fillna(False)
    server = user.isin(_USERS) | uid.isin(list(_UIDS)).fillna(False)
    cwd = ran["TargetProcessCurrentDirectory"].fillna("")
    server |= cwd.str.contains(_SITES, regex=True).astype(bool) & uid.ne(0).fillna(False)
    exe = ran["TargetProcessName"].fillna("")
    starts = exe.str.contains(_PROGRAMS).astype(bool)
    apps = exe.str.contains(_APP_SERVERS).astype(bool) & nobody & uid.ne(0).fillna(True)
    plain = uid.ne(0).fillna(True)
    kind = pd.Series(None, index=ran.index, dtype=object)
    kind[nobody & system] = "service"
    kind[nobody & _below(ran, apps) & plain] = "app"
    kind[nobody & (server | (_below(ran, starts & nobody) & plain))] = "server"
    bare = ran["CommandLine"].str.fullmatch(_BARE).fillna(False).astype(bool)
    daemons = ran.loc[starts & nobody, "TargetProcessGuid"].dropna()
    of_daemon = ran["ActingProcessGuid"].isin(daemons)
    kind[nobody & bare & of_daemon] = "server"  # root's daemons, too, start no bare shell
    kind[starts] = None
    return kind


def _databases(ran: pd.DataFrame) -> pd.Series[Any]:
    """Return which rows are a database's: by the user, or by the program above."""
    of_user = ran["User"].str.lower().isin(_DATABASES).astype(bool)
    program = r"/(?:mysqld|mariadbd|postgres|redis-server|mongod|beam\.smp)$"
    daemons = ran["TargetProcessName"].fillna("").str.contains(program).astype(bool)
    return of_user | _below(ran, daemons)


def _below(ran: pd.DataFrame, tops: pd.Series[Any]) -> pd.Series[Any]:
    """Return which rows descend from marked ones."""
    parent = ran["ActingProcessGuid"]
    marked = pd.Series(False, index=ran.index)
    guids = set(ran.loc[tops, "TargetProcessGuid"].dropna())
    for _ in range(_LEVELS):
        new = parent.isin(guids).astype(bool) & ~marked
        if not new.any():
            break
        marked |= new
        guids = set(ran.loc[new, "TargetProcessGuid"].dropna())
    return marked


@dataclass(frozen=True)
class ServiceShell:
    """Did a server start a shell that looks around, fetches or waits for commands?

    Attributes:
        gap: a pause after which what follows is told apart.
        kinds: kinds of question by a service account that is no server's, within one visit,
            that are more than monitoring asks.
    """

    gap: timedelta = timedelta(hours=1)
    kinds: int = 4
    techniques: ClassVar[tuple[str, ...]] = ("T1190", "T1505.003", "T1059.004")
    needs: ClassVar[tuple[str, ...]] = ("processes",)

    def run(self, tables: Tables) -> list[Finding]:
        """Return one finding for each user and visit.

        High where it waits for commands, or asks three kinds of question, or fetches and asks;
        Medium where it asks what only an intruder would or fetches; Low for the rest.
        """
        ran = commands({**tables, "sudo": None, "cron": None})  # type: ignore[dict-item]
        ran = ran[ran["Source"] == "process"].reset_index(drop=True)
        if ran.empty:
            return []
        kind = served(ran)
        if kind.isna().all():
            return []
        own = ran[kind.notna()].assign(Kind=kind, Database=_databases(ran))
        own = own.reset_index(drop=True)
        found = hits(own, SERVER)
        if found.empty:
            return []
        rows = own.loc[found["Command"]].reset_index(drop=True)
        rows["Title"], rows["Rank"] = found["Title"], found["Severity"]
        rows["Line"] = found["Line"]
        rows["Technique"] = [SERVER[number].techniques for number in found["Rule"]]
        rows = rows.sort_values("TimeGenerated", kind="stable")
        by = ["DvcHostname", "TargetUserId", "Kind"]
        pause = rows.groupby(by, dropna=False)["TimeGenerated"].diff() > self.gap
        rows["Visit"] = pause.groupby([rows[name] for name in by], dropna=False).cumsum()
        visits = rows.groupby([*by, "Visit"], dropna=False, sort=False)
        return [made for _, visit in visits if (made := self._visit(visit)) is not None]

    def _visit(self, visit: pd.DataFrame) -> Finding | None:
        kinds = set(visit["Title"])
        telling = set(visit.loc[visit["Rank"] != "Low", "Title"])
        kind = visit["Kind"].iloc[0]
        waits = "shell" in kinds and len(kinds) > 1
        if kind in ("service", "app") and self._at_once(visit):
            severity = "Medium"
        elif kind == "service" or (
            kind == "app" and telling <= {"tool", "network", "secrets", "shell"}
        ):
            if len(telling) < self.kinds or not {"who am I", "accounts"} & telling:
                return None
            severity = "Medium"
        elif waits or len(telling) >= 3 or ("tool" in telling and len(telling) >= 2):
            severity = "High"
        elif telling - {"network"} or (telling and self._of_database(visit)):
            severity = "Medium"
        else:
            severity = "Low"
        rows = visit.drop_duplicates("TargetProcessGuid")
        asked = ", ".join(sorted(kinds))
        return finding(
            rows,
            "Server runs an intruder's commands" if severity != "Low" else "Server runs commands",
            severity,
            (*(self.techniques if severity != "Low" else ("T1059.004",)), *visit["Technique"]),
            f"a program that serves others, with no person logged on, ran {len(rows):,} commands of"
            f" {len(kinds)} kinds ({asked})",
        )

    @staticmethod
    def _at_once(visit: pd.DataFrame) -> bool:
        """Whether one text for a shell asks who it runs as, and more: no service need ask that."""
        given = visit["CommandLine"].str.fullmatch(f"(?s:{_GIVEN})").fillna(False).astype(bool)
        given &= visit["Rank"] != "Low"
        by = visit["TargetProcessGuid"].where(given)
        who = visit["Line"].str.fullmatch(_ASKS_WHO).fillna(False).astype(bool)
        return bool((who.groupby(by).any() & (visit["Title"].groupby(by).nunique() > 1)).any())

    @staticmethod
    def _of_database(visit: pd.DataFrame) -> bool:
        """Whether a database gave a shell the text: its own upkeep does not ask about a host."""
        given = visit["CommandLine"].str.fullmatch(f"(?s:{_GIVEN})").fillna(False).astype(bool)
        return bool((given & visit["Database"]).any())
