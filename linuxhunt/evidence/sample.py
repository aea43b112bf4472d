"""The sample incident: raw logs of three hosts over three days, one of which is broken into.

What the notebook runs on by default, and a test of everything that reads logs: truth.json names
each act of the intruder by the ids of the records that it left. The same seed and scale give the
same bytes, on any machine and at any time.
"""

from __future__ import annotations

import gzip
import json
import os
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from linuxhunt.errors import EvidenceError, ParameterError
from linuxhunt.evidence.sample_cast import cast
from linuxhunt.evidence.sample_exports import write_exports
from linuxhunt.evidence.sample_incident import spawn_incident
from linuxhunt.evidence.sample_noise import spawn_noise
from linuxhunt.evidence.sample_sim import World, at, iso
from linuxhunt.evidence.sample_stage import stage, write_etc
from linuxhunt.evidence.sample_work import DAY, Site, spawn_work

__all__ = ["write_sample"]


def write_sample(folder: Path, seed: int = 1, scale: float = 1.0) -> Path:
    """Write the sample incident as a folder of evidence.

    Args:
        folder: made where missing; files of the same name are replaced, others left alone.
        seed: draws names, addresses, times, and the order of the intruder's acts.
        scale: factor on the ordinary volume (about 50,000 lines at 1); the incident stays the same.

    Returns:
        ``folder``. It holds a folder for each host as a collector leaves it (var/log, etc), the
        network sensor's conn.log, the workspace's exports, and truth.json: ``linuxhunt``
        ("truth"), ``seed``, ``scale``, ``host``, ``start``, ``end``, ``names`` (who took part) and
        ``acts``, in order of time, each with ``act``, ``technique`` (ATT&CK), ``description``,
        ``time``, ``host`` and ``records`` (record ids under ``folder``).

    Raises:
        ParameterError: for a scale that is not between 0.01 and 1000.
        EvidenceError: where the folder cannot be written, or holds another sample already.
    """
    if not 0.01 <= scale <= 1000:
        raise ParameterError(f"scale {scale} is not between 0.01 and 1000")
    _refuse_another(folder, seed, scale)
    world = World(DAY, DAY + timedelta(days=3))
    site = stage(world, cast(seed), seed, scale)
    spawn_work(site)
    spawn_noise(site)
    spawn_incident(site)
    world.run()
    try:
        _write(folder, site)
    except OSError as error:
        raise EvidenceError(f"cannot write the sample: {error}") from error
    return folder


def _refuse_another(folder: Path, seed: int, scale: float) -> None:
    """Two samples in one folder would be evidence of six hosts."""
    try:
        truth = json.loads((folder / "truth.json").read_text("utf-8"))
    except (OSError, ValueError):
        return
    if not isinstance(truth, dict) or (truth.get("seed"), truth.get("scale")) != (seed, scale):
        raise EvidenceError(f"{folder} holds another sample already; name an empty folder")


def _write(folder: Path, site: Site) -> None:
    for file in site.world.files:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        raw = file.raw()
        path.write_bytes(gzip.compress(raw, mtime=0) if path.suffix == ".gz" else raw)
        # RFC 3164 stamps have no year: a reader takes it from the modification time.
        os.utime(path, ns=(file.last * 1000, file.last * 1000))
    write_etc(folder, site)
    write_exports(
        folder / "workspace",
        site.cast,
        site.random("exports"),
        {"web": site.web.host.address, "db": site.db.host.address, "app": site.app.host.address},
        {name: at(act.start) for name, act in site.world.acts.items()},
        at(site.world.start),
        at(site.world.end),
    )
    (folder / "truth.json").write_text(json.dumps(_truth(site), indent=1) + "\n", "utf-8")


def _truth(site: Site) -> dict[str, object]:
    names = asdict(site.cast)
    acts = sorted(site.world.acts.items(), key=lambda item: item[1].start)
    return {
        "linuxhunt": "truth",
        "seed": site.seed,
        "scale": site.scale,
        "host": site.web.host.name,
        "start": iso(site.world.start),
        "end": iso(site.world.end),
        "names": names,
        "acts": [
            {
                "act": name,
                "technique": act.technique,
                "description": act.description,
                "time": iso(act.start),
                "host": act.host,
                "records": [f"{file.path}:{index + 1}" for file, index in act.marks],
            }
            for name, act in acts
        ],
    }
