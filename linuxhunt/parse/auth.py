"""Syslog rows to the ``auth`` frame: one row a line that states something about who got in."""

from __future__ import annotations

from functools import cache
from ipaddress import IPv6Address, ip_address

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from linuxhunt.parse.desktop import COCKPIT, GDM, POLKIT, SDDM, VSFTPD
from linuxhunt.parse.distinct import in_line_order, said
from linuxhunt.parse.dropbear import DROPBEAR
from linuxhunt.parse.engine import Reader, maps, to_pandas
from linuxhunt.parse.lines import load
from linuxhunt.parse.login import LOGIN
from linuxhunt.parse.logind import KERNEL, LOGIND, SYSTEMD
from linuxhunt.parse.pam import PAM, SERVICES
from linuxhunt.parse.shape import Table
from linuxhunt.parse.sshd import SSHD
from linuxhunt.parse.su import SU
from linuxhunt.parse.sudoers import DOAS, PKEXEC, SUDO
from linuxhunt.schema import EVENTS, empty

__all__ = ["TABLES", "auth"]

TABLES: tuple[Table, ...] = (
    *(SSHD, DROPBEAR, PAM, SU, SUDO, DOAS, PKEXEC, POLKIT, LOGIN, LOGIND),
    *(GDM, SDDM, COCKPIT, VSFTPD, SYSTEMD, KERNEL),
)
"""The tables whose lines give ``auth`` rows."""

_METHODS = {
    "password": "Username & Password",
    "keyboard-interactive": "Username & Password",
    "challenge-response": "Username & Password",
    "publickey": "PKI",
    "hostbased": "PKI",
    "rsa": "PKI",
    "rhosts-rsa": "PKI",
    "gssapi-with-mic": "Kerberos",
    "gssapi-keyex": "Kerberos",
    "gssapi": "Kerberos",
    "kerberos": "Kerberos",
    "krb5": "Kerberos",
    "google_authenticator": "Multi factor authentication",
    "duo": "Multi factor authentication",
}
_ELEVATES = ("su", "sudo", "doas", "runuser", "polkit")
_CHANGES = ("passwd", "chpasswd", "chfn", "chsh", "newusers", "chage", "useradd", "usermod")
_NOWHERE = frozenset({"", "?", "UNKNOWN", "(null)", "-", "(unknown)", "none"})
_COLUMNS = frozenset({*EVENTS["auth"], "Src"})
_KEPT = {
    "TimeGenerated": "TimeGenerated",
    "DvcHostname": "Computer",
    "TargetAppId": "ProcessID",
    "EventMessage": "SyslogMessage",
    "EventUid": "_ItemId",
}


@cache
def reader() -> Reader:
    """Return the reader of all tables."""
    return Reader(TABLES, _COLUMNS)


def auth(syslog: pd.DataFrame) -> pd.DataFrame:
    """Return what the lines of authentication programs state.

    Args:
        syslog: rows of the Syslog table: TimeGenerated, Computer, ProcessName, ProcessID,
            SyslogMessage, _ItemId.

    Returns:
        Rows of ``schema.EVENTS["auth"]`` by time, file, line. Lines that no shape understood, or
        that state nothing about a logon or a session, are not in it. Addresses are as
        ``ipaddress`` writes them; an IPv4-mapped one (``::ffff:192.0.2.1``) is its IPv4
        address, and the zone of a scoped one is in AdditionalFields as ``SrcZone``.
    """
    lines = said(syslog)
    with duckdb.connect() as con:
        load(con, lines.rows, TABLES)
        if not reader().capture(con):
            return empty("auth")
        con.register("sources", _sources(con))
        con.register("methods", _pairs(_METHODS))
        con.register("services", _pairs(SERVICES))
        told = to_pandas(con.sql(_ROWS))
    numbers = told["n"].to_numpy("int64")
    rows = in_line_order(syslog, lines.who(numbers))
    place = np.empty(len(lines.rows), np.int64)
    place[numbers] = np.arange(len(numbers))
    place = place[lines.place[rows]]
    told["AdditionalFields"] = maps(told.pop("extra"))
    columns = {str(name): told[name].array.take(place) for name in told if name != "n"}
    columns |= {name: syslog[column].array.take(rows) for name, column in _KEPT.items()}
    # What conform would make, without its copies: a million rows take it a second.
    return pd.DataFrame(
        {
            str(name): pd.Series(columns[str(name)], dtype=type_, copy=False)
            for name, type_ in empty("auth").dtypes.items()
        },
        copy=False,
    )


_ROWS = f"""
    SELECT n, CASE WHEN EventType <> 'Logon' OR EventSubType = 'Session' THEN EventType
            WHEN protocol IN {_ELEVATES} THEN 'Elevate'
            WHEN protocol IN {_CHANGES} THEN 'Info'
            ELSE EventType END AS EventType,
        EventSubType, EventResult, EventResultDetails, EventOriginalResultDetails,
        repeats AS EventCount, TargetUsername,
        TRY_CAST(TargetUserId AS BIGINT) AS TargetUserId, ActorUsername,
        TRY_CAST(ActorUserId AS BIGINT) AS ActorUserId,
        address AS SrcIpAddr, TRY_CAST(SrcPortNumber AS BIGINT) AS SrcPortNumber,
        coalesce(SrcHostname, hostname) AS SrcHostname, protocol AS LogonProtocol,
        coalesce(LogonMethod, methods.value,
            CASE WHEN LogonMethodOriginal IS NOT NULL THEN 'Other' END) AS LogonMethod,
        LogonMethodOriginal, KeyFingerprint, program AS TargetAppName,
        CASE WHEN zone IS NULL THEN extra
            ELSE json_merge_patch(coalesce(extra, '{{}}'), json_object('SrcZone', zone))::VARCHAR
            END AS extra
    FROM (
        SELECT *, coalesce(LogonProtocol, services.value, service) AS protocol
        FROM captured LEFT JOIN services ON service = services.name
    )
    LEFT JOIN sources ON Src = sources.name
    LEFT JOIN methods ON split_part(LogonMethodOriginal, '/', 1) = methods.name
"""


def _pairs(mapping: dict[str, str]) -> pa.Table:
    return pa.table({"name": list(mapping), "value": list(mapping.values())})


def _sources(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """Return each peer that was printed: as an address with its zone, or as a host name."""
    found = con.sql("SELECT DISTINCT Src FROM captured WHERE Src IS NOT NULL").fetchall()
    names = [name for (name,) in found]
    read = [_source(name) for name in names]
    return pa.table(
        {
            "name": pa.array(names, pa.string()),
            "address": pa.array([address for address, _, _ in read], pa.string()),
            "zone": pa.array([zone for _, zone, _ in read], pa.string()),
            "hostname": pa.array([host for _, _, host in read], pa.string()),
        }
    )


def _source(text: str) -> tuple[str | None, str | None, str | None]:
    """Return (address, zone, host name) of what a program printed for the other end."""
    if text in _NOWHERE:
        return None, None, None
    try:
        address = ip_address(text)
    except ValueError:
        return None, None, text
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped), address.scope_id, None
        return str(address).partition("%")[0], address.scope_id, None
    return str(address), None, None
