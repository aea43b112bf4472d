from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from .conftest import Read
from .test_containers import as_tar

HOSTLESS = b"<13>Mar  1 09:05:00 app[1]: x\n"
FIXED = (
    b"TZif2" + bytes(15) + struct.pack(">6l", 0, 0, 0, 0, 1, 4) + struct.pack(">lBB", 7200, 0, 0)
)
TZIF = FIXED + b"EET\0" + FIXED + b"EET\0" + b"\nEET-2\n"


def seen(result: Read) -> list[tuple[str, str | None, str]]:
    return [
        (row["_ItemId"], row.get("Computer"), f"{row['TimeGenerated']:%H:%M}")
        for row in result.rows("Syslog")
    ]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param(
            {"etc/hostname": b"# name\nweb07\n", "etc/timezone": b"Europe/Berlin\n",
             "var/log/x": HOSTLESS},
            [("var/log/x:1", "web07", "08:05")],
            id="folder-is-a-host",
        ),
        pytest.param(
            {"a/etc/hostname": b"web07", "a/x": HOSTLESS, "b/etc/timezone": b"Asia/Tokyo",
             "b/etc/hostname": b"db07", "b/x": HOSTLESS, "c/x": HOSTLESS},
            [("a/x:1", "web07", "09:05"), ("b/x:1", "db07", "00:05"), ("c/x:1", None, "09:05")],
            id="several-hosts",
        ),
        pytest.param(
            {"uac/[root]/etc/hostname": b"web07", "uac/[root]/etc/timezone": b"Asia/Tokyo",
             "uac/[root]/var/log/x": HOSTLESS, "uac/live/y": HOSTLESS},
            [("uac/[root]/var/log/x:1", "web07", "00:05"), ("uac/live/y:1", "web07", "00:05")],
            id="uac",
        ),
        pytest.param(
            {"a.tgz": as_tar({"var/log/x": HOSTLESS, "etc/hostname": b"web07\n"}, "w:gz",
                             {"etc/localtime": "../usr/share/zoneinfo/Asia/Tokyo"}),
             "x": HOSTLESS},
            [("a.tgz!var/log/x:1", "web07", "00:05"), ("x:1", None, "09:05")],
            id="archive-after-its-logs-and-localtime-as-a-link",
        ),
        pytest.param(
            {"etc/localtime": TZIF, "x": HOSTLESS}, [("x:1", None, "07:05")], id="localtime"
        ),
        pytest.param(
            {"etc/localtime": b"TZif", "etc/timezone": b"Nowhere/Land", "etc/hostname": b"a b",
             "x": HOSTLESS},
            [("x:1", None, "09:05")],
            id="nonsense",
        ),
    ],
)  # fmt: skip
def test_etc_tells_name_and_zone(
    read: Callable[..., Read],
    files: dict[str, bytes],
    expected: list[tuple[str, str | None, str]],
) -> None:
    assert seen(read(files)) == expected


def test_the_analyst_has_the_last_word(read: Callable[..., Read]) -> None:
    result = read(
        {"etc/hostname": b"web07", "etc/timezone": b"Asia/Tokyo", "x": HOSTLESS},
        tz="UTC",
        hostname="db01",
    )
    assert seen(result) == [("x:1", "db01", "09:05")]


def test_what_was_found_is_kept(read: Callable[..., Read]) -> None:
    result = read(
        {
            "etc/hostname": b"web07\n",
            "etc/timezone": b"Asia/Tokyo\n",
            "etc/os-release": b'NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
            "x": HOSTLESS,
        }
    )
    facts = "SELECT root, fact, value, source FROM evidence.facts ORDER BY fact"
    assert result.con.execute(facts).fetchall() == [
        ("", "hostname", "web07", "etc/"),
        ("", "system", "Debian GNU/Linux 12 (bookworm)", "etc/"),
        ("", "zone", "Asia/Tokyo from etc/timezone", "etc/"),
    ]
    row = result.account.files.set_index("FilePath").loc["x"]
    assert row["TimeZone"] == "Asia/Tokyo from etc/timezone"
    assert row["Computer"] == "web07"
