"""The graph of entities: which stand where, what is said of them, what is left out."""

from __future__ import annotations

import networkx as nx
import pytest

from linuxhunt import views
from linuxhunt.views.base import LIMIT
from linuxhunt.views.graph_layout import lay
from tests.views.pages import HIDDEN, HOSTILE, Faults, named, payloads


def small() -> nx.DiGraph:
    graph = nx.DiGraph()
    graph.add_node("a", kind="address", label="203.0.113.9", severity="High")
    graph.add_node("u", kind="user", label="deploy")
    graph.add_node("s", kind="session", label="13 Mar 02:14 deploy", severity="Low")
    graph.add_node("o", kind="asn")
    graph.add_edge("a", "s", label="logged on")
    graph.add_edge("u", "s", label="opened")
    graph.add_edge("a", "o")
    return graph


def star(leaves: int, kind: str) -> nx.Graph:
    graph = nx.Graph()
    graph.add_node("h", kind="host", label="web01")
    for i in range(leaves):
        graph.add_node(i, kind=kind, label=f"192.0.2.{i}", severity="Medium" if i % 2 else None)
        graph.add_edge("h", i, label="talked to")
    return graph


def test_nodes_stand_in_a_column_for_each_kind() -> None:
    laid = lay(small())
    assert [(node.kind, node.label, node.x, node.y) for node in laid.nodes] == [
        ("address", "▲▲▲ 203.0.113.9", 0.0, 0.0),
        ("user", "deploy", 21.0, 0.0),
        ("session", "13 Mar 02:14 deploy", 37.0, 0.0),
        ("other", "o", 62.0, 0.0),
    ]
    assert laid.heads == ((0.0, "address (1)"), (21.0, "user (1)"), (37.0, "session (1)"),
                          (62.0, "other (1)"))  # fmt: skip
    assert [(link.start, link.end, link.label) for link in laid.links] == [
        (0, 2, "logged on"),
        (0, 3, ""),
        (1, 2, "opened"),
    ]
    assert (laid.nodes_left, laid.links_left, laid.rows, laid.width) == (0, 0, 1.0, 78.0)


def test_a_column_is_ordered_by_what_its_nodes_are_linked_to() -> None:
    graph = nx.DiGraph()
    for name in ("u1", "u2", "u3"):
        graph.add_node(name, kind="user")
    for name, user in (("s1", "u3"), ("s2", "u2"), ("s3", "u1")):
        graph.add_node(name, kind="session")
        graph.add_edge(user, name)
    assert [node.whole for node in lay(graph).nodes] == ["u1", "u2", "u3", "s3", "s2", "s1"]


def test_a_graph_of_one_kind_stands_apart_and_always_alike() -> None:
    ring = nx.cycle_graph(8)
    nx.set_node_attributes(ring, "address", "kind")
    once, again = lay(ring), lay(ring.copy())
    assert once == again
    assert once.heads == ()
    assert len({(node.x, node.y) for node in once.nodes}) == 8
    assert all(0 <= node.x <= once.width for node in once.nodes)


@pytest.mark.parametrize(
    ("leaves", "left"),
    [
        pytest.param(24, 0, id="as many as a column holds"),
        pytest.param(25, 1, id="one more"),
        pytest.param(400, 376, id="many"),
    ],
)
def test_the_gravest_stay_and_the_others_are_counted(leaves: int, left: int) -> None:
    laid = lay(star(leaves, "address"))
    assert (laid.nodes_left, len(laid.nodes), len(laid.links)) == (left, 25, 24)
    graves = [node.severity for node in laid.nodes if node.kind == "address"]
    assert graves.count("Medium") == min(leaves // 2, 24)


def test_links_have_a_budget() -> None:
    graph = nx.complete_graph(40)
    nx.set_node_attributes(graph, {i: ("user", "address")[i % 2] for i in graph}, "kind")
    laid = lay(graph)
    assert (len(laid.nodes), len(laid.links), laid.links_left) == (40, 300, 480)
    view = views.graph(graph)
    assert "20 addresses, 20 users; 300 links. Not drawn: 480 links with less to say." in view.html
    assert len(view.html) < LIMIT


def test_a_view_says_what_it_shows() -> None:
    view = views.graph(small(), title="Entities")
    assert view.text == (
        "Entities: 1 address, 1 user, 1 session, 1 other; 3 links. "
        "203.0.113.9 logged on → 13 Mar 02:14 deploy; 203.0.113.9 – → o; "
        "deploy opened → 13 Mar 02:14 deploy."
    )
    assert view.html.count('<div class="lh-face"><img alt="1 address, 1 user') == 1
    assert "<summary>The links as a table (3)</summary>" in view.html
    table = payloads(view)[-1]
    assert [column["title"] for column in table["columns"]] == [
        "Kind", "From", "Link", "ToKind", "To",
    ]  # fmt: skip
    assert table["rows"] == [
        ["address", "203.0.113.9", "logged on", "session", "13 Mar 02:14 deploy"],
        ["address", "203.0.113.9", "", "asn", "o"],
        ["user", "deploy", "opened", "session", "13 Mar 02:14 deploy"],
    ]


def test_kinds_are_told_apart_by_shape_and_severity_by_a_sign() -> None:
    nodes = [held["data"] for held in named(payloads(views.graph(small()))[0], "ColumnDataSource")]
    data = next(dict(d["entries"]) if "entries" in d else d for d in nodes if "shape" in str(d))
    assert data["shape"] == ["diamond", "circle", "square", "x"]
    assert data["label"][0] == "▲▲▲ 203.0.113.9"


def test_nothing_to_draw_is_said() -> None:
    assert views.graph(nx.DiGraph(), title="Entities").text == "Entities: nothing"
    assert "Nothing to draw." in views.graph(nx.Graph()).html


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in HOSTILE.items()])
def test_text_stays_text(text: str) -> None:
    graph = nx.DiGraph()
    graph.add_node("a", kind=text, label=text, severity=text)
    graph.add_node(text, kind="file")
    graph.add_edge("a", text, label=text)
    view = views.graph(graph, title=text)
    assert Faults(view).found == []
    assert not HIDDEN.search(str(payloads(view)))
    assert len(view.html) < LIMIT
