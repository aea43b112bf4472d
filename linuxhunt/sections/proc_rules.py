"""All rules about single command lines."""

from __future__ import annotations

from linuxhunt.sections import (
    proc_rules_access,
    proc_rules_beyond,
    proc_rules_guards,
    proc_rules_handed,
    proc_rules_jobs,
    proc_rules_kits,
    proc_rules_logs,
    proc_rules_out,
    proc_rules_places,
    proc_rules_rights,
    proc_rules_secrets,
    proc_rules_shells,
    proc_rules_tools,
)
from linuxhunt.sections.proc_rule import Rule

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (
    *proc_rules_shells.RULES,
    *proc_rules_places.RULES,
    *proc_rules_tools.RULES,
    *proc_rules_kits.RULES,
    *proc_rules_logs.RULES,
    *proc_rules_guards.RULES,
    *proc_rules_jobs.RULES,
    *proc_rules_access.RULES,
    *proc_rules_rights.RULES,
    *proc_rules_handed.RULES,
    *proc_rules_beyond.RULES,
    *proc_rules_secrets.RULES,
    *proc_rules_out.RULES,
)
