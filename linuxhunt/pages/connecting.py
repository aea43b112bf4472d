"""The form that asks for another source, and how to sign in to it.

No secret is typed into it: what stands in a widget is saved with the notebook. An application's
secret comes from the environment, or out of the Key Vault that msticpyconfig.yaml names.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from linuxhunt import views
from linuxhunt.errors import LinuxHuntError, SourceError
from linuxhunt.workspace.connect import SAMPLE, configured

if TYPE_CHECKING:
    from linuxhunt.hunt import Hunt

__all__ = ["SIGN_INS", "Connecting"]

SIGN_INS: tuple[tuple[str, str], ...] = (
    ("as msticpyconfig.yaml says", ""),
    ("az login", "cli"),
    ("device code", "devicecode"),
    ("managed identity", "msi"),
    ("app id and secret of the environment", "env"),
    ("app id and secret of msticpyconfig.yaml (Key Vault)", "clientsecret"),
)
"""What the form says -> msticpy's auth type."""

_VARIABLES = ("AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID")
_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_WIDE = {"description_width": "120px"}
_LONG = {"width": "560px"}

FOLDER, NAMED, BY_ID, CLUSTER = "folder", "named", "by id", "cluster"
_KINDS: tuple[tuple[str, str], ...] = (
    ("Folder, file, archive or case", FOLDER),
    ("Sentinel workspace of msticpyconfig.yaml", NAMED),
    ("Sentinel workspace by id and tenant", BY_ID),
    ("Azure Data Explorer", CLUSTER),
    ("The sample incident", SAMPLE),
)


class Connecting:
    """A form of core widgets that re-points a hunt.

    Attributes:
        kind: what sort of source.
        fields: name -> the widget that asks for it: ``path``, ``year``, ``tz``, ``hostname``,
            ``name``, ``id``, ``tenant``, ``cluster``, ``database``, ``sign_in``.
        button: connects.
        says: what came of it.
        widget: all of them.
    """

    def __init__(self, hunt: Hunt) -> None:
        self._hunt = hunt
        named = configured()
        kinds = [kind for kind in _KINDS if named or kind[1] != NAMED]
        begin = FOLDER if hunt.workspace.is_local else NAMED if named else BY_ID
        self.kind = widgets.Dropdown(
            options=kinds, value=begin, description="Source", style=_WIDE, layout=_LONG
        )
        self.fields: dict[str, Any] = {
            "path": _text("Path", "/evidence/web01 or incident.tar.gz"),
            "year": _text("Year", "of stamps that have none; else that of the file"),
            "tz": _text("Time zone", "of stamps that name none, such as Europe/Berlin"),
            "hostname": _text("Host name", "of logs that name no host"),
            "name": widgets.Dropdown(
                options=named, description="Workspace", style=_WIDE, layout=_LONG
            ),
            "id": _text("Workspace id", "00000000-0000-0000-0000-000000000000"),
            "tenant": _text("Tenant id", "00000000-0000-0000-0000-000000000000"),
            "cluster": _text("Cluster", "https://mycluster.westeurope.kusto.windows.net"),
            "database": _text("Database", "SecurityLogs"),
            "sign_in": widgets.Dropdown(
                options=SIGN_INS, value="", description="Sign in by", style=_WIDE, layout=_LONG
            ),
        }
        self.button = widgets.Button(
            description="Connect", button_style="primary", icon="plug",
            layout={"margin": "2px 2px 2px 128px"},
        )  # fmt: skip
        self.says = widgets.HTML()
        self._asked = widgets.VBox()
        self.kind.observe(lambda _: self._ask(), "value")
        self.fields["sign_in"].observe(lambda _: self._ask(), "value")
        self.button.on_click(lambda _: self._connect())
        self._ask()
        self.widget = widgets.VBox([self.kind, self._asked, self.button, self.says])

    def _ask(self) -> None:
        """Ask for what the kind of source needs."""
        sign_in = ("sign_in",)
        names = {
            FOLDER: ("path", "year", "tz", "hostname"),
            NAMED: ("name", *sign_in),
            BY_ID: ("id", "tenant", *sign_in),
            CLUSTER: ("cluster", "database", *sign_in),
            SAMPLE: (),
        }[self.kind.value]
        self._asked.children = [self.fields[name] for name in names]
        self.says.value = ""
        if "sign_in" in names and self.fields["sign_in"].value == "env":
            self._tell_variables()

    def _tell_variables(self) -> None:
        """Say which variables are set; their values are never shown."""
        missing = [name for name in _VARIABLES if not os.environ.get(name)]
        text = (
            f"not set in this environment: {', '.join(missing)}; set them before Jupyter starts"
            if missing
            else f"{', '.join(_VARIABLES)} are set and will be used"
        )
        self.says.value = views.message(text, "warning" if missing else "good").html

    def _said(self, name: str) -> str:
        return str(self.fields[name].value or "").strip()

    def source(self) -> tuple[str, dict[str, Any]]:
        """Return what ``hunt.reconnect`` is given.

        Raises:
            SourceError: a field is empty, or holds no id.
        """
        kind = self.kind.value
        options: dict[str, Any] = {}
        if kind == SAMPLE:
            return SAMPLE, {}
        if kind == FOLDER:
            options = {name: self._said(name) for name in ("tz", "hostname") if self._said(name)}
            return self._needed("path"), options | self._year()
        auth = self.fields["sign_in"].value
        options = {"auth_types": [auth]} if auth else {}
        if kind == NAMED:
            return self._needed("name"), options
        if kind == CLUSTER:
            return f"kusto:{self._needed('cluster')}/{self._needed('database')}", options
        ids = [self._needed(name) for name in ("id", "tenant")]
        for name, value in zip(("id", "tenant"), ids, strict=True):
            if not _ID.fullmatch(value):
                what = self.fields[name].description
                raise SourceError(f"{what} {value!r} is no id; the portal shows it on Overview")
        return f"workspace:{ids[0]}@{ids[1]}", options

    def _needed(self, name: str) -> str:
        value = self._said(name)
        if not value:
            raise SourceError(f"{self.fields[name].description} is empty")
        return value

    def _year(self) -> dict[str, int]:
        text = self._said("year")
        if text and not re.fullmatch(r"[12]\d{3}", text):
            raise SourceError(f"Year {text!r} is no year; write it as 2026, or leave it empty")
        return {"year": int(text)} if text else {}

    def _connect(self) -> None:
        """Connect; what goes wrong stands below the button."""
        self.button.disabled = True
        self.says.value = views.message("Connecting …", "info").html
        try:
            source, options = self.source()
            with contextlib.redirect_stdout(_Prompt(self._prompt)):
                self._hunt.reconnect(source, **options)
            text = f"Connected to {self._hunt.workspace.label}; the sections follow."
            self.says.value = views.message(text, "good").html
        except LinuxHuntError as problem:
            self.says.value = views.error(problem).html
        finally:
            self.button.disabled = False

    def _prompt(self, text: str) -> None:
        self.says.value = views.message(text, "warning").html


class _Prompt(io.StringIO):
    """Takes what is printed while a person signs in: the code to type, and where."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__()
        self._tell = tell

    def write(self, text: str) -> int:
        if text.strip():
            self._tell(text.strip())
        return len(text)


def _text(description: str, placeholder: str) -> widgets.Text:
    return widgets.Text(
        description=description, placeholder=placeholder, style=_WIDE, layout=_LONG,
        continuous_update=False,
    )  # fmt: skip
