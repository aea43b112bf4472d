"""Any file that begins as a known format, and goes on as it likes, is accounted for."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linuxhunt.errors import EvidenceError
from linuxhunt.evidence import ingest, rebuild
from linuxhunt.evidence.formats import Refused, recognise

from .conftest import lay
from .test_exports import HEAD, LINE, OBJECT
from .test_flows import NAMES, VALUES, tsv
from .test_journal import ENTRY, as_export, as_json
from .test_logins import utmp

WHOLE = {
    "csv": f"{HEAD}\n{LINE}\n{LINE}\n".encode(),
    "jsonl": (json.dumps(OBJECT) + "\n").encode() * 2,
    "json": json.dumps([OBJECT] * 2, indent=1).encode(),
    "zeek-tsv": tsv(VALUES, VALUES),
    "zeek-json": (json.dumps(dict(zip(NAMES, VALUES, strict=True))) + "\n").encode() * 2,
    "journal-json": as_json(ENTRY) + as_json(ENTRY | {"MESSAGE": b"a\nb"}),
    "journal-export": as_export(ENTRY | {"MESSAGE": b"a\nb\n\n"}) + as_export(ENTRY),
    "wtmp": utmp(2, 0, "~", "reboot") + utmp(7, 8, "pts/0", "mara"),
}
PIECES = st.one_of(
    st.binary(max_size=12),
    st.sampled_from(
        [
            *(b'"', b"\n", b"\r\n", b"\n\n", b"\0", b",", b"{}", b"[", b"]", b"\\", b"\xff", b"\t"),
            *(b"=", b'":null', b'":-1e999', b'":"99999999999999999999"', b"\xed\xa0\x80"),
            *(b"\\ud800", b"\\u0000"),
        ]
    ),
)


@pytest.mark.parametrize("kind", WHOLE)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_mutated(kind: str, data: st.DataObject) -> None:
    content = WHOLE[kind]
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(content)))
        gone = data.draw(st.sampled_from([0, 0, 1, 5, 40]))
        content = content[:at] + data.draw(PIECES) + content[at + gone :]
    with tempfile.TemporaryDirectory() as folder:
        case, source = Path(folder, "case.duckdb"), lay(Path(folder, "e"), {"x": content})
        if isinstance(recognise(np.frombuffer(content, np.uint8)), Refused):
            return
        try:
            account = ingest([source], case)
        except EvidenceError as error:
            if str(error) != f"{source}: no line of it was understood":
                raise
            return
        row = account.files.iloc[0]
        accounted = row["RowsWritten"] + row["LinesJoined"] + row["LinesRejected"]
        assert row["LinesRead"] == accounted
        assert rebuild(case, "x") == content
