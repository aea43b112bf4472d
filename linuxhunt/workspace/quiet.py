"""What msticpy prints and warns, kept out of an output that others read."""

from __future__ import annotations

import contextlib
import io
import logging
import sys
import warnings
from collections.abc import Iterator
from typing import TextIO

__all__ = ["quiet"]


class _Muted(io.StringIO):
    """Swallows what is printed, but for the code that a person must type to sign in."""

    def __init__(self, out: TextIO) -> None:
        super().__init__()
        self._out = out

    def write(self, text: str) -> int:
        """Pass on the sentence of azure-identity's DeviceCodeCredential, and nothing else."""
        if "enter the code" in text:
            self._out.write(f"{text}\n")
            self._out.flush()
        return len(text)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep what msticpy prints and warns out of an output that others read."""
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(_Muted(sys.stdout)),
    ):
        warnings.simplefilter("ignore")
        level = logging.getLogger("msticpy").level
        logging.getLogger("msticpy").setLevel(logging.CRITICAL)
        try:
            yield
        finally:
            logging.getLogger("msticpy").setLevel(level)
