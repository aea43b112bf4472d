"""A case served on loopback: the real client reads the same rows, web pages and writers do not."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pandas.testing import assert_frame_equal

from linuxhunt.errors import QueryError, SourceError
from linuxhunt.workspace import Workspace, catalogue, open_workspace, serve
from tests.made import make_case
from tests.workspace.test_catalogue import WINDOW, values


@pytest.fixture(scope="module")
def server(case: Path) -> Iterator[Any]:
    with serve(case) as served:
        thread = threading.Thread(target=served.serve_forever)
        thread.start()
        yield served
        served.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def kusto(server: Any) -> Iterator[Workspace]:
    """Return the case as azure-kusto-data's client reads it."""
    held = open_workspace(f"kusto:{server.url}/{server.database}")
    yield held
    held.close()


def ask(server: Any, kql: str, path: str = "/v2/rest/query", **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=30)
    connection.putrequest("POST", path, skip_host="Host" in headers)
    body = json.dumps({"db": server.database, "csl": kql}).encode()
    sent = {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}
    for name, value in sent.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    response = connection.getresponse()
    answer = response.status, response.read()
    connection.close()
    return answer


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({}, 200, id="a client"),
        pytest.param({"Host": "127.0.0.1"}, 200, id="without the port"),
        pytest.param({"Host": "LOCALHOST:7"}, 200, id="localhost"),
        pytest.param({"Host": "[::1]:7"}, 200, id="IPv6 loopback"),
        pytest.param({"Host": "evil.example"}, 403, id="DNS rebinding"),
        pytest.param({"Host": "127.0.0.1.evil.example"}, 403, id="begins like loopback"),
        pytest.param({"Host": "evil.example:127.0.0.1"}, 403, id="ends like loopback"),
        pytest.param({"Host": "localhost@evil.example"}, 403, id="user part"),
        pytest.param({"Host": "0.0.0.0"}, 403, id="any address"),
        pytest.param({"Host": ""}, 403, id="no name"),
        pytest.param({"Origin": "https://evil.example"}, 403, id="a web page"),
        pytest.param({"Origin": "http://127.0.0.1:8888"}, 403, id="a page of loopback"),
        pytest.param({"Origin": "null"}, 403, id="a sandboxed page"),
        pytest.param({"origin": ""}, 403, id="an empty origin"),
    ],
)
def test_who_is_answered(headers: Mapping[str, str], status: int, server: Any) -> None:
    got, body = ask(server, "print 7", **headers)
    assert got == status
    assert (b"[7]" in body.replace(b" ", b"")) == (status == 200)


def test_a_refused_request_ends_its_connection(server: Any) -> None:
    """What follows on it could be a second request, written by the page that was refused."""
    body = b"POST /v1/rest/query HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    with socket.create_connection(server.server_address[:2], timeout=30) as raw:
        raw.sendall(
            b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: https://evil.example\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
        )
        received = b""
        while part := raw.recv(65536):
            received += part
    assert received.count(b"HTTP/1.") == 1
    assert b" 403 " in received.splitlines()[0]


def test_http_without_a_host_is_refused(server: Any) -> None:
    with socket.create_connection(server.server_address[:2], timeout=30) as raw:
        raw.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert b" 403 " in raw.recv(65536).splitlines()[0]


def test_it_listens_on_loopback_only(server: Any) -> None:
    assert server.server_address[0] == "127.0.0.1"


@pytest.mark.parametrize("path", ["/v1/rest/query", "/v2/rest/query", "/v1/rest/mgmt"])
@pytest.mark.parametrize(
    "kql",
    [
        ".set-or-replace Syslog <| print x=1",
        ".set-or-append Syslog <| Syslog",
        ".drop table Syslog",
        ".create table X (a:int)",
        ".create database X volatile",
        ".attach database X from @'/tmp/x.duckdb'",
    ],
)
def test_nothing_writes(kql: str, path: str, server: Any, case: Path, kusto: Workspace) -> None:
    held = case.read_bytes()
    status, body = ask(server, kql, path)
    assert status >= 400 or b"error" in body.lower()
    assert kusto.query("Syslog | count").to_dict("list") == {"Count": [20]}
    assert case.read_bytes() == held


@pytest.mark.parametrize(
    "kql",
    ["lines", "database('evidence').lines", "['evidence.lines']", "['/etc/passwd']", "Nope"],
)
def test_raw_bytes_and_files_are_not_served(kql: str, kusto: Workspace) -> None:
    with pytest.raises(QueryError):
        kusto.query(kql)


@pytest.mark.parametrize("name", sorted(catalogue()))
@pytest.mark.parametrize("hosts", [{"all_hosts": True}, {"hosts": ["web"]}, {"hosts": []}], ids=str)
def test_the_real_client_brings_the_same_rows(
    name: str, hosts: dict[str, Any], kusto: Workspace, workspace: Workspace
) -> None:
    here, there = (held.run(name, **values(name, **hosts)) for held in (workspace, kusto))
    order = list(here.rows.columns)
    assert_frame_equal(
        here.rows.sort_values(order, ignore_index=True),
        there.rows.sort_values(order, ignore_index=True),
    )
    assert here.completeness == there.completeness


@pytest.mark.parametrize(
    "value", ['x" | union SecurityAlert //', "a\\", "ü 語 \U0001f642", "a\n|b"]
)
def test_values_are_escaped_over_the_wire(value: str, kusto: Workspace) -> None:
    assert kusto.run("programs", **WINDOW, hosts=[value]).rows.empty


def test_the_case_stays_open_elsewhere(case: Path, workspace: Workspace, kusto: Workspace) -> None:
    count = {"Count": [20]}
    with duckdb.connect(str(case), read_only=True) as con:
        assert con.sql("SELECT count(*) FROM Syslog").fetchall() == [(20,)]
    assert workspace.query("Syslog | count").to_dict("list") == count
    assert kusto.query("Syslog | count").to_dict("list") == count


def test_what_is_written_later_is_not_seen(tmp_path: Path) -> None:
    case = make_case(tmp_path / "1 odd-name.duckdb", {})
    with serve(case) as served:
        thread = threading.Thread(target=served.serve_forever)
        thread.start()
        try:
            with duckdb.connect(str(case)) as con:
                con.execute("INSERT INTO Syslog (Computer) VALUES ('late')")
            held = open_workspace(f"kusto:{served.url}/{served.database}")
            assert served.database == "1_odd_name"
            assert held.query("Syslog | count").to_dict("list") == {"Count": [0]}
        finally:
            served.shutdown()
            thread.join()


def test_a_taken_port_is_said(case: Path, server: Any) -> None:
    port = server.server_address[1]
    with (
        pytest.raises(SourceError, match=f"port {port} of 127.0.0.1 cannot be used"),
        serve(case, port),
    ):
        pass


def test_what_is_no_case_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is not there"), serve(tmp_path / "none.duckdb"):
        pass
