"""A Log Analytics workspace through the real client: equal rows, and what its failures become."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from linuxhunt.errors import QueryError
from linuxhunt.workspace import Workspace, catalogue
from tests.made import utc
from tests.workspace.cloud import in_order, kusto, sentinel, served, service, signed_in
from tests.workspace.endpoint import Endpoint
from tests.workspace.test_catalogue import OURS, WINDOW, values

__all__ = ["kusto", "sentinel", "served", "service"]

LINES: dict[str, Any] = {**WINDOW, "all_hosts": True, "all_programs": True}
"""Three instants of four rows each: 10:00, 11:30 and the last microsecond before 12:00."""


@pytest.mark.parametrize("hosts", [{"all_hosts": True}, {"hosts": ["WEB"]}], ids=["all", "one"])
@pytest.mark.parametrize("name", OURS)
def test_three_engines_bring_the_same_rows(
    name: str, hosts: dict[str, Any], workspace: Workspace, kusto: Workspace, sentinel: Workspace
) -> None:
    here = workspace.run(name, **values(name, **hosts))
    assert len(here.rows) or hosts != {"all_hosts": True}
    for held in (kusto, sentinel):
        there = held.run(name, **values(name, **hosts))
        if held.environment in catalogue()[name].environments:
            assert_frame_equal(in_order(here.rows), in_order(there.rows))
            assert there.completeness == here.completeness
        else:
            assert there.completeness.missing == ("not on this engine",)


@pytest.mark.parametrize(
    ("parser", "table"),
    [
        pytest.param("logons_im", "logons_asim", id="_Im_Authentication"),
        pytest.param("processes_im", "processes_asim", id="_Im_ProcessCreate"),
        pytest.param("flows_im", "flows_asim", id="_Im_NetworkSession"),
    ],
)
def test_asims_parsers_bring_what_their_tables_do(
    parser: str, table: str, sentinel: Workspace, workspace: Workspace
) -> None:
    expected = workspace.run(table, **values(table, hosts=["WEB"])).rows
    assert len(expected)
    found = sentinel.run(parser, **values(parser, hosts=["WEB"]))
    assert_frame_equal(in_order(found.rows), in_order(expected))
    here = workspace.run(parser, **values(parser, hosts=["WEB"]))
    assert here.completeness.missing == ("not on this engine",)


def test_types_come_whole(sentinel: Workspace, kusto: Workspace) -> None:
    """What a float cannot hold, beside a null; a time beyond nanoseconds; nested JSON; a guid."""
    kql = """
        print a=9007199254740993, b=datetime(9999-12-31), c=dynamic({"k":[1,null,"ü"]}),
            d=guid(74be27de-1e4e-49d9-b579-fe0b331d3642), e=1.5, f=true, g=7,
            h=datetime(2026-03-12 01:02:03.000045)
        | union (print a=long(null), h=datetime(null))
        | order by a asc nulls last
    """
    expected = [
        9_007_199_254_740_993, utc("2262-04-11"), '{"k":[1,null,"ü"]}',
        "74be27de-1e4e-49d9-b579-fe0b331d3642", 1.5, True, 7, utc("2026-03-12 01:02:03.000045"),
    ]  # fmt: skip
    for held in (sentinel, kusto):
        rows = held.query(kql)
        assert rows.iloc[0].tolist() == expected
        assert pd.isna(rows["a"].iloc[1])
        assert pd.isna(rows["h"].iloc[1])


def test_a_call_of_msticpys_own_is_answered_alike(
    sentinel: Workspace, workspace: Workspace, kusto: Workspace
) -> None:
    expected = workspace.provider.LinuxHunt.programs(**WINDOW, all_hosts=True)
    for held in (sentinel, kusto):
        rows = held.provider.LinuxHunt.programs(**WINDOW, all_hosts=True)
        assert rows["Rows"].tolist() == expected["Rows"].tolist()
        assert rows["ProcessName"].fillna("").tolist() == (
            expected["ProcessName"].fillna("").tolist()
        )


WHOLE = "12 messages, 12 Mar 10:00 – 12 Mar 11:59, whole"
FAULTS = [
    pytest.param(["429"], WHOLE, id="429 with Retry-After"),
    pytest.param(["503", "503"], WHOLE, id="503"),
    pytest.param(["drop", "drop"], WHOLE, id="dropped connections"),
    pytest.param(["half"], WHOLE, id="a connection that ends in the answer"),
    pytest.param(["401"], WHOLE, id="an expired token"),
    pytest.param(["garbage", "broken json"], WHOLE, id="garbage"),
    pytest.param(["slow"], WHOLE, id="slow"),
    pytest.param(["504"], WHOLE, id="504: split"),
    pytest.param(["partial", "partial"], WHOLE, id="a partial answer: split"),
    pytest.param(["504", None, "503", "429", "drop"], WHOLE, id="one after the other"),
]


@pytest.mark.parametrize(("faults", "said"), FAULTS)
def test_a_failure_that_passes_costs_no_rows(
    faults: list[str], said: str, sentinel: Workspace, service: Endpoint, workspace: Workspace
) -> None:
    service.fail(*faults)
    answer = sentinel.run("messages", **LINES)
    assert_frame_equal(in_order(answer.rows), in_order(workspace.run("messages", **LINES).rows))
    assert answer.completeness.whole
    assert str(answer.completeness) == said


LASTING = [
    pytest.param("429", "the engine is busy", id="429"),
    pytest.param("503", "the connection failed", id="503"),
    pytest.param("504", "the engine did not finish in time", id="504"),
    pytest.param("drop", "the connection failed", id="dropped connections"),
    pytest.param("garbage", "the connection failed", id="garbage"),
    pytest.param("401", "nobody is signed in any more", id="no token is good"),
]
LATER = "2026-03-12T11:00:00"


@pytest.mark.parametrize(("fault", "why"), LASTING)
def test_what_lasts_is_named(fault: str, why: str, sentinel: Workspace, service: Endpoint) -> None:
    service.plan = lambda kql: fault
    answer = sentinel.run("messages", **LINES)
    assert answer.rows.empty
    assert not answer.completeness.whole
    assert answer.completeness.answered == 0
    (said,) = answer.completeness.missing
    assert said.startswith(f"2026-03-12 10:00 to 2026-03-12 12:00 UTC: {why}")
    assert str(answer.completeness) == f"no messages ({said})"


@pytest.mark.parametrize(("fault", "why"), LASTING)
def test_a_part_that_fails_is_named_and_the_rest_is_there(
    fault: str, why: str, sentinel: Workspace, service: Endpoint, workspace: Workspace
) -> None:
    service.row_cap = 10
    service.plan = lambda kql: fault if kql.partition(" >= datetime(")[2] >= LATER else None
    answer = sentinel.run("messages", **LINES)
    whole = workspace.run("messages", **LINES).rows
    missing = whole[whole["TimeGenerated"] >= utc(LATER)]
    assert_frame_equal(in_order(answer.rows), in_order(whole[whole["TimeGenerated"] < utc(LATER)]))
    assert len(missing)
    (said,) = answer.completeness.missing
    assert "to 2026-03-12 12:00 UTC: " in said
    assert why in said
    assert f", PARTIAL: {said}" in str(answer.completeness)


def test_an_answer_that_aggregates_is_not_put_together(
    sentinel: Workspace, service: Endpoint
) -> None:
    service.fail("partial", "partial", "partial")
    answer = sentinel.run("programs", **WINDOW, all_hosts=True)
    assert answer.completeness.partial
    assert len(service.asked) == 3
    (said,) = answer.completeness.missing
    assert said == (
        "2026-03-12 10:00 to 2026-03-12 12:00 UTC: the engine left rows out"
        " (The query was stopped before it was done)"
    )


@pytest.mark.parametrize(
    ("rows", "size"),
    [
        pytest.param(7, 100 * 2**20, id="rows"),
        pytest.param(500_000, 1_000, id="bytes"),
        pytest.param(4, 100 * 2**20, id="only rows of one instant fit"),
    ],
)
def test_an_answer_over_the_limit_is_asked_for_in_parts(
    rows: int, size: int, sentinel: Workspace, service: Endpoint, workspace: Workspace
) -> None:
    service.row_cap, service.byte_cap = rows, size
    answer = sentinel.run("messages", **LINES)
    assert_frame_equal(in_order(answer.rows), in_order(workspace.run("messages", **LINES).rows))
    assert answer.rows["TimeGenerated"].dt.floor("1h").is_monotonic_increasing
    assert not answer.rows["_ItemId"].duplicated().any()
    assert answer.completeness.whole
    assert answer.completeness.asked == answer.completeness.answered > 1
    assert service.most_at_once <= 4


def test_rows_of_one_instant_over_the_limit_are_kept_and_named(
    sentinel: Workspace, service: Endpoint
) -> None:
    service.row_cap = 3
    answer = sentinel.run("messages", **LINES)
    assert answer.completeness.partial
    assert len(answer.rows) == 9
    assert not answer.rows["_ItemId"].duplicated().any()
    assert all("exceed the set limit of 3 records" in said for said in answer.completeness.missing)


def test_a_very_large_fetch_says_so_first(sentinel: Workspace, service: Endpoint) -> None:
    sentinel.max_rows = 11
    service.row_cap = 5
    assert sentinel.count("messages", **LINES) == 12
    with pytest.raises(QueryError) as caught:
        sentinel.run("messages", "auth lines", **LINES)
    assert str(caught.value) == (
        "auth lines: 12 rows are in this window, more than the 11 that are fetched at once;"
        " choose a host or a shorter window, or allow it with hunt.workspace.max_rows = 12"
    )
    sentinel.max_rows = 12
    assert len(sentinel.run("messages", "auth lines", **LINES).rows) == 12


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        pytest.param("403", "InsufficientAccessError", id="no access"),
        pytest.param("404", "PathNotFoundError", id="no such workspace"),
    ],
)
def test_what_the_service_refuses_is_an_error(
    fault: str, said: str, sentinel: Workspace, service: Endpoint
) -> None:
    service.plan = lambda kql: fault
    with pytest.raises(QueryError, match=said) as caught:
        sentinel.run("messages", **LINES)
    assert "\n" not in str(caught.value)
    assert len(service.asked) == 1


def test_a_query_with_an_error_is_not_asked_again(sentinel: Workspace, service: Endpoint) -> None:
    with pytest.raises(QueryError, match="SEM0100"):
        sentinel.query("Syslog | where Nope == 1")
    assert len(service.asked) == 1


@pytest.mark.parametrize("faults", [["429"], ["503", "drop"], ["garbage"], ["401"]], ids="-".join)
def test_a_query_of_ones_own_is_asked_again_where_it_fails_in_passing(
    faults: list[str], sentinel: Workspace, service: Endpoint
) -> None:
    service.fail(*faults)
    assert sentinel.query("Syslog | count")["Count"].tolist() == [20]
    assert len(service.asked) == len(faults) + 1


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        pytest.param("429", "the engine is busy (", id="429"),
        pytest.param("drop", "cannot be reached; is it running, and is the network", id="dropped"),
        pytest.param("504", "the engine did not finish in time (", id="504, which would end alike"),
    ],
)
def test_a_query_of_ones_own_that_fails_is_an_error(
    fault: str, said: str, sentinel: Workspace, service: Endpoint
) -> None:
    service.plan = lambda kql: fault
    with pytest.raises(QueryError) as caught:
        sentinel.query("Syslog | count")
    assert said in str(caught.value)
    assert len(service.asked) == (1 if fault == "504" else 3)


def test_progress_is_told_and_a_fetch_is_stopped(service: Endpoint) -> None:
    told: list[str] = []

    def tell(progress: object) -> None:
        told.append(str(progress))
        if len(told) == 3:
            held.stop()

    held = signed_in(progress=tell)
    assert held.held is not None
    told.clear()
    service.row_cap = 4
    held.patience = type(held.patience)(at_once=1, first=0.001)
    answer = held.run("messages", "auth lines", **LINES)
    assert told[0] == "auth lines: 50% of the window, 4 rows"
    assert not answer.completeness.whole
    assert answer.completeness.missing[-1].endswith("UTC: not asked for: stopped")
    assert answer.completeness.asked > answer.completeness.answered


def test_an_answer_that_aggregates_is_asked_for_again(
    sentinel: Workspace, service: Endpoint
) -> None:
    service.fail("partial")
    answer = sentinel.run("programs", **WINDOW, all_hosts=True)
    assert answer.completeness.whole
    assert len(service.asked) == 2
