"""What msticpyconfig.yaml says under ``LinuxHunt``, and what holds where it says nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Any

import pandas as pd
from msticpy.common.pkg_config import get_config

from linuxhunt.errors import SourceError

__all__ = ["Config", "config"]


@dataclass(frozen=True)
class Config:
    """Settings of ours.

    Attributes:
        IngestionDelayMinutes: how long rows take to arrive at the workspace; answers of windows
            that ended before are kept.
        CacheMegabytes: room for kept answers.
        MaxRows: a fetch of more rows is not begun unless this is raised.
        IndicatorFiles: files or folders of indicators, put together as a PATH is.
        AuditTable: the custom table (one text column, RawData) that holds the lines of audit.log.
    """

    IngestionDelayMinutes: int = 180
    CacheMegabytes: int = 2_048
    MaxRows: int = 2_000_000
    IndicatorFiles: str = ""
    AuditTable: str = "AuditLog_CL"

    @property
    def delay(self) -> pd.Timedelta:
        """IngestionDelayMinutes as a span of time."""
        return pd.Timedelta(minutes=self.IngestionDelayMinutes)


def config() -> Config:
    """Read the settings.

    Raises:
        SourceError: a setting that there is not, or that takes another value.
    """
    stated: Any = get_config("LinuxHunt", {}) or {}
    known = {field.name for field in fields(Config)}
    for name, value in stated.items():
        if name not in known:
            raise SourceError(
                f"msticpyconfig.yaml: LinuxHunt has no setting {name};"
                f" there are {', '.join(sorted(known))}"
            )
        if name == "AuditTable":
            if not re.fullmatch(r"[A-Za-z]\w{0,59}_CL", str(value), re.A):
                raise SourceError(
                    f"msticpyconfig.yaml: LinuxHunt AuditTable takes the name of a custom table,"
                    f" which ends with _CL, not {value!r}"
                )
        elif name == "IndicatorFiles":
            if not isinstance(value, str):
                raise SourceError(
                    f"msticpyconfig.yaml: LinuxHunt {name} takes a text, not {value!r}"
                )
        elif not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise SourceError(f"msticpyconfig.yaml: LinuxHunt {name} takes a number, not {value!r}")
    return Config(**stated)
