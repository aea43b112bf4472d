"""Which driver of ours stands behind msticpy's ``QueryProvider`` for an engine."""

from __future__ import annotations

from typing import Any

from msticpy.data.core.query_defns import DataEnvironment

__all__ = ["driver_of"]


def driver_of(environment: str) -> Any:
    """Return a driver that is not connected; None where msticpy finds it, as for a case.

    The clients of Azure load here: they take longer than all the rest, and a case needs none.
    """
    if environment not in ("MSSentinel", "Kusto"):
        return None
    from linuxhunt.workspace.cloud import KustoDriver, SentinelDriver

    made: Any = {"MSSentinel": SentinelDriver, "Kusto": KustoDriver}[environment]
    return made(data_environment=DataEnvironment.parse(environment))
