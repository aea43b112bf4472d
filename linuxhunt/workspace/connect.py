"""From what an analyst names as the source to a connected workspace."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from linuxhunt.errors import SourceError
from linuxhunt.workspace.cases import case_of, is_case, sample_folder
from linuxhunt.workspace.faults import engine_errors
from linuxhunt.workspace.workspace import Workspace, quiet

__all__ = ["SAMPLE", "configured", "open_workspace"]

SAMPLE = "sample"
_KUSTO = re.compile(r"kusto:(?P<cluster>.+)/(?P<database>[^/]+)")
_BY_ID = re.compile(r"workspace:(?P<id>[0-9a-fA-F-]{36})@(?P<tenant>[0-9a-fA-F-]{36})")


def open_workspace(
    source: str | Path | Sequence[str | Path] | None = None,
    *,
    keep: bool = True,
    progress: Callable[[Any], None] | None = None,
    auth_types: Sequence[str] | None = None,
    label: str | None = None,
    **options: Any,
) -> Workspace:
    """Open a source.

    Args:
        source: as CONTRACT of the command line says: evidence or a case (one path or several),
            ``kusto:<cluster>/<database>``, a workspace of msticpyconfig.yaml by name,
            ``workspace:<id>@<tenant>``, or ``sample``. None takes LINUXHUNT_SOURCE of the
            environment, else the default workspace of msticpyconfig.yaml, else the sample.
        keep: whether a case made of evidence, or the answer of a closed window, is kept for the
            next time.
        progress: told how far the reading of evidence, or of a large window, is.
        auth_types: msticpy's ways to sign in (``cli``, ``devicecode``, ``msi``, ``clientsecret``,
            ``env``); None takes those of msticpyconfig.yaml.
        label: what to call a case, where its path says little.
        options: ``year``, ``tz``, ``hostname`` for evidence that does not state them.

    Raises:
        SourceError: there is no such source, or nobody is signed in.
        EvidenceError: nothing of the evidence can be read.
    """
    source = source if source is not None else _default_source()
    cloud = {"keep": keep, "progress": progress}
    many = [source] if isinstance(source, str | Path) else list(source)
    if not many or "" in many:
        raise SourceError("an empty source was given; give a folder, a case or a workspace")
    if len(many) == 1 and isinstance(many[0], str):
        name = many[0]
        if kusto := _KUSTO.fullmatch(name):
            return _kusto(kusto["cluster"], kusto["database"], auth_types, **cloud)
        if by_id := _BY_ID.fullmatch(name):
            config = _config()(config={"WorkspaceId": by_id["id"], "TenantId": by_id["tenant"]})
            return _sentinel(name, auth_types, cloud, connection_str=config)
        if name == SAMPLE and not Path(name).exists():
            return _evidence([sample_folder()], keep, progress, "the sample incident", options)
        if not Path(name).exists():
            if name in _config().list_workspaces():
                return _sentinel(name, auth_types, cloud, workspace=name)
            raise SourceError(
                f"{name} is not there: no file or folder of that name, and no workspace in"
                " msticpyconfig.yaml; give a folder, a case, kusto:<cluster>/<database> or"
                " workspace:<id>@<tenant>"
            )
    paths = [Path(part) for part in many]
    if len(paths) == 1 and is_case(paths[0]):
        return _case(paths[0], label or str(paths[0]))
    return _evidence(paths, keep, progress, ", ".join(map(str, paths)), options)


def configured() -> list[str]:
    """Return the workspaces of msticpyconfig.yaml by name."""
    return sorted(_config().list_workspaces())


def _config() -> Any:
    """Return msticpy's ``WorkspaceConfig``, loaded here as evidence and cases need none."""
    from msticpy.common.wsconfig import WorkspaceConfig

    return WorkspaceConfig


def _default_source() -> list[str]:
    if named := os.environ.get("LINUXHUNT_SOURCE"):
        return [line for line in named.split("\n") if line] or [SAMPLE]
    workspaces = _config().list_workspaces()
    return ["Default" if "Default" in workspaces else SAMPLE]


def _case(case: Path, label: str) -> Workspace:
    return Workspace.of_case(case, label)


def _evidence(
    paths: Sequence[Path],
    keep: bool,
    progress: Callable[[Any], None] | None,
    label: str,
    options: dict[str, Any],
) -> Workspace:
    for path in paths:
        if not path.exists():
            raise SourceError(f"{path} is not there; give a folder, file or archive of evidence")
        if is_case(path) and len(paths) > 1:
            raise SourceError(f"{path} is a case; a case is opened alone")
    return _case(case_of(paths, keep=keep, progress=progress, **options), label)


def _kusto(
    cluster: str, database: str, auth_types: Sequence[str] | None, **cloud: Any
) -> Workspace:
    workspace = Workspace("Kusto", f"{database} on {cluster}", **cloud)
    loopback = re.match(r"http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$", cluster)
    try:
        with quiet():
            if loopback:  # `linuxhunt serve` knows no sign-in
                workspace.provider.connect(f"Data Source={cluster}", database=database)
                workspace.provider._query_provider.address = cluster
            else:
                kind = {"auth_types": list(auth_types)} if auth_types else {}
                workspace.provider.connect(cluster=cluster, database=database, **kind)
    except engine_errors(ValueError) as error:
        raise SourceError(f"cluster {cluster} cannot be reached: {_first(error)}") from error
    return workspace


def _sentinel(
    label: str, auth_types: Sequence[str] | None, cloud: dict[str, Any], **target: Any
) -> Workspace:
    workspace = Workspace("MSSentinel", label, **cloud)
    kind = {"auth_types": list(auth_types)} if auth_types else {}
    try:
        with quiet():
            workspace.provider.connect(**target, **kind)
    except engine_errors(ValueError) as error:
        raise SourceError(
            f"workspace {label} cannot be opened: {_first(error)}; sign in with `az login`, or"
            " pass auth_types, for example auth_types=['devicecode']"
        ) from error
    return workspace


def _first(error: Exception) -> str:
    return " ".join(str(error.args[0] if error.args else error).split())[:300]
