"""The network read from the graph holds the same paths as the canonical query in plain SPARQL."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from pathlib import Path

import pytest
from pyoxigraph import Store

from trilogue import catalogue, inference, layers
from trilogue.errors import QueryError
from trilogue.graph import EmbeddedBackend, Graph
from trilogue.namespaces import thing
from trilogue.paths.answers import Paths
from trilogue.paths.enumeration import InfluencePath
from trilogue.paths.query import Carry, Order
from trilogue.project import Project
from trilogue.results import show

COUNCIL = thing("actor/council-of-the-eu").value
CANONICAL = f"demand/contact/office?/part*/position/part*/adoption[from=<{COUNCIL}>]/relaxation"
# What the plain query calls its lines, and the hops of the search that are the same.
SAME = {
    "demand": "demand", "contact": "contact", "office": "office", "membership": "part",
    "position": "position", "adoption": "adoption", "provision": "relaxation",
}  # fmt: skip

Grounds = dict[tuple[str, str, str], set[tuple[str, str, str]]]


def searched(graph: Graph) -> Paths:
    return graph.paths(
        CANONICAL,
        origins="SmallOrMediumEnterprise",
        destinations="ProvisionVersion",
        carry=Carry.stance,
        most_hops=12,
    )


def grounds_of_search(found: Paths) -> Grounds:
    """For each firm, state and text: kind of hop, where it begins, and its act.

    The plain query takes a part of the Council that was addressed for the Council itself.
    """
    label = found.network.label
    grounds: Grounds = defaultdict(set)
    for path in found:
        position = next(n for n, hop in enumerate(path.hops) if hop.kind == "position")
        state = path.hops[position].source
        text = path.hops[-1].source
        for number, hop in enumerate(path.hops):
            if hop.kind == "part" and number > position:
                continue
            act = "" if hop.kind in ("demand", "part", "relaxation") else label(hop.ground)
            if hop.kind == "relaxation":
                act = label(hop.target)
            key = (label(path.origin), label(state), label(text))
            grounds[key].add((hop.kind, label(hop.source), act))
    return grounds


def grounds_of_plain_query(graph: Graph) -> Grounds:
    grounds: Grounds = defaultdict(set)
    for row in graph.query("sme-member-state-council"):
        cells = {name: show(term) for name, term in row.items()}
        firm, state, _, text = cells["path"].split(" → ")
        kind = SAME.get(cells["kind"])
        membership_of_a_state = cells["kind"] == "membership" and cells["from"] == state
        if kind is None or membership_of_a_state:
            continue
        act = "" if kind in ("demand", "part") else cells["act"]
        grounds[firm.partition(" (")[0], state, text].add((kind, cells["from"], act))
    return grounds


def test_search_and_plain_query_find_the_same_paths_over_the_same_acts(graph: Graph) -> None:
    assert grounds_of_search(searched(graph)) == grounds_of_plain_query(graph)


def test_without_the_rows_of_an_office_search_and_plain_query_lose_the_same(
    project: Project,
) -> None:
    without = [
        quad
        for quad in layers.load(project.resolved)
        if quad.graph_name not in (thing("row/tenures-macron-president"),)
    ]
    store = Store()
    store.bulk_extend(
        [*without, *inference.materialise(without, catalogue.read(project, "inference"))]
    )
    graph = Graph(EmbeddedBackend(store), project)
    found = grounds_of_search(searched(graph))
    assert found == grounds_of_plain_query(graph)
    assert not any(act == "president" for acts in found.values() for _, _, act in acts)


def test_each_hop_of_each_path_has_passages(graph: Graph) -> None:
    for hop in graph.network.hops:
        assert hop.evidence, hop
        assert all(passage.startswith(("p. ", "abstract")) for passage in hop.evidence), hop


def test_orders_of_hops_are_those_of_the_plain_query(graph: Graph) -> None:
    plain: dict[str, set[str]] = defaultdict(set)
    for row in graph.query("sme-member-state-council"):
        if show(row["kind"]) in ("contact", "position"):
            plain[show(row["act"])].add(show(row["order"]))
    found: dict[str, set[str]] = defaultdict(set)
    for path in searched(graph):
        for hop, order in zip(path.hops, path.orders, strict=True):
            if hop.kind in ("contact", "position"):
                found[graph.network.label(hop.ground)].add(order)
    # The plain query prints the more certain of the orders towards all acts that follow.
    assert {act: min(orders) for act, orders in found.items()} == {
        act: min(orders) for act, orders in plain.items()
    }


def test_origins_can_be_chosen_by_a_query(graph: Graph) -> None:
    query = """PREFIX tlg: <https://w3id.org/trilogue/ns#>
        SELECT ?firm { ?firm a tlg:Firm ; tlg:hasHomeCountry <https://w3id.org/trilogue/id/actor/germany> }"""
    found = graph.paths("contact/part*", origins=query, destinations="MemberState", most_hops=4)
    assert {graph.network.label(path.origin) for path in found} == {"Aleph Alpha"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"expression": "contcat"}, "column 1: no hop of kind 'contcat'; nearest: contact"),
        ({"expression": "contact[to=frence]"}, "column 12: no thing or class 'frence'"),
        ({"origins": "actor/mistrl-ai"}, "nearest: actor/mistral-ai"),
        ({"origins": ()}, "origins: no thing of the network is among them: none given"),
        ({"origins": "Meeting"}, "origins: no thing of the network is among them: Meeting"),
        ({"origins": "SELECT ?x { ?x a <urn:x> }"}, "none given"),
        ({"destinations": "<>"}, "no thing or class"),
        ({"issues": frozenset({"issue/ai"})}, "no issue 'issue/ai'"),
        ({"largest_gap": -1}, "largest gap -1: expected a number, 0 or more"),
        ({"order": "bogus"}, "order 'bogus': expected one of possible, certain"),
        ({"carry": "bogus"}, "carry 'bogus': expected one of nothing, issue, stance"),
        ({"issues": "issue/ai"}, "no issue 'issue/ai'"),
        ({"largest_gap": "3"}, "largest gap 3: expected a number"),
        ({"expression": "contact\n//x"}, "expression 'contact //x': column 10"),
        ({"most_hops": 0}, "most hops 0: expected a number, 1 or more"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_line(
    graph: Graph, change: dict[str, object], message: str
) -> None:
    asked = {"expression": "contact", "origins": "Firm", "destinations": "Actor", **change}
    with pytest.raises(QueryError) as caught:
        graph.paths(**asked)  # type: ignore[arg-type]
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_hop_query_without_the_needed_variables_is_named(
    project: Project, tmp_path: Path
) -> None:
    broken = tmp_path / "queries" / "hops"
    broken.mkdir(parents=True)
    header = "# # Who?\n# **Ground:** {}.\n"
    (broken / "contact.rq").write_text(header.format("act") + "SELECT ?ground { ?ground ?p ?o }")
    graph = dataclasses.replace(project, root=tmp_path)
    opened = Graph(EmbeddedBackend(Store()), graph)
    with pytest.raises(QueryError, match=r"contact\.rq: no variable \?source"):
        _ = opened.network
    (broken / "contact.rq").write_text(header.format("deed") + "SELECT ?ground { ?ground ?p ?o }")
    with pytest.raises(QueryError, match="Ground: 'deed', expected one of act, relation"):
        _ = opened.network


def test_a_day_that_is_none_in_a_hop_query_is_named(project: Project, tmp_path: Path) -> None:
    broken = tmp_path / "queries" / "hops"
    broken.mkdir(parents=True)
    (broken / "contact.rq").write_text(
        "# # Who?\n# **Ground:** act.\nSELECT ?ground ?source ?target ?row ?earliest "
        "{ BIND(<urn:a> AS ?ground) BIND(<urn:b> AS ?source) BIND(<urn:c> AS ?target) "
        'BIND(<urn:d> AS ?row) BIND("June" AS ?earliest) }'
    )
    opened = Graph(EmbeddedBackend(Store()), dataclasses.replace(project, root=tmp_path))
    with pytest.raises(QueryError, match="day 'June', expected YYYY-MM-DD"):
        _ = opened.network


def test_conditions_can_be_given_as_words(graph: Graph) -> None:
    asked = {"origins": "Actor", "destinations": "Actor"}
    for order in Order:
        for carry in Carry:
            words = graph.paths("contact/contact", order=order.value, carry=carry.value, **asked)
            names = graph.paths("contact/contact", order=order, carry=carry, **asked)
            assert words.count() == names.count()


def test_who_performed_an_act_does_not_react_to_it(graph: Graph) -> None:
    performers = {
        (row["act"].value, row["actor"].value)
        for row in graph.query(
            "SELECT ?act ?actor { ?act <https://w3id.org/trilogue/ns#isPerformedBy> ?actor }"
        )
    }
    for hop in graph.network.hops:
        if hop.kind == "position":
            assert (hop.ground, hop.target) not in performers


def test_siblings_of_an_issue_are_not_the_same_issue(graph: Graph) -> None:
    found = graph.paths(
        "contact/adoption", origins="actor/mistral-ai", destinations="text/compromise-2023-11"
    )
    named = thing("issue/gpai-regulation").value
    assert all(path.matter is None or path.matter.issue != named for path in found)


def test_a_tenure_ends_when_the_next_one_is_attested(graph: Graph) -> None:
    (office,) = [
        hop
        for hop in graph.network.hops
        if hop.ground == thing("tenure/cedric-o-secretary-of-state").value
    ]
    assert office.days == "/2023-10-27"


def test_rows_of_an_answer_are_hops_in_order(graph: Graph) -> None:
    found = graph.paths(
        "contact/office?/part*", origins="Firm", destinations="actor/france", most_hops=4
    )
    best: list[InfluencePath] = found.top(2, "earliest")
    frame = found.frame(best)
    assert list(frame.columns) == [
        "path", "hop", "kind", "from", "to", "act", "date", "order", "evidence",
    ]  # fmt: skip
    assert len(frame) == sum(len(path.hops) for path in best)
    assert found.exists()
    assert found.count() == len(list(found))
    assert found.reachable() == {thing("actor/france").value}
    assert list(found.earliest().values()) == [min(p.hops[0].days.split("/")[0] for p in found)]
