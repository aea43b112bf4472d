"""Asking providers of threat intelligence outside, by msticpy, and only when told to.

msticpy 3.0.2's ``TILookup`` asks all providers in one gathering: one that raises (a timeout is
such) takes the answers of the others with it, one that limits (429) or fails (500) reads as "not
known", and so does garbage. So each provider is asked by itself, in a thread of its own, one
indicator after another, each within a time limit; and what was no answer is named as such.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import pandas as pd
from msticpy.common.exceptions import MsticpyException
from msticpy.common.pkg_config import get_config
from msticpy.context.lookup_result import LookupStatus
from msticpy.context.tilookup import TILookup
from msticpy.context.tiproviders.kql_base import KqlTIProvider
from msticpy.context.tiproviders.ti_http_provider import HttpTIProvider

from linuxhunt.enrich.threat_intel import ANSWERS, known_frame
from linuxhunt.errors import ParameterError, SourceError

__all__ = ["Asked", "ask", "providers"]

_SEVERITY = {"high": "High", "warning": "Medium", "information": "Informational"}
_FAULTS = (
    httpx.HTTPError, httpx.InvalidURL, MsticpyException, OSError, ValueError, LookupError,
    TypeError, AttributeError, RuntimeError, ArithmeticError,
)  # fmt: skip
"""What a provider's own code raises at an answer that it did not expect."""

_GIVE_UP = 3
"""Failures in a row after which a provider is asked nothing more."""


@dataclass(frozen=True)
class Asked:
    """What providers said.

    Attributes:
        known: frame of ``threat_intel.KNOWN``: only what a provider holds to be a threat's.
        answers: frame of ``threat_intel.ANSWERS``, one row a provider.
    """

    known: pd.DataFrame
    answers: pd.DataFrame


@dataclass
class _Talk:
    """What was said with one provider so far; written by its thread alone."""

    name: str
    total: int
    sent: int = 0
    answered: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)
    problem: str | None = None
    done: bool = False


def providers() -> dict[str, Any]:
    """Return name -> msticpy provider of those that msticpyconfig.yaml names; nothing is asked.

    Providers that read the workspace's own tables are left out: they are asked without this.

    Raises:
        SourceError: the configuration of one is wrong.
    """
    if not get_config("TIProviders", None):
        return {}
    try:
        loaded = TILookup().loaded_providers
    except (MsticpyException, ValueError, TypeError, KeyError) as error:
        raise SourceError(f"msticpyconfig.yaml: TIProviders: {error}") from error
    return {
        name: held for name, held in sorted(loaded.items()) if not isinstance(held, KqlTIProvider)
    }


def ask(
    found: Iterable[tuple[str, str]],
    by: Mapping[str, Any],
    *,
    limit: float = 20,
    total: float = 300,
    tell: Callable[[object], None] = lambda _: None,
) -> Asked:
    """Send indicators to providers and return what they said.

    Whoever calls this has made sure that the indicators may leave
    (:mod:`linuxhunt.enrich.threat_intel_private`), and that the analyst wants it.

    Args:
        found: (indicator, type).
        by: name -> provider, from :func:`providers`.
        limit: seconds for one answer.
        total: seconds for all answers; a provider that is not done then is named, and left.
        tell: is told how far it is.

    Raises:
        ParameterError: no provider is named.
    """
    if not by:
        raise ParameterError("name the providers to ask; hunt.intel.providers lists them")
    items = list(dict.fromkeys(found))
    talks = []
    for name, provider in by.items():
        wanted = [item for item in items if provider.is_supported_type(item[1])]
        talk = _Talk(name, len(wanted))
        if not wanted:
            talk.problem = "takes none of these types"
        talks.append(talk)
        threading.Thread(
            target=_converse, args=(talk, provider, wanted, limit), daemon=True, name=f"ask {name}"
        ).start()
    end = time.monotonic() + total
    while not all(talk.done for talk in talks) and time.monotonic() < end:
        tell(", ".join(f"{talk.name}: {talk.sent} of {talk.total} asked" for talk in talks))
        time.sleep(0.02)
    return _asked(talks, total)


def _asked(talks: Sequence[_Talk], total: float) -> Asked:
    answers = []
    for talk in talks:
        problem = talk.problem
        if not talk.done and problem is None:
            problem = f"did not finish in {total:g} s"
        known = len({row["Value"] for row in talk.rows})
        answers.append((talk.name, talk.sent, talk.answered, known, problem))
    frame = pd.DataFrame(answers, columns=list(ANSWERS)).astype(ANSWERS)
    return Asked(known_frame(row for talk in talks for row in list(talk.rows)), frame)


def _converse(talk: _Talk, provider: Any, wanted: Sequence[tuple[str, str]], limit: float) -> None:
    failures = 0
    for value, kind in wanted:
        talk.sent += 1
        try:
            row, problem, last = _one(provider, value, kind, limit)
        except _FAULTS as error:
            row, problem, last = None, _fault(error, limit), False
        if problem is None:
            failures = 0
            talk.answered += 1
            if row is not None:
                talk.rows.append({**row, "Source": talk.name, "Type": kind, "Value": value})
            continue
        failures += 1
        talk.problem = problem
        if last or failures == _GIVE_UP:
            left = talk.total - talk.sent
            talk.problem = f"{problem}; {left:,} not asked" if left else problem
            break
    talk.done = True


def _fault(error: Exception, limit: float) -> str:
    if isinstance(error, httpx.TimeoutException):
        return f"no answer in {limit:g} s"
    if isinstance(error, httpx.TransportError | OSError):
        return f"cannot be reached: {str(error)[:120]}"
    return f"an answer that msticpy does not understand ({type(error).__name__})"


def _one(
    provider: Any, value: str, kind: str, limit: float
) -> tuple[dict[str, Any] | None, str | None, bool]:
    """Ask for one indicator.

    Returns:
        What is known, or None; the problem where there was no answer; whether to ask no more.
    """
    if isinstance(provider, HttpTIProvider):
        # Past the cache, which keeps failures for good.
        look_up = getattr(type(provider).lookup_ioc, "__wrapped__", None)
        frame = (
            look_up(provider, value, kind, timeout=limit)
            if look_up is not None
            else provider.lookup_item(value, kind)
        )
    else:
        frame = provider.lookup_item(value, kind)
    if frame is None or frame.empty:
        return None, None, False
    row = frame.to_dict("records")[0]
    status = row.get("Status")
    if status in (404, LookupStatus.NO_DATA.value):
        return None, None, False
    if status in (LookupStatus.NOT_SUPPORTED.value, LookupStatus.BAD_FORMAT.value):
        return None, f"does not take {value[:80]}: {row.get('Details')}", False
    if status != LookupStatus.OK.value:
        refused = status in (401, 403, 429)
        return None, f"answers {status} {row.get('Details') or ''}".strip(), refused
    raw = row.get("RawResult")
    if isinstance(raw, str) and ("problem parsing results" in raw or "Traceback" in raw):
        return None, "an answer that msticpy does not understand", False
    return (_known(provider, row) if row.get("Result") is True else None), None, False


def _known(provider: Any, row: Mapping[str, Any]) -> dict[str, Any]:
    details = row.get("Details")
    held = details if isinstance(details, dict) else {}
    tags = [
        tag for key in ("tags", "Tags", "names", "Name", "Actor") for tag in _texts(held.get(key))
    ]
    text = json.dumps(details, default=str, ensure_ascii=False) if details else ""
    link = str(row.get("Reference") or "")
    secrets = [str(v) for v in getattr(provider, "_request_params", {}).values() if v]
    clear = link.startswith("http") and not any(secret in link for secret in secrets)
    return {
        "Match": "exact",
        "Severity": _SEVERITY.get(str(row.get("Severity")), "Low"),
        "Tags": list(dict.fromkeys(tags))[:20],
        "Description": text[:300] or None,
        "Link": link if clear else None,
        "LastSeen": held.get("Last Seen") or held.get("last_seen"),
        "FirstSeen": held.get("First Seen") or held.get("first_seen"),
    }


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value] if value else []
    return [str(item) for item in value if item] if isinstance(value, list) else []
