"""Does an account act otherwise than its owner does?"""

from __future__ import annotations

from linuxhunt.sections.finding import Check
from linuxhunt.sections.user_accounts import AccountReopened, NewAccountUsed, PrivilegedGroup
from linuxhunt.sections.user_first_root import FirstRootShell
from linuxhunt.sections.user_habits import DormantUsed, FirstSudo, SudoRefused
from linuxhunt.sections.user_places import ManyNetworks, TooFast
from linuxhunt.sections.user_roots import SecondRoot, ServiceLogon

__all__ = ["CHECKS", "HYPOTHESIS"]

HYPOTHESIS = "An account acts otherwise than its owner does."

CHECKS: tuple[Check, ...] = (
    SecondRoot(),
    NewAccountUsed(),
    AccountReopened(),
    PrivilegedGroup(),
    ServiceLogon(),
    FirstSudo(),
    FirstRootShell(),
    SudoRefused(),
    TooFast(),
    ManyNetworks(),
    DormantUsed(),
)
