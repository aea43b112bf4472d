"""An ordinary week of four kinds of host: nothing above Low, and not much of that."""

from __future__ import annotations

import pytest

from linuxhunt.sections.net_common import sides
from linuxhunt.sections.network import CHECKS
from tests.sections.ordinary_week import HOSTS, flows


@pytest.mark.parametrize("kind", HOSTS)
def test_nothing_above_low(kind: str) -> None:
    tables = {"sides": sides({"flows": flows(kind)})}
    found = [finding for check in CHECKS for finding in check.run(tables)]
    grave = [(f.severity, f.title, f.reason) for f in found if f.severity in ("Medium", "High")]
    assert grave == []
    assert len(found) <= 25
