"""What falls with a row, a source or a page; and that nothing else changes a conclusion."""

from __future__ import annotations

import random
from itertools import combinations

import pytest
from conftest import Run
from pyoxigraph import Quad

from trilogue import catalogue, inference, layers
from trilogue.case import path_robustness, robustness, support
from trilogue.case.path_robustness import PathCase
from trilogue.case.robustness import Case, Robustness
from trilogue.case.support import OWN_WORD
from trilogue.case.verdicts import judgements
from trilogue.case.withdrawal import Dataset, spoken_of
from trilogue.errors import TrilogueError
from trilogue.graph import EmbeddedBackend, Graph
from trilogue.namespaces import PROVENANCE_GRAPH, iri_of
from trilogue.project import Project
from trilogue.results import Bindings

CHANNELS, INFORMATION, CREDIBLE = (
    f"https://w3id.org/trilogue/id/hypothesis/{name}"
    for name in (
        "exclusive-channels",
        "distinct-information-strategy",
        "credible-technical-information",
    )
)


@pytest.fixture(scope="module")
def case(graph: Graph) -> Case:
    return Case(graph)


@pytest.fixture(scope="module")
def found(case: Case) -> dict[str, Robustness]:
    return {item.hypothesis: item for item in case.robustness()}


@pytest.fixture(scope="module")
def asserted(project: Project) -> list[Quad]:
    return layers.load(project.asserted)


def test_no_single_row_decides_a_verdict(found: dict[str, Robustness]) -> None:
    assert {len(item.breaking("rows")) for item in found.values()} == {0}


def test_what_single_sources_and_pages_decide(found: dict[str, Robustness]) -> None:
    outcomes = {
        name: [
            (fall.item, fall.verdict)
            for kind in ("sources", "pages")
            for fall in item.breaking(kind)
        ]
        for name, item in found.items()
    }
    assert outcomes == {
        CHANNELS: [("p. 49", "confirmed")],
        INFORMATION: [(OWN_WORD, "undecided")],
        CREDIBLE: [(OWN_WORD, "strengthened"), ("p. 53", "weakened")],
    }


def test_the_fewest_that_must_fall(found: dict[str, Robustness]) -> None:
    sizes = {
        name: {kind: len(cut or ()) for kind, cut in item.cuts.items()}
        for name, item in found.items()
    }
    assert sizes == {
        CHANNELS: {"observations": 2, "sources": 2, "pages": 1},
        INFORMATION: {"observations": 2, "sources": 1, "pages": 3},
        CREDIBLE: {"observations": 5, "sources": 1, "pages": 1},
    }


def test_no_fewer_sources_will_do(case: Case) -> None:
    """The search goes over groups; here every set of sources up to the size found is tried."""
    sources = robustness.items(case.support, "sources")
    for size, changing in ((1, {INFORMATION, CREDIBLE}), (2, {CHANNELS, INFORMATION, CREDIBLE})):
        changed = set()
        for chosen in combinations(sources, size):
            after = case.verdicts(case.fallen("sources", chosen))
            changed |= {idea for idea in after if after[idea] != case.present[idea]}
        assert changed == changing


def test_rows_outside_the_support_change_no_verdict(case: Case, asserted: list[Quad]) -> None:
    rows = {
        iri_of(quad.graph_name)
        for quad in asserted
        if "/row/" in iri_of(quad.graph_name) and quad.graph_name != PROVENANCE_GRAPH
    }
    frame = ("/row/hypotheses-", "/row/implications-", "/row/tests-")
    outside = sorted(
        row for row in rows - set(case.support.rows) if not any(name in row for name in frame)
    )
    assert len(outside) > 2000
    for row in random.Random(7).sample(outside, 60):
        assert case.verdicts({row}) == case.present
    assert case.verdicts(outside) == case.present


def test_belief_and_rules_agree_on_which_observations_stand(graph: Graph, case: Case) -> None:
    """Python tells which observations fall with a page; the query on likelihoods must agree."""
    query = catalogue.find(graph.project, "likelihood-of-each-observation")
    dataset = Dataset(layers.load(graph.project.dataset), [query])
    judged = {item.observation for each in judgements(graph).values() for item in each}
    for page in robustness.items(case.support, "pages"):
        rows = case.fallen("pages", {page})
        seen = {iri_of(row["seen"]) for row in dataset.ask(query, rows)}
        assert seen == case.support.standing(rows) & judged


def test_what_is_withdrawn_comes_back(graph: Graph) -> None:
    query = catalogue.find(graph.project, "verdict-of-each-hypothesis")
    dataset = Dataset(layers.load(graph.project.dataset), [query])
    before = set(dataset.quads())
    dataset.ask(query, support.read(graph).rows)
    assert set(dataset.quads()) == before


def test_a_query_speaks_of_what_it_names() -> None:
    found = spoken_of("# tlg:Act\nPREFIX tlg: <x>\nSELECT ?s { ?s a <urn:x> ; tlg:date ?d }")
    assert {name.rpartition("#")[2] for name in found} == {"type", "urn:x", "date"}


@pytest.fixture(scope="module")
def path_case(graph: Graph) -> PathCase:
    return PathCase(graph, catalogue.find(graph.project, "multinational-institution-text"))


def test_the_excerpt_answers_as_the_whole_dataset_when_rows_fall(
    path_case: PathCase, graph: Graph
) -> None:
    rows = path_case.fallen("pages", {"p. 35"})
    kept = [
        quad
        for quad in layers.load(graph.project.resolved)
        if quad.predicate.value in path_robustness.NAMES
        or rows.isdisjoint({iri_of(quad.graph_name), iri_of(quad.subject)})
    ]
    kept += inference.materialise(kept, catalogue.read(graph.project, "inference"))
    answer = EmbeddedBackend.of(kept).answer(path_case.query.text, "json")
    assert isinstance(answer, Bindings)
    assert path_case.found(rows) == path_robustness.paths_of(answer) != path_case.present


def test_a_row_that_does_not_matter_changes_no_path(path_case: PathCase) -> None:
    idle = [row for row in path_case.items("rows") if not path_case.matters({row})]
    assert len(idle) > 20
    for row in random.Random(5).sample(idle, 4):
        assert path_case.found({row}) == path_case.present


def test_a_path_falls_with_a_row_of_each_of_its_hops(path_case: PathCase) -> None:
    (path,) = (name for name in path_case.present if name.startswith("Google (supports full"))
    for row in ("acts-google-commission-meeting-2022-06", "acts-provisional-agreement"):
        rows = {f"https://w3id.org/trilogue/id/row/{row}"}
        assert path_case.matters(rows)
        assert path not in path_case.found(rows)
    assert path in path_case.found()


def test_an_excerpt_that_gives_other_paths_is_refused(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(path_robustness, "near", lambda things, *_: things)
    monkeypatch.setattr(path_robustness, "about", lambda things, rows: frozenset())
    with pytest.raises(TrilogueError, match="gives other paths"):
        PathCase(graph, catalogue.find(graph.project, "multinational-institution-text"))


def test_the_command_prints_what_falls(run: Run) -> None:
    result = run("robustness", "--no-paths", "--format", "csv")
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0] == "conclusion,stands,without,item,becomes,belief,observations"
    assert "exclusive lobbying channels,strengthened,pages,p. 49,confirmed," in result.stdout
