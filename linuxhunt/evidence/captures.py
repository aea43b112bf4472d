"""Packets (pcap, pcapng) to sessions, by way of Zeek where it is installed."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from linuxhunt.evidence import flows
from linuxhunt.evidence.case import Sink
from linuxhunt.evidence.model import Source, Tally
from linuxhunt.evidence.unpack import load

__all__ = ["MAGICS", "read"]

MAGICS = (
    *(b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d"),
    b"\x0a\x0d\x0d\x0a",
)
"""What a capture begins with: pcap of either byte order, micro- or nanoseconds; pcapng."""

_TIMEOUT = 3600  # seconds


def read(source: Source, sink: Sink) -> Tally:
    """Read a capture by way of ``zeek -r``; records are the lines of the conn.log it writes.

    Checksums are not looked at: on the host that sent a packet, its network card fills them in.
    """
    tally = Tally("pcap", "ASimNetworkSessionLogs")
    program = shutil.which("zeek")
    if program is None:
        tally.error = (
            "packets need zeek, which is not installed here: run it where it is (zeek -C -r ...)"
            " and give the conn.log that it writes"
        )
        return tally
    with TemporaryDirectory(prefix="linuxhunt-") as folder:
        file, log = Path(folder, "packets"), Path(folder, "conn.log")
        np.asarray(source.data).tofile(file)
        try:
            done = subprocess.run(
                [program, "-C", "-r", str(file), "LogAscii::use_json=F"],
                cwd=folder,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=_TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            tally.error = f"zeek took longer than {_TIMEOUT:,} seconds"
            return tally
        if log.is_file():
            found = flows.read_tsv(replace(source, data=load(log)), sink)
            tally = replace(found, format="pcap")
        words = done.stderr.decode("utf-8", "backslashreplace").strip().splitlines()
        if done.returncode:
            tally.error = f"zeek: {words[-1] if words else f'exit status {done.returncode}'}"
            tally.error = tally.error.replace(str(file), source.name)
        elif not log.is_file():
            tally.assume("zeek found no connection in it")
    return tally
