"""The local driver: it reads the case and nothing else, and gives each KQL type one dtype."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from linuxhunt.errors import QueryError, SourceError
from linuxhunt.schema import STR, TIME
from linuxhunt.workspace import Workspace
from linuxhunt.workspace.local import LocalDriver, open_case
from tests.made import utc

leaked = pd.DataFrame({"secret": [1]})
"""A Python variable that DuckDB would find by its name, if it were let."""


@pytest.mark.parametrize(
    ("kql", "said"),
    [
        pytest.param("leaked", "Table with name leaked does not exist", id="Python variable"),
        pytest.param("['{file}']", "file system operations are disabled", id="file as a table"),
        pytest.param("externaldata(a:int)['{file}']", "unsupported", id="externaldata"),
        pytest.param("read_text('{file}')", "unsupported", id="DuckDB's function of files"),
        pytest.param("lines", "Table with name lines does not exist", id="raw bytes"),
        pytest.param("['evidence.lines']", "does not exist", id="raw bytes, bracketed"),
        pytest.param("database('evidence').lines", "not its raw bytes", id="as a database"),
        pytest.param("database(@'evidence').lines", "not its raw bytes", id="verbatim"),
        pytest.param("database('\\x65vidence').lines", ".", id="escaped"),
        pytest.param("database('EVIDENCE').lines", "not its raw bytes", id="in capitals"),
        pytest.param("Syslog | where 1 == toscalar(database('evidence').lines | count)",
                     "not its raw bytes", id="in a scalar"),
        pytest.param("let f = database('evidence').lines; f", "not its raw bytes", id="in a let"),
        pytest.param("union Syslog, (database('evidence').lines)", ".", id="in a union"),
        pytest.param("Syslog | lookup (database('evidence').lines) on Computer", ".", id="joined"),
        pytest.param(".set-or-replace Syslog <| print x=1", "writes are disabled", id=".set"),
        pytest.param(".set-or-append Syslog <| Syslog", "writes are disabled", id=".append"),
        pytest.param(".drop table Syslog", "unsupported", id=".drop"),
        pytest.param(".create table X (a:int)", "unsupported", id=".create table"),
        pytest.param(".create database X persist (@'{file}')", ".", id=".create database"),
        pytest.param(".attach database X from @'{file}'", ".", id=".attach"),
        pytest.param(".ingest into table Syslog ('{file}')", "unsupported", id=".ingest"),
        pytest.param(".execute database script <| print 1", "unsupported", id=".execute"),
        pytest.param("cluster('x').database('y').Syslog", "no cluster", id="another cluster"),
        pytest.param("evaluate sql_request('x', 'y')", ".", id="plugin"),
        pytest.param("", "could not parse KQL", id="nothing"),
        pytest.param("Syslog | ", "could not parse KQL", id="half a query"),
        pytest.param("print 'x", "could not parse KQL", id="open text"),
        pytest.param("print 1; print 2", "multi-statement", id="two queries"),
        pytest.param("print " + "(" * 2000 + "1" + ")" * 2000, "nested too deeply", id="deep"),
        pytest.param("Syslog | where Nope == 1", "Nope", id="no such column"),
        pytest.param("Syslogs", "does not exist in the case; did you mean Syslog", id="misspelt"),
        pytest.param("Nope", "does not exist in the case; hunt.schema lists", id="no such table"),
    ],
)  # fmt: skip
def test_a_query_can_do_nothing_but_read(
    kql: str, said: str, workspace: Workspace, case: Path, tmp_path: Path
) -> None:
    file = tmp_path / "file.csv"
    file.write_text("a,b\n1,2\n")
    held = case.read_bytes()
    with pytest.raises(QueryError, match=said) as caught:
        workspace.query(kql.replace("{file}", str(file)))
    assert "\n" not in str(caught.value)
    assert case.read_bytes() == held
    assert sorted(tmp_path.iterdir()) == [file]
    assert workspace.query("print x=1").to_dict("list") == {"x": [1]}


def test_a_misspelt_name_of_a_table_tells_nothing_of_hidden_ones(workspace: Workspace) -> None:
    with pytest.raises(QueryError) as caught:
        workspace.query("lines")
    assert str(caught.value) == (
        "Table with name lines does not exist in the case; hunt.schema lists its tables"
    )


SPAN = pd.Timedelta
BIG = 9_007_199_254_740_993


@pytest.mark.parametrize(
    ("kql", "dtype", "values"),
    [
        pytest.param("print x='a'", STR, ["a"], id="string"),
        pytest.param("print x=7", "Int64", [7], id="long"),
        pytest.param("print x=int(7)", "Int64", [7], id="int"),
        pytest.param(f"union (print x={BIG}), (print x=long(null)) | order by x asc nulls last",
                     "Int64", [BIG, None], id="long beside a null"),
        pytest.param("print x=toint('a')", "Int64", [None], id="null int"),
        pytest.param("print x=2.0", "float64", [2.0], id="real that is whole"),
        pytest.param("print x=decimal(1.25)", "float64", [1.25], id="decimal"),
        pytest.param("print x=true", "bool", [True], id="bool"),
        pytest.param("print x=bool(null)", "bool", [False], id="null bool is false"),
        pytest.param("print x=datetime(2026-03-12 01:02:03.000045)", TIME,
                     [utc("2026-03-12 01:02:03.000045")], id="datetime"),
        pytest.param("print x=datetime(null)", TIME, [None], id="null datetime"),
        pytest.param("print x=datetime(9999-12-31)", TIME, [utc("2262-04-11")], id="never ends"),
        pytest.param("print x=datetime(0001-01-01)", TIME, [utc("1677-09-22")], id="always was"),
        pytest.param("print x=1h", "timedelta64[ns]", [SPAN("1h")], id="timespan"),
        pytest.param("print x=time(null)", "timedelta64[ns]", [None], id="null timespan"),
        pytest.param("print x=datetime(2026-03-12) - datetime(2026-03-01 12:00)",
                     "timedelta64[ns]", [SPAN("10d 12h")], id="span between times"),
        pytest.param("print x=guid(74be27de-1e4e-49d9-b579-fe0b331d3642)", STR,
                     ["74be27de-1e4e-49d9-b579-fe0b331d3642"], id="guid"),
        pytest.param("print x=dynamic({'a':[1,null,'ü']})", STR, ['{"a":[1,null,"ü"]}'],
                     id="dynamic"),
        pytest.param("range i from 1 to 2 step 1 | summarize x=make_list(i)", STR, ["[1,2]"],
                     id="list"),
        pytest.param("Syslog | summarize x=sum(ProcessID)", "Int64", [190], id="sum"),
        pytest.param("Syslog | summarize x=avg(ProcessID)", "float64", [10.0], id="average"),
        pytest.param("Syslog | summarize m=min(TimeGenerated) | project x=bin(m, 1h)", TIME,
                     [utc("2026-03-12 09:00")], id="bin"),
        pytest.param("Syslog | where false | project x=ProcessID", "Int64", [], id="no rows"),
    ],
)  # fmt: skip
def test_each_kql_type_has_one_dtype(
    kql: str, dtype: Any, values: list[Any], workspace: Workspace
) -> None:
    column = workspace.query(kql)["x"]
    assert column.dtype == dtype
    assert column.astype(object).where(column.notna(), None).tolist() == values


def test_a_case_is_read_by_two_processes_at_once(workspace: Workspace, case: Path) -> None:
    """And by two connections of one process, of which one is closed."""
    code = (
        "import sys; from pathlib import Path; from linuxhunt.workspace.local import open_case;"
        "print(open_case(Path(sys.argv[1])).sql('SELECT count(*) FROM Syslog').fetchall()[0][0])"
    )
    second = LocalDriver()
    second.connect(str(case))
    other = subprocess.run(
        [sys.executable, "-c", code, str(case)], capture_output=True, text=True, check=True
    )
    second.close()
    assert other.stdout == "20\n"
    assert workspace.query("Syslog | count").to_dict("list") == {"Count": [20]}


def other_database(path: Path) -> None:
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE TABLE t (a INTEGER)")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        pytest.param(lambda path: None, "is not there; make a case with: linuxhunt ingest",
                     id="no file"),
        pytest.param(lambda path: path.mkdir(), "is not there; make a case", id="a folder"),
        pytest.param(lambda path: path.write_bytes(b""), "cannot be opened as a case|no case",
                     id="an empty file"),
        pytest.param(lambda path: path.write_bytes(b"\0" * 8 + b"DUCK" + b"\0" * 100),
                     "cannot be opened as a case", id="a broken case"),
        pytest.param(lambda path: path.write_text("Mar 12 10:00:00 web sshd[1]: x\n" * 99),
                     "cannot be opened as a case", id="a log"),
        pytest.param(other_database, "is a DuckDB file but no case", id="another database"),
    ],
)  # fmt: skip
def test_what_is_no_case_is_said_in_one_line(make: Any, said: str, tmp_path: Path) -> None:
    path = tmp_path / "x.duckdb"
    make(path)
    with pytest.raises(SourceError, match=said) as caught:
        open_case(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_facts_are_those_of_the_host_named(workspace: Workspace) -> None:
    assert workspace.facts(["WEB"]).to_dict("records") == [
        {"Fact": "System", "Value": "Debian GNU/Linux 12 (etc/os-release)"}
    ]
    assert workspace.facts(["nobody"]).to_dict("records") == []


def test_a_driver_that_is_not_connected_says_so() -> None:
    driver = LocalDriver()
    with pytest.raises(SourceError, match=r"no case is open; call connect\(\) first"):
        driver.query("Syslog")
    with pytest.raises(SourceError, match="no case was given"):
        driver.connect()
