"""What msticpyconfig.yaml says under ``LinuxHunt``, and what holds where it says nothing."""

from __future__ import annotations

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
    """

    IngestionDelayMinutes: int = 180
    CacheMegabytes: int = 2_048
    MaxRows: int = 2_000_000

    @property
    def delay(self) -> pd.Timedelta:
        """IngestionDelayMinutes as a span of time."""
        return pd.Timedelta(minutes=self.IngestionDelayMinutes)


def config() -> Config:
    """Read the settings.

    Raises:
        SourceError: a setting that there is not, or that is no whole number.
    """
    stated: Any = get_config("LinuxHunt", {}) or {}
    known = {field.name for field in fields(Config)}
    for name, value in stated.items():
        if name not in known:
            raise SourceError(
                f"msticpyconfig.yaml: LinuxHunt has no setting {name};"
                f" there are {', '.join(sorted(known))}"
            )
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise SourceError(f"msticpyconfig.yaml: LinuxHunt {name} takes a number, not {value!r}")
    return Config(**stated)
