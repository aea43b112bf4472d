"""A case as a read-only Kusto endpoint on loopback, for Azure Data Explorer's own clients.

duckdb-kql brings the server (the v1 and v2 REST interfaces of Azure Data Explorer). It answers
whoever reaches the socket, so requests that a web page could have caused are turned away here:
those with an Origin, and those whose Host is no loopback name (DNS rebinding).
"""

from __future__ import annotations

import contextlib
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
from linuxhunt.workspace.local import open_case

__all__ = ["serve"]

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

        def parse_request(self) -> bool:
            """Read the request's head and turn away what comes from a page or another name."""
            if not super().parse_request():
                return False
            host = self.headers.get("Host", "")
            if self.headers.get("Origin") is not None or not _LOOPBACK.fullmatch(host):
                self.send_error(HTTPStatus.FORBIDDEN, "loopback clients only")
                return False
            return True

    return Guarded
