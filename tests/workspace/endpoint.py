"""A Log Analytics endpoint on localhost: the API's own JSON over TLS, with faults on demand.

The query API is `POST /v1/workspaces/<id>/query`. Answers and errors are written as the service
writes them (https://learn.microsoft.com/azure/azure-monitor/logs/api/response-format and
.../api/errors): a partial answer is status 200 with both `tables` and `error`, text is never
null, dynamic values are JSON text.
"""

from __future__ import annotations

import contextlib
import json
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import duckdb
import duckdb_kql
import trustme
from azure.core.credentials import AccessToken

from linuxhunt.schema import TABLES
from linuxhunt.workspace.local import open_case

__all__ = ["Endpoint", "endpoint"]

_TYPES = {
    "VARCHAR": "string",
    "JSON": "dynamic",
    "TIMESTAMP": "datetime",
    "TIMESTAMP WITH TIME ZONE": "datetime",
    "BIGINT": "long",
    "HUGEINT": "long",
    "INTEGER": "int",
    "DOUBLE": "real",
    "BOOLEAN": "bool",
    "UUID": "guid",
    "INTERVAL": "timespan",
}
_LIMIT = "The results of this query exceed the set limit of {limit}"


ASIM = {
    "_Im_Authentication": "ASimAuthenticationEventLogs",
    "_Im_ProcessCreate": "ASimProcessEventLogs",
    "_Im_NetworkSession": "ASimNetworkSessionLogs",
}
"""ASIM's unifying parser -> the table of its own that it reads, among others."""


class Endpoint:
    """What a test sets, and what it may look at afterwards.

    Attributes:
        url: where the service listens, without a path.
        plan: called with each query before it is run; returns the name of a fault, or None.
        row_cap: rows of one answer; more make it partial.
        byte_cap: bytes of one answer's rows.
        asked: queries in the order in which they came.
        most_at_once: the most queries that ran at the same time.
        tokens: tokens that are good; every sign-in makes another one.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.url = ""
        self.lock = threading.Lock()
        self.tokens: set[str] = set()
        self.signed_in = 0
        self.reset()

    def reset(self) -> None:
        """Answer everything from now on, and forget what was asked."""
        self.plan: Callable[[str], str | None] = lambda kql: None
        self.row_cap = 500_000
        self.byte_cap = 100 * 2**20
        self.retry_after = "0"
        self.asked: list[str] = []
        self.at_once = self.most_at_once = 0

    def fail(self, *faults: str | None) -> None:
        """Have the next queries fail, in this order; those after them are answered."""
        left = list(faults)
        lock = threading.Lock()

        def plan(kql: str) -> str | None:
            with lock:
                return left.pop(0) if left else None

        self.plan = plan

    def get_token(self, *scopes: str, **kwargs: Any) -> AccessToken:
        """Sign in, as azure-core asks a credential."""
        self.signed_in += 1
        token = f"token-{self.signed_in}"
        self.tokens.add(token)
        end = datetime.now(UTC) + timedelta(hours=1)
        return AccessToken(token, int(end.timestamp()))

    def answer(self, kql: str) -> tuple[int, dict[str, Any]]:
        """Run a query; return the HTTP status and the body."""
        try:
            kql = _as_tables(kql)
            relation = duckdb_kql.kql(self.connection.cursor(), kql, allow_write=False)
            names, kinds = relation.columns, [str(kind) for kind in relation.types]
            rows = relation.fetchall()
        except (duckdb_kql.KqlError, duckdb.Error) as error:
            return 400, _semantic(str(error))
        kinds = [_TYPES.get(kind, "real" if kind.startswith("DECIMAL") else "dynamic")
                 for kind in kinds]  # fmt: skip
        written = [
            [_value(value, kind) for value, kind in zip(row, kinds, strict=True)] for row in rows
        ]
        limit, fits = "", len(written)
        if fits > self.row_cap:
            limit, fits = f"{self.row_cap} records", self.row_cap
        while fits and len(json.dumps(written[:fits])) > self.byte_cap:
            limit, fits = f"{self.byte_cap} bytes", fits // 2
        body: dict[str, Any] = {
            "tables": [
                {
                    "name": "PrimaryResult",
                    "columns": [
                        {"name": name, "type": kind}
                        for name, kind in zip(names, kinds, strict=True)
                    ],
                    "rows": written[:fits],
                }
            ],
            "statistics": {"query": {"executionTime": 0.01}},
        }
        if limit:
            body["error"] = partial(_LIMIT.format(limit=limit))
        return 200, body


def _as_tables(kql: str) -> str:
    """Read ASIM's parsers as the tables that they would at least read."""
    held: dict[str, str] = {}
    for parser, table in ASIM.items():
        if parser in kql:
            held = TABLES[table]
            kql = re.sub(rf"{parser}\((\w+=datetime\([^)]*\)(?:, )?)+\)", table, kql)
    return re.sub(
        r'column_ifexists\("(\w+)", (""|\d+|\w+\(null\))\)',
        lambda match: match[1] if match[1] in held else match[2],
        kql,
    )


def partial(why: str) -> dict[str, Any]:
    """Return the error that stands beside the tables of a partial answer."""
    inner = {"code": "-2133196797", "message": why, "severity": 2, "severityName": "Error"}
    detail = {"code": "EngineError", "message": "Something went wrong processing your query."}
    return {
        "code": "PartialError",
        "message": "There were some errors when processing your query.",
        "details": [{**detail, "innererror": inner}],
    }


def _semantic(text: str) -> dict[str, Any]:
    absent = text.partition("Table with name ")[2].partition(" ")[0]
    absent = absent or text.partition('column "')[2].partition('"')[0]
    message = f"'where' operator: Failed to resolve table or column expression named '{absent}'"
    inner = {"code": "SEM0100", "message": message if absent else text}
    return failed(
        "BadArgumentError",
        "The request had some invalid properties",
        {"code": "SemanticError", "message": "A semantic error occurred.", "innererror": inner},
    )


def failed(code: str, message: str, inner: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the body of a failed request."""
    return {"error": {"message": message, "code": code, **({"innererror": inner} if inner else {})}}


def _value(value: Any, kind: str) -> Any:
    if value is None:
        return "" if kind == "string" else None
    match kind:
        case "datetime":
            return f"{value:%Y-%m-%dT%H:%M:%S.%f}Z"
        case "real":
            return float(value)
        case "long" | "int":
            return int(value)
        case "dynamic":
            return value if isinstance(value, str) else json.dumps(value, default=str)
        case "guid" | "timespan":
            return str(value)
    return value


_FAULTS: dict[str, tuple[int, Any]] = {
    "429": (429, failed("TooManyRequests", "Rate limit is exceeded")),
    "500": (500, failed("InternalServerError", "Something went wrong")),
    "503": (503, failed("ServiceUnavailable", "Service is unavailable")),
    "504": (504, failed("GatewayTimeout", "The query did not finish in time")),
    "401": (401, failed("InvalidTokenError", "The provided authentication is not valid")),
    "404": (404, failed("PathNotFoundError", "The requested path does not exist")),
    "403": (403, failed("InsufficientAccessError", "The provided credentials have insufficient"
                        " access to perform the requested operation")),
}  # fmt: skip


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Keep quiet."""

    def do_POST(self) -> None:
        """Answer one query."""
        service = self.server.service
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        kql = str(body["query"])
        if not self.path.startswith("/v1/workspaces/") or not self.path.endswith("/query"):
            self._send(404, failed("PathNotFoundError", f"no such path {self.path}"))
            return
        with service.lock:
            service.asked.append(kql)
            service.at_once += 1
            service.most_at_once = max(service.most_at_once, service.at_once)
            fault = service.plan(kql)
        try:
            self._answer(service, kql, fault)
        finally:
            with service.lock:
                service.at_once -= 1

    def _answer(self, service: Endpoint, kql: str, fault: str | None) -> None:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in service.tokens or fault == "401":
            service.tokens.discard(token)
            self._send(*_FAULTS["401"])
        elif fault in _FAULTS:
            self._send(*_FAULTS[fault], service.retry_after if fault == "429" else None)
        elif fault == "drop":
            self.connection.close()
            self.close_connection = True
        elif fault == "garbage":
            self._write(200, b"<html>a proxy's own page</html>", "text/html")
        elif fault == "broken json":
            self._write(200, b'{"tables": [{"name": "Prim', "application/json")
        elif fault == "half":  # the connection ends in the middle of the answer
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", "100000")
            self.end_headers()
            self.wfile.write(b'{"tables": [')
            self.connection.close()
            self.close_connection = True
        else:
            if fault == "slow":
                time.sleep(0.3)
            status, answer = service.answer(kql)
            if fault == "no rows":
                answer["tables"][0]["rows"] = []
            if fault == "partial":
                rows = answer["tables"][0]["rows"]
                answer["tables"][0]["rows"] = rows[: len(rows) // 2]
                answer["error"] = partial("The query was stopped before it was done")
            self._send(status, answer)

    def _send(self, status: int, body: Any, retry_after: str | None = None) -> None:
        self._write(status, json.dumps(body).encode(), "application/json", retry_after)

    def _write(self, status: int, body: bytes, kind: str, retry_after: str | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if retry_after is not None:
            self.send_header("Retry-After", retry_after)
        self.end_headers()
        self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    service: Endpoint

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet about connections that a fault cut."""


@contextlib.contextmanager
def endpoint(case: Path, folder: Path) -> Iterator[tuple[Endpoint, Path]]:
    """Start the service on a case.

    Args:
        case: a case.
        folder: where the certificate of the authority that signed the service's is put.

    Yields:
        The endpoint, and the authority's certificate, for REQUESTS_CA_BUNDLE.
    """
    authority = trustme.CA()
    bundle = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(bundle))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    connection = open_case(case)
    service = Endpoint(connection)
    server = _Server(("127.0.0.1", 0), _Handler)
    server.service = service
    server.socket = context.wrap_socket(server.socket, server_side=True)
    service.url = f"https://localhost:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield service, bundle
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        connection.close()
