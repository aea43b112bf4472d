"""Log text is the intruder's: how it becomes text that can be shown."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from linuxhunt.masking import HINTS, mask
from linuxhunt.schema import STR

__all__ = ["count", "escape", "listed", "moment", "plural", "short", "show", "visible", "visibly"]

# Controls (C0, C1, DEL), soft hyphen, zero-width and bidirectional signs, line and paragraph
# separators, byte order mark, lone surrogates: what would hide, reorder, break or undo text.
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)
# The same for RE2, where what has a hint of a secret is found as well. Text in Arrow holds no lone
# surrogates.
_SUSPECT = (
    "(?i)[\\x00-\\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f]|" + "|".join(re.escape(hint) for hint in HINTS)
)


def _named(match: re.Match[str]) -> str:
    code = ord(match[0])
    return (
        f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
    )


def visible(text: object) -> str:
    r"""Write signs that cannot be seen as ``\xNN`` or ``\uNNNN``, and mask what is secret."""
    return _HIDDEN.sub(_named, mask(str(text)))


def visibly(texts: pd.Series[Any]) -> pd.Series[Any]:
    """Do what :func:`visible` does to each text of a column without nulls.

    Each different text is looked at once, and only those that may need it one by one.
    """
    held = texts.astype(object).map(str)
    shown = {text: text for text in held}  # pandas' own hash ends a text at a NUL
    known = list(shown)
    try:
        suspect = pd.Series(known, dtype=STR).str.contains(_SUSPECT).to_numpy(bool)
    except UnicodeEncodeError:  # a lone surrogate, which Arrow does not take
        suspect = np.ones(len(known), dtype=bool)
    for place in np.flatnonzero(suspect):
        shown[known[place]] = visible(known[place])
    return pd.Series(
        [shown[text] for text in held], index=texts.index, name=texts.name, dtype=object
    )


def escape(text: object) -> str:
    """Make any text safe inside HTML, in an element or in a quoted attribute."""
    return html.escape(visible(text), quote=True)


def count(number: int) -> str:
    """A number with thousands separators."""
    return f"{number:,}"


def plural(number: int, one: str, many: str | None = None) -> str:
    """A count and its noun: ``1 row``, ``2 rows``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(names: Iterable[object], most: int = 12) -> str:
    """Names in a sentence, the first ``most`` of them."""
    known = [str(name) for name in names]
    rest = len(known) - most
    return ", ".join(known[:most]) + (f" and {rest:,} more" if rest > 0 else "")


def short(text: str, most: int) -> str:
    """The first signs of a text, and a sign that there are more."""
    return text if len(text) <= most else text[: most - 1] + "…"


def moment(time: pd.Timestamp | None) -> str:
    """A time as ``13 Mar 2026 02:14:07`` in UTC; nothing for a null."""
    if time is None or pd.isna(time):
        return ""
    utc = time.tz_convert("UTC") if time.tzinfo else time
    return f"{utc.day} {utc:%b %Y %H:%M:%S}"


def _value(value: object) -> str:
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={_value(item)}" for key, item in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(map(_value, value))
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return moment(value) if isinstance(value, pd.Timestamp) else str(value)


def show(values: pd.Series[Any]) -> pd.Series[Any]:
    """Turn a column into text as it is shown: lists joined, nulls empty, nothing hidden.

    Times become ``2026-03-13 02:14:07`` in UTC, with milliseconds where any of the column has
    them. Numbers are left to :func:`linuxhunt.views.table`, which knows the column's name.
    """
    kind = values.dtype
    if isinstance(kind, pd.DatetimeTZDtype) or kind.kind == "M":
        utc = pd.to_datetime(values, utc=True)
        known = utc.dropna()
        if (known == known.dt.floor("s")).all():
            return utc.dt.strftime("%Y-%m-%d %H:%M:%S").fillna("").astype(object)
        exact: pd.Series[Any] = utc.dt.strftime("%Y-%m-%d %H:%M:%S.%f").str[:-3]
        return exact.fillna("").astype(object)
    if kind.kind == "m":
        spans: pd.Series[Any] = values.dt.round("s").astype(str)
        return spans.where(values.notna(), "").astype(object)
    if kind == STR:
        return visibly(values.fillna(""))
    return visibly(values.astype(object).map(_value))
