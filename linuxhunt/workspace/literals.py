"""Values into KQL text: typed, escaped, wherever the query comes from.

msticpy fills a query's template with ``str.format``; a host named ``x" | union SecurityAlert //``
then becomes a second query. :func:`fill` is handed to msticpy as the provider's own parameter
handler (``Formatters.PARAM_HANDLER``), so it also holds when an analyst calls the query function
on the provider directly. It reads the template as KQL does: a value inside a string literal is
escaped as text, a value outside of one must be a literal by its type.

The literals are those of "Scalar data types" in Microsoft's Kusto reference. Control characters
stay as they are but for those that have a short escape; NUL and lone surrogates are refused, as
no engine takes them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from string import Formatter
from typing import Any

import pandas as pd

from linuxhunt.errors import ParameterError

__all__ = ["FORMATTERS", "Literal", "fill", "formatters", "quoted", "time_text"]

_ESCAPES = str.maketrans(
    {"\\": "\\\\", '"': '\\"', "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
)
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?", re.A)
FORMATTERS = ("custom_param_handler", "list", "datetime")
"""The keys under which msticpy's drivers keep these functions."""


class Literal(str):
    """KQL text that this module made and that goes into a query as it is."""

    __slots__ = ()


def _content(value: str) -> str:
    """Escape text for the inside of a KQL string literal, in either kind of quotes."""
    if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise ParameterError(
            f"the value {value!r} holds a NUL or a lone surrogate, which no query can"
        )
    return value.translate(_ESCAPES)


def quoted(value: str) -> Literal:
    """Return a KQL string literal for a text."""
    return Literal(f'"{_content(value)}"')


def time_text(value: datetime) -> str:
    """Return the inside of a KQL ``datetime()`` literal, in UTC with microseconds."""
    time = pd.Timestamp(value)
    if pd.isna(time):
        raise ParameterError("a time is needed, and none was given")
    time = time.tz_localize("UTC") if time.tzinfo is None else time.tz_convert("UTC")
    return time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def list_literal(values: Iterable[Any]) -> Literal:
    """Return the inside of a KQL ``in (...)`` list; an empty one matches nothing."""
    items = [_scalar(value, quote=True) for value in values]
    return Literal(", ".join(items) or "dynamic([])")


def _scalar(value: Any, *, quote: bool) -> str:
    """Return a value as it stands outside of quotes."""
    if isinstance(value, Literal):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float) and math.isfinite(value):
        return float.__repr__(value)  # numpy's float64 would write its own name
    if isinstance(value, str) and quote:
        return quoted(value)
    if isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]{1,18}|true|false", value):
        return value
    raise ParameterError(f"the value {value!r} is no number, boolean or list, as its place needs")


def fill(template: str, values: Mapping[str, Any]) -> str:
    """Put values into a query template.

    Args:
        template: KQL with ``{name}`` where values go and ``{{ }}`` for braces.
        values: by name. Inside a string literal any value is text; inside ``datetime()`` it is
            a time; elsewhere it is a number, a boolean, or what :func:`list_literal` made.

    Raises:
        ParameterError: a value that its place cannot take.
    """
    text = ""
    for literal, name, _format, _conversion in Formatter().parse(template):
        text += literal
        if name is not None:
            text += _in_place(_quote_open(text), text, values[name])
    return text


def _in_place(quote: str | None, before: str, value: Any) -> str:
    if quote == "//":
        raise ParameterError("a query template has a parameter inside a comment")
    if quote and quote.startswith("@"):
        raise ParameterError("a query template has a parameter inside a verbatim string")
    if quote:
        return _content(value if isinstance(value, str) else str(value))
    if re.search(r"datetime\(\s*$", before):
        text = time_text(value) if isinstance(value, datetime) else str(value)
        if not _TIME.fullmatch(text):
            raise ParameterError(f"the value {value!r} is no time")
        return text
    return _scalar(value, quote=False)


def _quote_open(text: str) -> str | None:
    """Return the string literal or comment that is open at the end of KQL text, if one is."""
    token = re.compile(
        r"""//[^\n]*(?:\n|$)|@"[^"]*"|@'[^']*'|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'"""
    )
    rest = token.sub(lambda match: "" if match[0][-1] == "\n" or match[0][0] != "/" else "//", text)
    opened = re.search(r"""//|@?["']""", rest)
    return opened[0] if opened else None


def formatters(templates: Iterable[str], tables: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return msticpy's driver property ``formatters`` with our handlers for our templates.

    Args:
        templates: the texts of the queries of ours. Queries of others (msticpy's own, which put
            whole clauses into their templates) are formatted as msticpy does.
        tables: table that our templates name -> the one to read in its place.
    """
    ours = {}
    for template in templates:
        text = template
        for name, other in (tables or {}).items():
            text = re.sub(rf"\({name}\b", f"({other}", text)
        ours[template] = text

    def handle(query: str, values: Mapping[str, Any]) -> str:
        return fill(ours[query], values) if query in ours else query.format(**values)

    return dict(zip(FORMATTERS, (handle, list_literal, time_text), strict=True))
