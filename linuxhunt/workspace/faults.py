"""What an engine's failure means: ask again, ask for less, or give up.

The limits are those of the Log Analytics query API (500,000 rows or about 100 MiB an answer, ten
minutes, five queries at once, 200 requests in 30 seconds) and of Azure Data Explorer; both say
which was met in words and status codes of HTTP.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from linuxhunt.errors import QueryError

__all__ = ["BrokenAnswerError", "Fault", "FaultError", "Kind", "engine_errors", "fault_of"]

_TOO_LARGE = re.compile(
    r"exceed\w* the (?:set|allowed) limit|E_QUERY_RESULT_SET_TOO_LARGE|80DA000[1-9]"
    r"|ResponseSizeError|E_LOW_MEMORY_CONDITION|E_RUNAWAY_QUERY|response too large",
    re.IGNORECASE,
)
_TIMEOUT = re.compile(r"time[d-]? ?out|GatewayTimeout|0x?80131505", re.IGNORECASE)
_TWICE = re.compile(r"\((\w+)\) (.+?) Code: \1 Message: \2", re.DOTALL)
"""How azure-core writes an error: once in short, and once more field by field."""
_HELP = re.compile(r"\s*(?:Query:.*)?https://msticpy\.readthedocs\.io/\S+", re.DOTALL)


class Kind(Enum):
    """What to do about a failure."""

    TOO_LARGE = "the answer is larger than the engine gives"
    TIMEOUT = "the engine did not finish in time"
    BUSY = "the engine is busy"
    DROPPED = "the connection failed"
    SIGN_IN = "nobody is signed in any more"
    REFUSED = "the engine refused"


class BrokenAnswerError(Exception):
    """An answer that is not what the API documents, such as a page of a proxy."""


@dataclass(frozen=True)
class Fault:
    """One failure.

    Attributes:
        kind: what to do about it.
        text: what was said, in one line.
        wait: seconds that the engine asks to wait, where it does.
    """

    kind: Kind
    text: str
    wait: float | None = None

    def __str__(self) -> str:
        return self.text if self.kind is Kind.REFUSED else f"{self.kind.value} ({self.text})"


class FaultError(QueryError):
    """A failure of an engine, told apart."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


def engine_errors(*others: type[Exception]) -> tuple[type[Exception], ...]:
    """Return what drivers and clients raise, and others.

    Azure's clients load here: it is called where something failed, and a case needs none of them.
    """
    from azure.core.exceptions import AzureError
    from azure.kusto.data.exceptions import KustoError
    from msticpy.common.exceptions import MsticpyException
    from requests.exceptions import RequestException

    return (
        MsticpyException, AzureError, KustoError, RequestException, BrokenAnswerError,
        ConnectionError, TimeoutError, *others,
    )  # fmt: skip


def _dropped() -> tuple[type[Exception], ...]:
    from azure.core.exceptions import (
        DecodeError,
        IncompleteReadError,
        ServiceRequestError,
        ServiceResponseError,
    )
    from azure.kusto.data.exceptions import KustoNetworkError
    from requests.exceptions import RequestException

    return (
        ServiceRequestError, ServiceResponseError, IncompleteReadError, DecodeError,
        KustoNetworkError, RequestException, BrokenAnswerError, ConnectionError, TimeoutError,
    )  # fmt: skip


def fault_of(error: BaseException) -> Fault:
    """Tell what a failure means.

    Args:
        error: what a driver raised; what caused it is looked at, too.
    """
    from azure.kusto.data.exceptions import KustoThrottlingError

    chain = list(_causes(error))
    text = _one_line(error)
    status = next((code for code in map(_status, chain) if code), 0)
    dropped = any(isinstance(part, _dropped()) for part in chain)
    if status == 401:
        kind = Kind.SIGN_IN
    elif status == 429 or any(isinstance(part, KustoThrottlingError) for part in chain):
        return Fault(Kind.BUSY, text, next((w for w in map(_wait, chain) if w is not None), None))
    elif status == 413 or _TOO_LARGE.search(text):
        kind = Kind.TOO_LARGE
    elif status in (408, 504):
        kind = Kind.TIMEOUT
    elif status in (500, 502, 503) or dropped:
        kind = Kind.DROPPED
    elif _TIMEOUT.search(text):
        kind = Kind.TIMEOUT
    else:
        kind = Kind.REFUSED
    return Fault(kind, text)


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    part: BaseException | None = error
    while part is not None and id(part) not in seen:
        seen.add(id(part))
        yield part
        part = part.__cause__ or part.__context__


def _response(error: BaseException) -> Any:
    held = getattr(error, "response", None)  # that of requests is false where it failed
    held = held if held is not None else getattr(error, "http_response", None)
    return (
        held
        if held is not None
        else next((part for part in error.args if hasattr(part, "status_code")), None)
    )


def _status(error: BaseException) -> int:
    stated = getattr(error, "status_code", None)
    code = stated or getattr(_response(error), "status_code", None)
    return code if isinstance(code, int) and code >= 400 else 0


def _wait(error: BaseException) -> float | None:
    headers = getattr(_response(error), "headers", None)
    stated = headers.get("Retry-After") if headers is not None else None
    return float(stated) if stated and re.fullmatch(r"\d+(\.\d+)?", stated) else None


def _one_line(error: BaseException) -> str:
    """Write an error as one line, without the query and msticpy's address of help."""
    parts = [str(part) for part in error.args if isinstance(part, str)] or [str(error)]
    parts = [part for part in parts if not part.startswith("Query:\n")]
    text = _TWICE.sub(r"\2 (\1)", " ".join(_HELP.sub("", " ".join(parts)).split()))
    return text[:300] or type(error).__name__
