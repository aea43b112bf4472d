"""Where the live tests run, and the sentence that says so where they do not."""

from __future__ import annotations

import os

import pytest

from .host import NEEDED

LEFT_OUT = pytest.StashKey[int]()


def wanted() -> bool:
    return os.environ.get("CI") == "true" or os.environ.get("LIVE") == "1"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    live = [item for item in items if item.get_closest_marker("live")]
    if wanted() or not live:
        return
    config.hook.pytest_deselected(items=live)
    items[:] = [item for item in items if not item.get_closest_marker("live")]
    config.stash[LEFT_OUT] = len(live)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    count = config.stash.get(LEFT_OUT, 0)
    if count:
        packages = ", ".join(sorted(set(NEEDED.values())))
        terminalreporter.write_line(
            f"live: {count} tests left out (set LIVE=1, as root, with Debian's {packages})",
            yellow=True,
        )
