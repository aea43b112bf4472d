from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from linuxhunt.errors import ScopeError

from .conftest import CHANGED, Read


def log(*stamps: str) -> dict[str, bytes]:
    return {"log": "".join(f"{stamp} web01 a: x\n" for stamp in stamps).encode()}


def times(result: Read) -> list[str]:
    return [f"{row['TimeGenerated']:%Y-%m-%d %H:%M:%S}" for row in result.rows("Syslog")]


def changed(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("stamps", "last_change", "year", "expected", "assumed"),
    [
        pytest.param(
            ["Feb 27 10:00:00", "Mar  1 10:00:00"], "2026-03-01", None,
            ["2026-02-27", "2026-03-01"], "year 2026 from its modification time 2026-03-01",
            id="same-year",
        ),
        pytest.param(
            ["Dec 31 23:59:59", "Jan  1 00:00:00"], "2026-01-01", None,
            ["2025-12-31", "2026-01-01"], "year 2025 to 2026 from its modification time 2026-01-01",
            id="new-year",
        ),
        pytest.param(
            ["Dec 31 10:00:00", "Jan  1 00:00:00", "Dec 31 23:59:59", "Jan  1 00:00:01"],
            "2026-01-01", None,
            ["2025-12-31", "2026-01-01", "2025-12-31", "2026-01-01"],
            "year 2025 to 2026 from its modification time 2026-01-01",
            id="new-year-out-of-order",
        ),
        pytest.param(
            ["Nov  5 10:00:00", "Mar  1 10:00:00", "Oct  1 10:00:00", "Feb  1 10:00:00"],
            "2026-03-01", None,
            ["2024-11-05", "2025-03-01", "2025-10-01", "2026-02-01"],
            "year 2024 to 2026 from its modification time 2026-03-01",
            id="several-years",
        ),
        pytest.param(
            ["Dec 30 10:00:00"], "2026-03-01", None, ["2025-12-30"],
            "year 2025 from its modification time 2026-03-01",
            id="rotated-before-new-year",
        ),
        pytest.param(
            ["Mar  2 01:00:00"], "2026-03-01", None, ["2026-03-02"],
            "year 2026 from its modification time 2026-03-01",
            id="zone-is-ahead-of-the-file-system",
        ),
        pytest.param(
            ["Feb 29 10:00:00"], "2026-03-01", None, ["2024-02-29"],
            "year 2024 from its modification time 2026-03-01, "
            "moved back to a leap year for its 29 February",
            id="leap-day",
        ),
        pytest.param(
            ["Feb 28 10:00:00", "Feb 29 10:00:00", "Mar  1 10:00:00"], "2024-06-01", None,
            ["2024-02-28", "2024-02-29", "2024-03-01"],
            "year 2024 from its modification time 2024-06-01",
            id="leap-year",
        ),
        pytest.param(
            ["Dec 31 10:00:00", "Jan  1 10:00:00"], "2026-03-01", 2019,
            ["2019-12-31", "2020-01-01"], "year 2019 as given",
            id="given",
        ),
        pytest.param(
            ["Dec 31 23:00:00", "Jan  1 10:00:00", "2022-01-02T00:00:00Z"], "2026-03-01", None,
            ["2021-12-31", "2022-01-01", "2022-01-02"],
            "year 2021 to 2022 from later stamps in the file",
            id="later-stamp",
        ),
        pytest.param(
            ["2022-01-02T00:00:00Z", "Jan  3 10:00:00"], "2022-03-01", None,
            ["2022-01-02", "2022-01-03"], "year 2022 from its modification time 2022-03-01",
            id="earlier-stamp",
        ),
        pytest.param(
            ["Mar 27 10:00:00", "Apr 20 10:00:00", "Mar 27 10:00:00"], "2026-05-01", None,
            ["2026-03-27", "2026-04-20", "2026-03-27"],
            "year 2026 from its modification time 2026-05-01",
            id="weeks-back-is-no-new-year",
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("chunk", [1 << 25, 30], ids=["whole", "chunks"])
def test_year(
    read: Callable[..., Read],
    monkeypatch: pytest.MonkeyPatch,
    stamps: list[str],
    last_change: str,
    year: int | None,
    expected: list[str],
    assumed: str,
    chunk: int,
) -> None:
    monkeypatch.setattr("linuxhunt.evidence.lines.CHUNK", chunk)
    result = read(log(*stamps), changed=changed(last_change), year=year, tz="UTC")
    assert [time[:10] for time in times(result)] == expected
    assert result.account.files.loc[0, "Assumptions"] == f"{assumed}; zone UTC as given"


@pytest.mark.parametrize(
    ("stamps", "zone", "expected"),
    [
        pytest.param(["Jan 15 12:00:00"], "Europe/Berlin", ["2026-01-15 11:00:00"], id="winter"),
        pytest.param(["Feb 15 12:00:00"], "America/New_York", ["2026-02-15 17:00:00"], id="west"),
        pytest.param(["Feb 15 12:00:00"], "Asia/Kathmandu", ["2026-02-15 06:15:00"], id="quarter"),
        pytest.param(
            ["Mar 30 01:59:59", "Mar 30 02:30:00", "Mar 30 03:00:00"],
            "Europe/Berlin",
            ["2025-03-30 00:59:59", "2025-03-30 01:30:00", "2025-03-30 01:00:00"],
            id="hour-that-was-skipped",
        ),
        pytest.param(
            ["Oct 26 02:10:00", "Oct 26 02:55:00", "Oct 26 02:10:00", "Oct 26 02:56:00",
             "Oct 26 03:00:00"],
            "Europe/Berlin",
            ["2025-10-26 00:10:00", "2025-10-26 00:55:00", "2025-10-26 01:10:00",
             "2025-10-26 01:56:00", "2025-10-26 02:00:00"],
            id="hour-that-came-twice",
        ),
        pytest.param(
            ["2026-02-15T12:00:00", "2026-02-15T12:00:00+05:30"],
            "Europe/Berlin",
            ["2026-02-15 11:00:00", "2026-02-15 06:30:00"],
            id="only-stamps-without-a-zone",
        ),
    ],
)  # fmt: skip
def test_zone(read: Callable[..., Read], stamps: list[str], zone: str, expected: list[str]) -> None:
    result = read(log(*stamps), tz=zone)
    assert times(result) == expected
    assert result.account.files.loc[0, "TimeZone"] == f"{zone} as given"


def test_a_stamp_with_a_zone_needs_none(read: Callable[..., Read]) -> None:
    result = read(log("2026-02-15T12:00:00+01:00"), tz="Asia/Tokyo")
    assert times(result) == ["2026-02-15 11:00:00"]
    assert result.account.files[["TimeZone", "Assumptions"]].isna().all().all()


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "\0"])
def test_unknown_zone(read: Callable[..., Read], name: str) -> None:
    with pytest.raises(ScopeError, match="unknown time zone"):
        read(log("Mar  1 00:00:00"), tz=name)


def test_the_account_says_when(read: Callable[..., Read]) -> None:
    result = read(log("Mar  1 09:00:00", "Feb 27 10:00:00"))
    row = result.account.files.iloc[0]
    assert changed("2026-03-01T12:00:00") == CHANGED
    assert (str(row["FirstTime"]), str(row["LastTime"])) == (
        "2026-02-27 10:00:00+00:00",
        "2026-03-01 09:00:00+00:00",
    )
