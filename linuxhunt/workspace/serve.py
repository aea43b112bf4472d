"""A case as a read-only Kusto endpoint on loopback, for Azure Data Explorer's own clients.

duckdb-kql brings the server (the v1 and v2 REST interfaces of Azure Data Explorer). It answers
whoever reaches the socket, so requests that a web page could have caused are turned away here:
those with an Origin, and those whose Host is no loopback name (DNS rebinding).
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import duckdb
from duckdb_kql.server import KustoRestServer

from linuxhunt.errors import SourceError
from linuxhunt.schema import TABLES
from linuxhunt.workspace.literals import quoted
from linuxhunt.workspace.local import open_case

__all__ = ["serve"]

_SHOW_SCHEMA = re.compile(r"\.show database \[['\"](?P<name>[^'\"]*)['\"]\] schema")
_LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d+)?", re.IGNORECASE)


@contextlib.contextmanager
def serve(case: Path, port: int = 0) -> Iterator[KustoRestServer]:
    """Serve a snapshot of a case; what is written to the case later is not seen.

    Args:
        case: a case. It may be open elsewhere, as only a copy of it is served.
        port: of 127.0.0.1; 0 takes a free one.

    Yields:
        The server, bound: call ``serve_forever()``; ``url`` and ``database`` say where it is.

    Raises:
        SourceError: the case cannot be opened, or the port is taken.
    """
    with tempfile.TemporaryDirectory(prefix="linuxhunt-serve-") as folder:
        open_case(case).close()
        snapshot = Path(folder, f"{_database(case)}.duckdb")
        shutil.copyfile(case, snapshot)
        with duckdb.connect(str(snapshot)) as copy:  # raw bytes are no table of KQL's
            copy.execute("DROP SCHEMA IF EXISTS evidence CASCADE")
        connection = open_case(snapshot)
        try:
            server = KustoRestServer(
                connection, port=port, allowed_origins=(), source=str(case), quiet=True
            )
        except OSError as error:
            raise SourceError(
                f"port {port} of 127.0.0.1 cannot be used ({error.strerror}); give another --port"
            ) from error
        server.RequestHandlerClass = _guarded(server.RequestHandlerClass)
        try:
            yield server
        finally:
            server.server_close()
            connection.close()


def _database(case: Path) -> str:
    """Name the database as KQL can write it."""
    return re.sub(r"\W", "_", case.stem) or "case"


def _guarded(handler: Any) -> Any:
    class Guarded(handler):  # type: ignore[misc]  # the base is known at run time only
        """The server's own handler, for requests that no web page caused."""

        rfile: Any
        path: str

        def parse_request(self) -> bool:
            """Read the request's head and turn away what comes from a page or another name."""
            if not super().parse_request():
                return False
            host = self.headers.get("Host", "")
            if self.headers.get("Origin") is not None or not _LOOPBACK.fullmatch(host):
                self.send_error(HTTPStatus.FORBIDDEN, "loopback clients only")
                return False
            return True

        def do_POST(self) -> None:  # noqa: N802  # http.server's name
            """Answer a query; Kqlmagic's first question, which duckdb-kql lacks, as a query."""
            length = self.headers.get("Content-Length", "")
            body = self.rfile.read(int(length) if length.isdecimal() else 0)
            query = _as_query(body) if self.path.endswith("/mgmt") else None
            if query is not None:
                body, self.path = query, "/v1/rest/query"
                self.headers.replace_header("Content-Length", str(len(body)))
            connection, self.rfile = self.rfile, io.BytesIO(body)
            try:
                super().do_POST()
            finally:
                self.rfile = connection

    return Guarded


def _as_query(body: bytes) -> bytes | None:
    """Write ``.show database ['name'] schema`` as KQL; None for any other request."""
    try:
        asked = json.loads(body)
        stated = _SHOW_SCHEMA.fullmatch(asked["csl"].strip())
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if stated is None:
        return None
    name = quoted(stated["name"])
    parts = (f'({table} | getschema | extend TableName = "{table}")' for table in TABLES)
    asked["csl"] = (
        f"union {', '.join(parts)} | project DatabaseName = {name}, TableName, ColumnName,"
        " ColumnType = DataType"
    )
    return json.dumps(asked).encode()
