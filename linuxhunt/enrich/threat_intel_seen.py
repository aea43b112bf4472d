"""What of indicators that were seen can be asked of a workspace's tables: values, in portions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd

__all__ = ["observables", "portions"]

_LOCAL = ("linux_path",)
_MOST, _SIGNS = 1_000, 100_000
"""Values of one query, and their signs: a query's text is limited to 2 MB, and each value stands
in it several times."""


def observables(found: pd.DataFrame) -> list[str]:
    """Return the values to look for, each once; paths are none, and a URL's last slash is open."""
    kept = found[~found["Type"].isin(_LOCAL)]
    values: dict[str, None] = {}
    for value, kind in zip(kept["Indicator"], kept["Type"], strict=True):
        if "\0" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
            continue  # no query takes it
        values[value] = None
        if kind == "url" and value.count("/") <= 3:
            values[value.rstrip("/")] = None
            values[value.rstrip("/") + "/"] = None
    return list(values)


def portions(values: Iterable[str]) -> Iterator[list[str]]:
    """Yield values in lists that a query takes."""
    portion: list[str] = []
    signs = 0
    for value in values:
        if portion and (len(portion) == _MOST or signs + len(value) > _SIGNS):
            yield portion
            portion, signs = [], 0
        portion.append(value)
        signs += len(value)
    if portion:
        yield portion
