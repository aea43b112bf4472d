"""Attempts to log on from elsewhere: failures and successes by where they came from."""

from __future__ import annotations

import pandas as pd

__all__ = ["by_source", "split"]


def split(logons: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return failures and successes that came from an address or a named host.

    Args:
        logons: the ``logons`` table.

    Returns:
        Two frames by time, each with a further column Source: the address, else the host's name.
    """
    remote = logons.assign(Source=logons["SrcIpAddr"].fillna(logons["SrcHostname"]))
    remote = remote[remote["Source"].notna()]
    remote = remote.sort_values("TimeGenerated", kind="stable")
    failed = remote["EventResult"] == "Failure"
    return remote[failed], remote[remote["EventResult"] == "Success"]


def by_source(rows: pd.DataFrame) -> dict[tuple[str, str], pd.DataFrame]:
    """Return rows by host ("" where none is named) and Source; see :func:`split`."""
    keys = [rows["DvcHostname"].fillna(""), rows["Source"]]
    return {(str(host), str(source)): own for (host, source), own in rows.groupby(keys, sort=False)}
