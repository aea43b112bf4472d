"""Logons where no line and no audit record tells of them: Defender's table, and ASIM's.

Sources: Microsoft's references of ``DeviceLogonEvents`` (advanced hunting) and of ASIM's
authentication schema. Both say who, from where and how it ended, one row an attempt; neither says
what a connection did besides, so there is nothing to join.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from linuxhunt.schema import STR, conform, in_order

__all__ = ["asim_auth", "asim_processes", "defender_auth", "other_logons", "other_sessions"]

_PROTOCOLS = {
    **dict.fromkeys(("sshd", "sshd-session", "dropbear"), "SSH"),
    **dict.fromkeys(("cron", "crond"), "cron"),
    **{name: name for name in ("su", "sudo", "login", "doas", "runuser", "vsftpd")},
    **dict.fromkeys(("gdm-session-worker", "gdm"), "gdm"),
}
"""Program in which Defender saw the logon -> LogonProtocol."""
_ELEVATING = ("su", "sudo", "doas", "runuser")
_RESULTS = {"LogonSuccess": "Success", "LogonFailed": "Failure"}
_DETAILS = {
    "InvalidUserNameOrPassword": "Incorrect password",
    "InvalidUserName": "No such user",
    "UserNotFound": "No such user",
    "InvalidPassword": "Incorrect password",
    "AccountDisabled": "User disabled",
    "AccountLocked": "User locked",
    "AccountLockedOut": "User locked",
    "PasswordExpired": "Password expired",
    "AccountExpired": "Account expired",
}
"""Defender's FailureReason -> ASIM's word; what is not among them is ``Other``."""


def defender_auth(rows: pd.DataFrame) -> pd.DataFrame:
    """Return ``auth`` rows of what Defender saw.

    Args:
        rows: of the query ``logons_defender``.

    Returns:
        ``EVENTS["auth"]``: LogonSuccess and LogonFailed are Logon (Elevate in su and sudo); what
        was only attempted is Info. LogonId and LogonType are in AdditionalFields.
    """
    program = _text(rows["InitiatingProcessFileName"]).str.lower()
    result = rows["ActionType"].map(_RESULTS).astype(STR)
    failed = result == "Failure"
    why = _text(rows["FailureReason"])
    kind = pd.Series(np.where(program.isin(_ELEVATING), "Elevate", "Logon"), rows.index)
    frame = pd.DataFrame(
        {
            "TimeGenerated": rows["TimeGenerated"],
            "DvcHostname": rows["DeviceName"],
            "EventType": kind.where(result.notna(), "Info"),
            "EventSubType": "Authentication",
            "EventResult": result.fillna("NA"),
            "EventResultDetails": why.map(_DETAILS).fillna("Other").where(failed),
            "EventOriginalResultDetails": why.where(failed),
            "EventCount": 1,
            "TargetUsername": _text(rows["AccountName"]),
            "SrcIpAddr": _text(rows["RemoteIP"]),
            "SrcPortNumber": rows["RemotePort"].where(rows["RemotePort"] > 0),
            "SrcHostname": _text(rows["RemoteDeviceName"]),
            "LogonProtocol": program.map(_PROTOCOLS).fillna(_text(rows["Protocol"])),
            "TargetAppName": program,
            "TargetAppId": rows["InitiatingProcessId"],
            "AdditionalFields": _further(rows, {"LogonId": "LogonId", "LogonType": "LogonType"}),
            "EventUid": rows["_ItemId"],
        }
    )
    return in_order(conform(frame, "auth"), ("TimeGenerated",))


def asim_auth(rows: pd.DataFrame) -> pd.DataFrame:
    """Return ``auth`` rows of ASIM's authentication events.

    Args:
        rows: of the query ``logons_asim`` or ``logons_im``.

    Returns:
        ``EVENTS["auth"]``; TargetSessionId and the product are in AdditionalFields. A row without
        an id of its own (a parser may drop it) has none here.
    """
    failed = rows["EventResult"] == "Failure"
    details = _text(rows["EventResultDetails"]).replace(
        "No such user or password", "Incorrect password"
    )
    uid = pd.to_numeric(rows["TargetUserId"], errors="coerce")
    frame = pd.DataFrame(
        {
            "TimeGenerated": rows["TimeGenerated"],
            "DvcHostname": _text(rows["DvcHostname"]).fillna(_text(rows["TargetHostname"])),
            "EventType": _text(rows["EventType"]).fillna("Logon"),
            "EventSubType": "Authentication",
            "EventResult": _text(rows["EventResult"]).fillna("NA"),
            "EventResultDetails": details.fillna("Other").where(failed),
            "EventCount": rows["EventCount"].fillna(1),
            "TargetUsername": _text(rows["TargetUsername"]),
            "TargetUserId": uid.where((uid >= 0) & (uid == uid.round())).astype("Int64"),
            "ActorUsername": _text(rows["ActorUsername"]),
            "SrcIpAddr": _text(rows["SrcIpAddr"]),
            "SrcPortNumber": rows["SrcPortNumber"],
            "SrcHostname": _text(rows["SrcHostname"]),
            "LogonProtocol": _text(rows["LogonProtocol"]).replace("ssh", "SSH"),
            "LogonMethod": _text(rows["LogonMethod"]),
            "TargetAppName": _text(rows["EventProduct"]),
            "AdditionalFields": _further(
                rows, {"TargetSessionId": "LogonId", "EventVendor": "EventVendor"}
            ),
            "EventMessage": _text(rows["EventMessage"]),
            "EventUid": _text(rows["_ItemId"]),
        }
    )
    return in_order(conform(frame, "auth"), ("TimeGenerated",))


def asim_processes(rows: pd.DataFrame) -> pd.DataFrame:
    """Return ASIM's process events as rows of the query ``processes_defender``.

    Args:
        rows: of the query ``processes_asim`` or ``processes_im``.
    """

    def number(name: str) -> pd.Series[Any]:
        held = pd.to_numeric(rows[name], errors="coerce")
        return held.where(held == held.round()).astype("Int64")

    def file(name: str) -> pd.Series[Any]:
        return rows[name].str.extract(r"([^/]*)$", expand=False).astype(STR)

    time = pd.Series(pd.NaT, rows.index, dtype=rows["TimeGenerated"].dtype)
    blank = pd.Series(np.nan, rows.index, dtype=STR)
    return pd.DataFrame(
        {
            "TimeGenerated": rows["EventStartTime"].fillna(rows["TimeGenerated"]),
            "DeviceName": rows["DvcHostname"],
            "ActionType": pd.Series(
                np.where(rows["EventType"] == "ProcessTerminated", "other", "ProcessCreated"),
                rows.index,
                dtype=STR,
            ),
            "AccountName": rows["ActorUsername"],
            "FileName": file("TargetProcessName"),
            "FolderPath": rows["TargetProcessName"],
            "ProcessId": number("TargetProcessId"),
            "ProcessCommandLine": rows["TargetProcessCommandLine"],
            "ProcessCreationTime": rows["TargetProcessCreationTime"],
            "SHA256": rows["TargetProcessSHA256"],
            "InitiatingProcessAccountName": rows["ActorUsername"],
            "InitiatingProcessCommandLine": rows["ActingProcessCommandLine"],
            "InitiatingProcessCreationTime": time,
            "InitiatingProcessFileName": file("ActingProcessName"),
            "InitiatingProcessFolderPath": rows["ActingProcessName"],
            "InitiatingProcessId": number("ActingProcessId"),
            "InitiatingProcessParentFileName": file("ParentProcessName"),
            "InitiatingProcessParentId": number("ParentProcessId"),
            "InitiatingProcessParentCreationTime": time,
            "AdditionalFields": blank,
            "_ItemId": rows["_ItemId"],
        }
    )


def other_logons(auth: pd.DataFrame) -> pd.DataFrame:
    """Return ``logons`` of the rows of this module: one row is one attempt."""
    tried = auth[(auth["EventType"] == "Logon") & auth["EventResult"].isin(["Success", "Failure"])]
    tried = tried.reset_index(drop=True)
    return conform(tried.assign(AttemptIndex=1, RefusedKeys=0, RecordIds=_records(tried)), "logons")


def other_sessions(auth: pd.DataFrame, witness: str) -> pd.DataFrame:
    """Return ``sessions`` of the rows of this module: each success begins one.

    Args:
        auth: of :func:`defender_auth` or :func:`asim_auth`.
        witness: who saw them.

    Returns:
        ``EVENTS["sessions"]``. A Logoff of the same host and LogonId ends one (EndReason
        ``closed``); where none is told, the end is unknown.
    """
    began = auth[(auth["EventType"] == "Logon") & (auth["EventResult"] == "Success")]
    began = began.reset_index(drop=True)
    ended = auth[auth["EventType"] == "Logoff"]
    ends = {
        (host, _logon_id(fields)): time
        for host, fields, time in zip(
            ended["DvcHostname"], ended["AdditionalFields"], ended["TimeGenerated"], strict=True
        )
        if _logon_id(fields) is not None
    }
    found = [
        ends.get((host, _logon_id(fields)), pd.NaT)
        for host, fields in zip(began["DvcHostname"], began["AdditionalFields"], strict=True)
    ]
    end = pd.Series(found, began.index, dtype=began["TimeGenerated"].dtype)
    end = end.where(end >= began["TimeGenerated"])
    named = [name for name in conform(began, "sessions") if name in began]
    frame = began[named].assign(
        LogonSessionId=began["EventUid"],
        EventStartTime=began["TimeGenerated"],
        EventEndTime=end,
        EndReason=np.where(end.notna(), "closed", "unknown"),
        Witnesses=pd.Series([[witness]] * len(began), began.index, dtype=object),
        RecordIds=_records(began),
    )
    return conform(frame[frame["LogonSessionId"].notna()], "sessions")


def _text(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return texts, an empty one as null."""
    text = values.astype(STR)
    return text.where(text != "")


def _further(rows: pd.DataFrame, names: dict[str, str]) -> list[dict[str, str] | None]:
    """Return a map of what further columns hold, for each row."""
    held = [_text(rows[column].astype(STR)) for column in names]
    return [
        {name: text for name, text in zip(names.values(), values, strict=True) if pd.notna(text)}
        or None
        for values in zip(*held, strict=True)
    ]


def _logon_id(fields: dict[str, str] | None) -> str | None:
    return None if fields is None else fields.get("LogonId")


def _records(rows: pd.DataFrame) -> pd.Series[Any]:
    held: list[list[str]] = [[uid] if isinstance(uid, str) else [] for uid in rows["EventUid"]]
    return pd.Series(held, rows.index, dtype=object)
