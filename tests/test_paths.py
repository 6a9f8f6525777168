"""A path holds only as long as every row it rests on stands."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from trilogue import catalogue, inference, layers
from trilogue.graph import Graph
from trilogue.namespaces import term, thing
from trilogue.project import Project
from trilogue.results import Bindings

DATE = NamedNode("http://www.w3.org/2001/XMLSchema#date")
FRANCE = "Mistral AI (opposes mandatory rules for foundation models) → France"
GERMANY = "Aleph Alpha (opposes mandatory rules for foundation models) → Germany"

# What each path rests on: the row, and the name by which the answer shows it.
GROUNDS = [
    (FRANCE, "positions-mistral-ai-foundation-models", ""),
    (FRANCE, "acts-elysee-dinner", "Mistral AI and Dust at a dinner of the French president"),
    (FRANCE, "tenures-macron-president", "president"),
    (FRANCE, "acts-french-decision-makers-discussion", "French decision-makers discuss the views of the AI companies"),
    (FRANCE, "memberships-france-council", ""),
    (FRANCE, "positions-france-foundation-models-2023-11-09", "France, Germany and Italy oppose mandatory rules in the Telecom Working Party"),
    (FRANCE, "positions-france-foundation-models-2023-11-19", "Joint non-paper of France, Germany and Italy"),
    (GERMANY, "positions-aleph-alpha-foundation-models", ""),
    (GERMANY, "acts-aleph-alpha-government-meetings", "Aleph Alpha meets leading German politicians"),
    (GERMANY, "acts-scholz-meeting", "Aleph Alpha meets the German chancellor"),
    (GERMANY, "acts-andrulis-cabinet-visit", "Jonas Andrulis attends a meeting of the German cabinet"),
    (GERMANY, "acts-aleph-alpha-position-papers", "Aleph Alpha hands in position papers to the economy ministry"),
    (GERMANY, "acts-german-ministers-discussion", "German ministers go through the arguments of Aleph Alpha"),
    (GERMANY, "acts-german-ministers-discussion-answers", "German ministers go through the arguments of Aleph Alpha"),
    (GERMANY, "tenures-habeck-economy-minister", "minister of economic affairs"),
    (GERMANY, "tenures-scholz-chancellor", "chancellor"),
    (GERMANY, "memberships-germany-council", ""),
    (GERMANY, "actors-german-federal-government-state", ""),
    (GERMANY, "positions-germany-foundation-models-2023-11-09", "France, Germany and Italy oppose mandatory rules in the Telecom Working Party"),
    (GERMANY, "positions-germany-foundation-models-2023-11-19", "Joint non-paper of France, Germany and Italy"),
    (GERMANY, "acts-working-party-opposition-2023-11-09", "France, Germany and Italy oppose mandatory rules in the Telecom Working Party"),
    (GERMANY, "acts-joint-non-paper-2023-11-19", "Joint non-paper of France, Germany and Italy"),
    (GERMANY, "acts-compromise-text-proposal-2023-11", "Compromise text of 20 November 2023"),
    (GERMANY, "acts-trilogue-2023-12-07", "Last trilogue meeting"),
    (GERMANY, "acts-provisional-agreement-bodies", "Provisional agreement on the AI Act"),
    (GERMANY, "provisions-provisional-agreement-2023-12-foundation-model-rules", "Rules for foundation models in the provisional agreement of December 2023"),
    (GERMANY, "provisions-provisional-agreement-2023-12-risk-classification", "Risk classification and mode of regulation in the provisional agreement of December 2023"),
]  # fmt: skip


@cache
def resolved() -> tuple[Quad, ...]:
    return tuple(layers.load(Project.find(Path(__file__).parent).resolved))


def answer(project: Project, quads: list[Quad]) -> Bindings:
    """Reason over the quads and ask for the paths."""
    inferred = inference.materialise(quads, catalogue.read(project, "inference"))
    store = Store()
    store.bulk_extend([*quads, *inferred])
    query = catalogue.find(project, "sme-member-state-council")
    return Bindings.of(store.query(query.text, use_default_graph_as_union=True))  # type: ignore[arg-type]


def hops(bindings: Bindings, path: str) -> list[dict[str, str]]:
    return [
        {name: str(term.value) for name, term in row.items()}
        for row in bindings
        if row["path"].value.startswith(path)
    ]


@pytest.mark.parametrize(("path", "row", "act"), GROUNDS, ids=[row for _, row, _ in GROUNDS])
def test_without_the_row_the_path_loses_the_hop_or_falls(
    project: Project, graph: Graph, path: str, row: str, act: str
) -> None:
    quads = list(resolved())
    without = [quad for quad in quads if quad.graph_name != thing(f"row/{row}")]
    assert len(without) < len(quads), "no such row"
    before = hops(graph.query("sme-member-state-council"), path)
    after = hops(answer(project, without), path)
    assert any(hop["act"] == act for hop in before)
    if act:
        assert all(hop["act"] != act for hop in after)
    else:
        assert not after


def test_both_paths_are_found(graph: Graph) -> None:
    found = {str(row["path"].value) for row in graph.query("sme-member-state-council")}
    end = " → Council of the European Union → Provisional agreement of the three institutions, December 2023"
    assert found == {FRANCE + end, GERMANY + end}


@pytest.mark.parametrize("path", [FRANCE, GERMANY])
def test_a_path_goes_from_demand_to_provision_in_order(graph: Graph, path: str) -> None:
    rows = hops(graph.query("sme-member-state-council"), path)
    kinds = [row["kind"] for row in rows]
    assert kinds[0] == "demand"
    assert kinds[-1] == "provision"
    numbers = [int(row["hop"]) for row in rows]
    assert numbers == sorted(numbers)
    assert all(row["evidence"].startswith("p. ") for row in rows)
    acts = [row for row in rows if row["kind"] in ("position", "response", "adoption")]
    days = [row["date"] for row in acts]
    assert days == sorted(days)
    assert {"2023-11-09", "2023-11-19", "2023-11-20", "2023-12-07", "2023-12-09"} == set(days)


def test_order_is_certain_only_where_the_dates_leave_no_other(graph: Graph) -> None:
    rows = hops(graph.query("sme-member-state-council"), GERMANY)
    order = {row["act"]: row["order"] for row in rows}
    assert order["Jonas Andrulis attends a meeting of the German cabinet"] == "certain"
    assert order["Aleph Alpha meets leading German politicians"] == "possible"


def test_a_contact_after_the_position_makes_no_path(project: Project) -> None:
    contacts = {
        thing(f"row/acts-{act}")
        for act in ("elysee-dinner-bounds", "mistral-macron-joint-appearances-bounds")
    }
    undated = thing("row/acts-mistral-french-decision-maker-activities")  # no earliest day
    late = [
        Quad(quad.subject, quad.predicate, Literal("2024-01-01", datatype=DATE), quad.graph_name)
        if quad.graph_name in contacts and quad.predicate in (term("earliest"), term("latest"))
        else quad
        for quad in resolved()
        if quad.graph_name != undated
    ]
    assert not hops(answer(project, late), FRANCE)


def test_a_person_out_of_office_makes_no_path(project: Project) -> None:
    tenure = thing("tenure/macron-president")
    ended = Quad(
        tenure,
        term("latest"),
        Literal("2022-12-31", datatype=DATE),
        thing("row/tenures-macron-president"),
    )
    before, after = resolved(), [*resolved(), ended]
    assert "Macron" in {hop["to"] for hop in hops(answer(project, list(before)), FRANCE)}
    assert "Macron" not in {hop["to"] for hop in hops(answer(project, after), FRANCE)}


def test_another_stance_of_the_state_makes_no_path(project: Project) -> None:
    stance = thing("stance/opposes")
    turned = [
        Quad(quad.subject, quad.predicate, thing("stance/supports"), quad.graph_name)
        if quad.object == stance and "row/positions-germany-" in str(quad.graph_name)
        else quad
        for quad in resolved()
    ]
    assert not hops(answer(project, turned), GERMANY)


def test_two_acts_of_one_day_are_only_possibly_in_order(project: Project) -> None:
    adopted = Literal("2023-12-09", datatype=DATE)
    non_paper = thing("row/acts-joint-non-paper-2023-11-19")
    same_day = [
        Quad(quad.subject, quad.predicate, adopted, quad.graph_name)
        if quad.graph_name == non_paper and quad.predicate in (term("earliest"), term("latest"))
        else quad
        for quad in resolved()
    ]
    orders = {row["act"]: row["order"] for row in hops(answer(project, same_day), GERMANY)}
    assert orders["Joint non-paper of France, Germany and Italy"] == "possible"
    assert (
        orders["France, Germany and Italy oppose mandatory rules in the Telecom Working Party"]
        == "certain"
    )
