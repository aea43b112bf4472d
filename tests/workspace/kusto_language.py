"""Microsoft's own parser of KQL, from npm, in one process of node for many queries."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PINNED = json.loads((HERE / "kusto_language.json").read_text("utf-8"))
KEPT = HERE.parents[1] / ".venv" / f"kusto-language-{PINNED['version']}"
_NEEDED = "the tests ask Microsoft's parser of KQL, which needs {}; on Debian: apt-get install npm"


def program(name: str) -> str:
    """Return the path of node or npm, or say what to do."""
    path = shutil.which(name)
    if path is None:
        raise RuntimeError(_NEEDED.format(name))
    return path


def folder() -> Path:
    """Return the folder of the parser's files, fetched once and checked against its hash."""
    if KEPT.is_dir():
        return KEPT
    with tempfile.TemporaryDirectory(dir=KEPT.parent) as passing:
        package = f"{PINNED['package']}@{PINNED['version']}"
        done = subprocess.run(
            [program("npm"), "pack", "--silent", "--pack-destination", passing, package],
            cwd=passing, capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"npm cannot fetch {package}: {done.stderr.strip()[:500]}")
        (archive,) = Path(passing).glob("*.tgz")
        digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if f"sha512-{digest}" != PINNED["integrity"]:
            raise RuntimeError(f"{package} is not the file that kusto_language.json pins")
        unpacked = Path(passing, "unpacked")
        unpacked.mkdir()
        with tarfile.open(archive) as held:
            for file in PINNED["files"]:
                member = held.extractfile(f"package/{file}")
                if member is None:
                    raise RuntimeError(f"{package} holds no {file}")
                (unpacked / file).write_bytes(member.read())
        unpacked.rename(KEPT)
    return KEPT


def parser(**asked: Any) -> dict[str, Any]:
    """Ask the parser; see kusto_language.cjs for what it takes and gives."""
    done = subprocess.run(
        [program("node"), str(HERE / "kusto_language.cjs")],
        input=json.dumps({"folder": str(folder()), "files": PINNED["files"], **asked}),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"node failed: {done.stderr.strip()[-800:]}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
