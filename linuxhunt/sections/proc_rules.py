"""All rules about single command lines."""

from __future__ import annotations

from linuxhunt.sections import proc_rules_hide, proc_rules_keep, proc_rules_run, proc_rules_take
from linuxhunt.sections.proc_rule import Rule

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (
    *proc_rules_run.RULES,
    *proc_rules_hide.RULES,
    *proc_rules_keep.RULES,
    *proc_rules_take.RULES,
)
