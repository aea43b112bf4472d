from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import os
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import zstandard

from linuxhunt.errors import EvidenceError
from linuxhunt.evidence import ingest, rebuild, tree
from linuxhunt.evidence.unpack import LIMITS

from .conftest import CHANGED, Read

LOG = b"Mar  1 09:05:00 web01 a: one\nMar  1 09:05:01 web01 a: two\n"
GOOD = {"good.log": LOG}


def as_tar(files: dict[str, bytes], mode: str = "w", links: dict[str, str] | None = None) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, target in (links or {}).items():
            link = tarfile.TarInfo(name)
            link.type, link.linkname, link.mtime = tarfile.SYMTYPE, target, CHANGED
            archive.addfile(link)
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mtime = len(content), CHANGED
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def as_zip(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 3, 1, 12, 0, 0)), content)
    return out.getvalue()


def ids(result: Read) -> list[str]:
    return [row["_ItemId"] for row in result.rows("Syslog")]


@pytest.mark.parametrize(
    ("name", "content", "path", "compression"),
    [
        pytest.param("a.gz", gzip.compress(LOG, mtime=CHANGED), "a.gz", "gzip", id="gzip"),
        pytest.param("a.gz", gzip.compress(LOG[:29]) + gzip.compress(LOG[29:]) + b"\0" * 9, "a.gz",
                     "gzip", id="gzip-of-two-streams-padded"),
        pytest.param("auth.log.2", bz2.compress(LOG), "auth.log.2", "bzip2", id="bzip2"),
        pytest.param("a.xz", lzma.compress(LOG), "a.xz", "xz", id="xz"),
        pytest.param("a.zst", zstandard.ZstdCompressor().compress(LOG), "a.zst", "zstd", id="zstd"),
        pytest.param("a.zip", as_zip({"var/log/x": LOG}), "a.zip!var/log/x", None, id="zip"),
        pytest.param("a.tar", as_tar({"./var/log/x": LOG}), "a.tar!var/log/x", None, id="tar"),
        pytest.param("a.tgz", as_tar({"x": LOG}, "w:gz"), "a.tgz!x", None, id="tar-gzip"),
        pytest.param("a.txz", as_tar({"x": LOG}, "w:xz"), "a.txz!x", None, id="tar-xz"),
        pytest.param("a.tzst", zstandard.compress(as_tar({"x": LOG})), "a.tzst!x", None,
                     id="tar-zstd"),
        pytest.param("a.zip", as_zip({"b.tgz": as_tar({"c.gz": gzip.compress(LOG)}, "w:gz")}),
                     "a.zip!b.tgz!c.gz", "gzip", id="nested"),
        pytest.param("a.tar", as_tar({"../../../../tmp/x": LOG}), "a.tar!../../../../tmp/x", None,
                     id="path-upwards"),
        pytest.param("a.zip", as_zip({"/etc/cron.d/x": LOG}), "a.zip!/etc/cron.d/x", None,
                     id="path-absolute"),
        pytest.param("a.log", LOG.decode().encode("utf-16"), "a.log", None, id="utf-16"),
    ],
)  # fmt: skip
def test_container(
    read: Callable[..., Read], name: str, content: bytes, path: str, compression: str | None
) -> None:
    result = read({name: content})
    assert ids(result) == [f"{path}:1", f"{path}:2"]
    row = result.account.files.set_index("FilePath").loc[path]
    assert (row["Compression"] if isinstance(row["Compression"], str) else None) == compression
    assert str(row["FirstTime"]) == "2026-03-01 09:05:00+00:00"
    assert result.account.problems.empty
    if name.endswith(".log"):
        assert rebuild(result.con, path) == content
    else:
        assert rebuild(result.con, path) == LOG
    if "!" not in path:
        assert row["SHA256"] == hashlib.sha256(content).hexdigest()
        assert row["FileSize"] == len(content)


def test_a_single_file_is_known_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.tar").write_bytes(as_tar({"x": LOG}))
    account = ingest([tmp_path / "deep" / "a.tar"], tmp_path / "case.duckdb")
    assert list(account.files["FilePath"]) == ["a.tar", "a.tar!x"]


def encrypted() -> bytes:
    content = bytearray(as_zip({"x": LOG}))
    for at in (content.index(b"PK\x03\x04") + 6, content.index(b"PK\x01\x02") + 8):
        content[at] |= 1
    return bytes(content)


def damaged() -> bytes:
    content = bytearray(as_zip({"x": os.urandom(500)}))
    content[60] ^= 255
    return bytes(content)


def cut_gzip() -> bytes:
    """Compressed so that what is left unpacks to the first line and more."""
    engine = zlib.compressobj(wbits=31)
    start = engine.compress(LOG[:40]) + engine.flush(zlib.Z_SYNC_FLUSH)
    return start + engine.compress(LOG[40:])


@pytest.mark.parametrize(
    ("content", "path", "error", "rows"),
    [
        pytest.param(cut_gzip(), "bad",
                     "gzip stream ends early (truncated); 40 bytes of it were read",
                     1, id="gzip-truncated"),
        pytest.param(b"\x1f\x8b\x08\x00\x00", "bad",
                     "gzip stream ends early (truncated); 0 bytes of it were read", 0,
                     id="gzip-header-only"),
        pytest.param(gzip.compress(LOG) + b"junk", "bad",
                     "bytes after the end of the gzip stream were not read; 58 bytes of it",
                     2, id="gzip-junk-after"),
        pytest.param(lzma.compress(LOG)[:-20], "bad", "xz stream ends early (truncated)", 2,
                     id="xz-truncated"),
        pytest.param(zstandard.compress(LOG)[:-5], "bad", "zstd stream ends early (truncated)", 0,
                     id="zstd-truncated"),
        pytest.param(as_tar({"x": LOG})[: 512 + 40], "bad!x",
                     "archive ends 18 bytes before this member does", 1, id="tar-truncated"),
        pytest.param(as_zip({"x": LOG})[:-30], "bad", "zip archive ends early or is damaged", 0,
                     id="zip-truncated"),
        pytest.param(encrypted(), "bad!x", "encrypted: unpack it with its password first", 0,
                     id="zip-encrypted"),
        pytest.param(damaged(), "bad!x", "member is damaged", 0, id="zip-damaged"),
        pytest.param(b"\x7fELF" + bytes(range(256)) * 9, "bad",
                     "a binary file of no kind known here", 0, id="binary"),
        pytest.param(bytes(900), "bad", "nothing but blanks or NUL bytes", 0, id="nothing-but-nul"),
        pytest.param(b"hello\nthere\n", "bad", "text of no format known here", 0, id="text"),
        pytest.param(b"\xff\xfea", "bad", "UTF-16 that ends inside a character", 0, id="utf-16-odd"),
        pytest.param(b"PAR1" + bytes(90), "bad", "Parquet is damaged", 0, id="parquet"),
        pytest.param(b"#separator \\x09\n#path\tdns\n#fields\tts\n", "bad",
                     "a Zeek log other than conn.log", 0, id="zeek-other"),
    ],
)  # fmt: skip
def test_bad_file_is_named_and_the_rest_is_read(
    read: Callable[..., Read], content: bytes, path: str, error: str, rows: int
) -> None:
    result = read({"bad": content} | GOOD)
    found = result.account.files.set_index("FilePath")
    assert found.loc[path, "Error"].startswith(error)
    assert [found.loc[path, "RowsWritten"], found.loc["good.log", "RowsWritten"]] == [rows, 2]


def test_empty_file_is_no_error(read: Callable[..., Read]) -> None:
    result = read({"empty": b""} | GOOD)
    assert result.counts()[0] == ("empty", "empty", 0, 0, 0, 0)
    assert result.account.problems.empty


@pytest.mark.parametrize(
    ("limits", "error"),
    [
        ({"size": 1000, "ratio": 5}, "stopped as a bomb"),
        ({"most": 1000}, "stopped as a bomb"),
        ({"memory": 10, "spare": 1 << 60}, "no room on the disk of temporary files"),
    ],
    ids=["ratio", "size", "disk"],
)
def test_bomb(
    read: Callable[..., Read],
    monkeypatch: pytest.MonkeyPatch,
    limits: dict[str, Any],
    error: str,
) -> None:
    few = replace(LIMITS, **limits)
    monkeypatch.setattr("linuxhunt.evidence.intake.LIMITS", few)
    result = read({"bad.gz": gzip.compress(LOG + b"\0" * 100_000)} | GOOD)
    assert error in result.account.problems["Error"][0]
    assert result.account.files.set_index("FilePath").loc["good.log", "RowsWritten"] == 2


def test_large_members_lie_on_disk_while_they_are_read(
    read: Callable[..., Read], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("linuxhunt.evidence.intake.LIMITS", replace(LIMITS, memory=10))
    content = as_tar({"x": LOG, "y.gz": gzip.compress(LOG)}, "w:gz")
    result = read({"a.tgz": content, "b.zip": as_zip({"z": LOG})} | GOOD)
    assert ids(result) == [
        f"{path}:{n}" for path in ("a.tgz!x", "a.tgz!y.gz", "b.zip!z", "good.log") for n in (1, 2)
    ]


def test_archives_within_archives_end_somewhere(read: Callable[..., Read]) -> None:
    content = LOG
    for _ in range(LIMITS.depth + 1):
        content = as_tar({"x": content})
    result = read({"a": content} | GOOD)
    assert result.account.problems["Error"].tolist() == [
        "archives within archives beyond 5 are not opened"
    ]


def test_links_and_special_files(tmp_path: Path) -> None:
    root = tmp_path / "evidence"
    root.mkdir()
    (root / "real.log").write_bytes(LOG)
    os.utime(root / "real.log", (CHANGED, CHANGED))
    (tmp_path / "outside.log").write_bytes(LOG)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "x.log").write_bytes(LOG)
    (root / "inside").symlink_to("real.log")
    (root / "outside").symlink_to("../outside.log")
    (root / "away").symlink_to(tmp_path / "folder")
    os.mkfifo(root / "pipe")
    files = ingest([root], tmp_path / "case.duckdb").files
    noted = files[["FilePath", "Format", "RowsWritten"]].itertuples(index=False, name=None)
    assert list(noted) == [
        ("away", "link", 0),
        ("outside", "link", 0),
        ("pipe", "special", 0),
        ("real.log", "rfc3164", 2),
    ]
    assert files.set_index("FilePath").loc["pipe", "Error"] == (
        "no regular file (device, pipe or socket)"
    )


def test_a_file_that_cannot_be_opened(
    read: Callable[..., Read], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As root every file opens, so the refusal is made."""
    load = tree.load

    def refuse(path: Path, limits: Any) -> Any:
        if path.name == "secret":
            raise PermissionError(13, "Permission denied")
        return load(path, limits)

    monkeypatch.setattr("linuxhunt.evidence.tree.load", refuse)
    result = read({"secret": LOG} | GOOD)
    assert result.account.problems["Error"].tolist() == ["cannot be read: Permission denied"]
    with pytest.raises(EvidenceError, match="secret: cannot be read: Permission denied"):
        ingest([result.case.parent / "evidence" / "secret"], result.case.parent / "other.duckdb")
