"""Hunt on one Linux host that may be compromised.

The names below are imported when they are first used, so that ``linuxhunt.parse`` and
``linuxhunt.sections`` need neither msticpy nor Jupyter.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt, connect
    from linuxhunt.notebook import configuration, kqlmagic, setup
    from linuxhunt.scope import Scope
    from linuxhunt.sections import Finding, Verdict

__all__ = ["Finding", "Hunt", "Scope", "Verdict", "configuration", "connect", "kqlmagic", "setup"]

_HOMES = {
    "Finding": "sections",
    "Hunt": "hunt",
    "Scope": "scope",
    "Verdict": "sections",
    "configuration": "notebook",
    "connect": "hunt",
    "kqlmagic": "notebook",
    "setup": "notebook",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'linuxhunt' has no attribute {name!r}")
    return getattr(import_module(f"linuxhunt.{_HOMES[name]}"), name)
