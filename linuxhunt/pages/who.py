"""Who is behind an address: whois and DNS, asked only when the analyst sends it."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from linuxhunt import views
from linuxhunt.enrich import names as by_name
from linuxhunt.enrich import origins as by_dns
from linuxhunt.enrich import owners as by_registry
from linuxhunt.enrich.asking import Answer, Asker, Limits
from linuxhunt.enrich.kept import Kept
from linuxhunt.enrich.names import names
from linuxhunt.enrich.origins import Origin, origins
from linuxhunt.enrich.owners import Registries, owners
from linuxhunt.enrich.resolving import Resolver
from linuxhunt.enrich.threat_intel_private import Own
from linuxhunt.errors import ParameterError
from linuxhunt.pages.intel_ask import own_of
from linuxhunt.pages.who_form import who_form
from linuxhunt.parse.flows_hosts import plain_address
from linuxhunt.progress import teller
from linuxhunt.schema import STR
from linuxhunt.shown import Shown
from linuxhunt.views import View
from linuxhunt.views.text import plural, visible
from linuxhunt.workspace.cases import cache_folder

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt

__all__ = ["ANSWERS", "WhoPage"]

ANSWERS: dict[str, Any] = {
    "Address": STR, "Names": object, "ASN": "Int64", "ASName": STR, "Prefix": STR,
    "Organisation": STR, "Network": STR, "Cidr": STR, "Country": STR, "Abuse": STR,
    "Registry": STR, "Problems": STR,
}  # fmt: skip
_DAY = 86_400.0
_LASTS = {
    by_name.WHAT: _DAY, by_dns.ORIGINS: _DAY, by_dns.ASNS: 7 * _DAY, by_registry.WHAT: 7 * _DAY,
}  # fmt: skip
_OWN_SIDE = {"Outbound": ("SrcIpAddr",), "Inbound": ("DstIpAddr",), "Listen": ("SrcIpAddr",),
             "Local": ("SrcIpAddr", "DstIpAddr")}  # fmt: skip
"""Direction of a flow -> the columns that hold an address of the host itself."""


class WhoPage:
    """Owners and names of addresses; nothing leaves unless the analyst sends it.

    Attributes:
        withheld: Address, Withheld: what the last question would not send, and why.
        limits: how long and how hard to ask.
        resolver: whom to ask for names and AS numbers; as it is, the resolver of this machine.
        registries: whom to ask for owners; as it is, the five registries.
        fault: what was wrong with the file of kept answers; None where nothing was.
    """

    def __init__(self, hunt: Hunt) -> None:
        self._hunt = hunt
        self._rows: dict[str, dict[str, Any]] = {}
        self._shown = Shown(self.view)
        self._listeners: list[Callable[[], None]] = [self._shown.refresh]
        self.withheld = pd.DataFrame(columns=["Address", "Withheld"]).astype(STR)
        self.limits, self.resolver, self.registries = Limits(), Resolver(), Registries()
        self.fault: str | None = None

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call a function each time that something was answered."""
        self._listeners.append(listener)

    @property
    def answers(self) -> pd.DataFrame:
        """What is known so far, in the order in which it was asked (columns ANSWERS)."""
        return _frame(self._rows.values())

    def sendable(self, addresses: Iterable[str | None]) -> pd.DataFrame:
        """Return Address, Withheld: why it never leaves, null where it may be sent; each once.

        Raises:
            QueryError: the workspace does not say what is its own.
        """
        held = pd.Series(list(addresses), dtype=object).dropna()
        texts = list(dict.fromkeys(visible(plain_address(str(text))) for text in held))
        own = self._own()
        return pd.DataFrame(
            {"Address": texts, "Withheld": [_why_not(text, own) for text in texts]}, dtype=STR
        )

    def _own(self) -> Own:
        """What is the workspace's own, by its tables and by the host's side of its flows."""
        own = own_of(self._hunt, self._hunt.intel.own_domains)
        flows = self._hunt.events["flows"]
        sides = {
            str(address)
            for direction, columns in _OWN_SIDE.items()
            for column in columns
            for address in flows.loc[flows["NetworkDirection"] == direction, column].dropna()
        }
        return replace(own, addresses=own.addresses | sides)

    def ask(self, addresses: Iterable[str | None] | str | None = None) -> Any:
        """Return a form that says what would be sent to whom, and sends what is picked in it.

        Args:
            addresses: None takes those of the network section, those with findings first.

        Raises:
            QueryError: the workspace does not say what is its own; nothing can be sent.
        """
        if addresses is None:
            addresses = self._hunt.network.addresses["Address"]
        told = self.sendable([addresses] if isinstance(addresses, str) else addresses)

        def send(
            picked: list[str], wanted: tuple[bool, bool], stop: threading.Event,
            tell: Callable[[object], None],
        ) -> View:  # fmt: skip
            answered = self._ask(picked, *wanted, stop, tell)
            return views.stack(_said(answered), _table(answered), self._faults())

        return who_form(told, str(self.resolver), self.registries.hosts, send)

    def lookup(
        self,
        addresses: Iterable[str | None] | str,
        owners: bool = True,
        names: bool = True,
        stop: threading.Event | None = None,
    ) -> pd.DataFrame:
        """Ask outside who is behind addresses; the only way by which anything leaves.

        What is not public, what is the workspace's own and what is no address is not sent but
        named in :attr:`withheld`. Answers are kept on disk, in a file that nobody else reads:
        names and AS numbers a day, owners a week.

        Args:
            addresses: any texts; nulls and repeats are fine.
            owners: ask Team Cymru by DNS who announces them, and the registries who holds them.
            names: ask for their names; whoever holds the network can see that somebody asks.
            stop: once it is set, nothing more is asked.

        Returns:
            A frame of ANSWERS, a row an address that was sent: Address, Names (list; empty where
            it has none or was not asked), ASN (the first of several), ASName, Prefix (announced),
            Organisation, Network (its name), Cidr, Country, Abuse (mail address), Registry, and
            Problems (what has no answer and why; null where all has). Texts are those of
            strangers.

        Raises:
            ParameterError: neither owners nor names are asked for.
            QueryError: the workspace does not say what is its own; nothing was sent.
        """
        if not (owners or names):
            raise ParameterError("ask for owners, for names, or for both")
        told = self.sendable([addresses] if isinstance(addresses, str) else addresses)
        self.withheld = told[told["Withheld"].notna()].reset_index(drop=True)
        free = told.loc[told["Withheld"].isna(), "Address"]
        return self._ask(list(free), owners, names, stop or threading.Event(), teller())

    def _ask(
        self, addresses: list[str], want_owners: bool, want_names: bool, stop: threading.Event,
        tell: Callable[[object], None],
    ) -> pd.DataFrame:  # fmt: skip
        """Ask for addresses that may leave; the workspace is not asked, so any thread may."""
        kept = Kept(cache_folder() / "outside" / "answers.json", _LASTS)
        asker = Asker(self.limits, stop, tell, kept)
        parts: list[dict[str, dict[str, Any]]] = []
        come: dict[str, Origin] = {}
        if want_owners:
            come = origins(addresses, asker, self.resolver)
            parts.append({address: _of_origin(held) for address, held in come.items()})
        if want_names:
            called = names(addresses, asker, self.resolver)
            parts.append({address: _of_names(held) for address, held in called.items()})
        if want_owners:
            known = {address: held.registry for address, held in come.items()}
            said = owners(known, asker, self.registries)
            parts.append({a: _of_owner(held, come[a].country) for a, held in said.items()})
        rows = []
        for address in addresses:
            row = self._rows.setdefault(address, {"Address": address})
            for part in parts:
                row |= part[address]
            rows.append(row)
        self.fault = kept.fault
        for listener in self._listeners:
            listener()
        return _frame(rows)

    def view(self) -> View:
        """Return all that was answered, and what was not sent."""
        answers = self.answers
        if answers.empty:
            return views.message(
                "Nobody outside was asked. hunt.who.ask() shows what would be sent to whom.", "info"
            )
        withheld = None
        if len(self.withheld):
            withheld = views.table(self.withheld, "Not sent, and why")
        return views.stack(_said(answers), _table(answers), withheld, self._faults())

    def show(self) -> Shown:
        """Show it in the notebook; it follows what is answered."""
        return self._shown

    def street_map(self) -> View:
        """Return the addresses of the network section on tiles, which a network must bring.

        Places come from the databases on this machine; no address is sent, but who serves the
        tiles sees which part of the world is looked at.
        """
        found = self._hunt.network.addresses
        counts = found.assign(
            address=found["Address"],
            Failure=found["Failed"] + found["FailedLogons"],
            Success=found["Flows"] - found["Failed"] + found["Logons"],
        )
        return views.street_map(counts, noun="contact")

    def _faults(self) -> View | None:
        return views.message(self.fault, "warning") if self.fault else None


def _why_not(text: str, own: Own) -> str | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return "is no address"
    return own.why_not(str(address), f"ipv{address.version}")


def _of_origin(held: Origin) -> dict[str, Any]:
    return {
        "ASN": held.asns[0] if held.asns else None, "ASName": held.name, "Prefix": held.prefix,
        "Registry": held.registry, "_origin": held.problem,
    }  # fmt: skip


def _of_names(answer: Answer) -> dict[str, Any]:
    if answer.said is None:
        return {"Names": [], "_names": f"names: {answer.problem}"}
    return {"Names": list(answer.said["records"]), "_names": None}


def _of_owner(answer: Answer, country: str | None) -> dict[str, Any]:
    """Read an owner; ``country`` is where the network is registered, by Team Cymru."""
    columns = ("Network", "Cidr", "Organisation", "Country", "Abuse")
    said = answer.said or {}
    row: dict[str, Any] = {
        name: text if isinstance(text := said.get(name), str) else None for name in columns
    }
    row["Country"] = row["Country"] or country
    problem = answer.problem if answer.said is None else None
    if answer.said is not None and not any(said.values()):
        problem = "no registry knows it"
    return {**row, "_owner": f"owner: {problem}" if problem else None}


def _frame(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    problems = ("_origin", "_names", "_owner")
    made = [
        {
            **{name: row.get(name) for name in ANSWERS},
            "Names": row.get("Names", []),
            "Problems": "; ".join(row[key] for key in problems if row.get(key)) or None,
        }
        for row in rows
    ]
    return pd.DataFrame(made, columns=list(ANSWERS), dtype=object).astype(ANSWERS)


def _said(answers: pd.DataFrame) -> View:
    whole = int(answers["Problems"].isna().sum())
    many = plural(len(answers), "address", "addresses")
    return views.message(
        f"{many} asked for, {whole:,} answered in all parts. What follows is said by registries"
        " and by those who hold the networks; names are not checked.",
        "info" if whole == len(answers) else "warning",
    )


def _table(answers: pd.DataFrame) -> View:
    return views.table(
        answers, "Who is behind the addresses",
        columns=["Address", "Names", "ASN", "ASName", "Organisation", "Cidr", "Country", "Abuse",
                 "Problems"],
    )  # fmt: skip
