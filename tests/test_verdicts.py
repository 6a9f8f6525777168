"""Verdicts follow from the observations by rules, and change when the observations do."""

from __future__ import annotations

import csv
import re

import pytest
import rdflib
from conftest import Run
from pyoxigraph import RdfFormat, serialize

from trilogue import catalogue, layers, mapping, tables
from trilogue.case import support
from trilogue.case.verdicts import VERDICTS, Verdict, judgements, read, table
from trilogue.case.withdrawal import Dataset
from trilogue.errors import DataError, QueryError
from trilogue.graph import EmbeddedBackend, Graph
from trilogue.namespaces import SKOS, term
from trilogue.project import Project
from trilogue.results import Bindings

RULE = re.compile(r"# The (outcome|verdict) .*?(?:AS \?outcome\)|\n *\}\n)", re.DOTALL)
CHANGES = {
    "credible-technical-information": {"strengthened"},
    "distinct-information-strategy": {"undecided"},
    "exclusive-channels": {"confirmed", "eliminated", "undecided"},
}


@pytest.fixture(scope="module")
def verdicts(graph: Graph) -> list[Verdict]:
    return read(graph)


@pytest.fixture(scope="module")
def dataset(graph: Graph) -> Dataset:
    queries = catalogue.read(graph.project, "explanations")
    return Dataset(layers.load(graph.project.dataset), queries)


def key(item: Verdict) -> str:
    return item.idea.rpartition("/")[2]


def computed(answer: Bindings) -> dict[str, str]:
    return {row["idea"].value.rpartition("/")[2]: row["verdict"].value for row in answer}


def test_a_verdict_changes_without_the_observations_that_decide_it(
    graph: Graph, dataset: Dataset, verdicts: list[Verdict]
) -> None:
    """Each group is removed as rows, and the rules asked again."""
    query = catalogue.find(graph.project, VERDICTS)
    rows = {}
    for cells in graph.query(
        """PREFIX tlg: <https://w3id.org/trilogue/ns#>
        SELECT ?content ?row { GRAPH ?row { ?seen tlg:observationContent ?content ; tlg:bearsOn ?x } }"""
    ):
        rows[cells["content"].value] = cells["row"].value
    for item in verdicts:
        assert {group.without for group in item.decisive} == CHANGES[key(item)]
        for group in item.decisive:
            fallen = [rows[words] for words, _ in group.observations]
            found = computed(dataset.ask(query, fallen))
            assert found[key(item)] == group.without != item.computed
            others = {name for name in found if name != key(item)}
            assert all(found[key(one)] == one.computed for one in verdicts if key(one) in others)


def test_an_observation_falls_with_the_last_row_that_carries_it(
    graph: Graph, dataset: Dataset
) -> None:
    query = catalogue.find(graph.project, "outcome-of-each-test")
    found = support.read(graph)
    (seen,) = (one for one in found.observations if one.iri.endswith("/elysee-dinner-attended"))
    counts = {row["implication"].value: row["for"].value for row in dataset.ask(query)}
    some = {
        row["implication"].value: row["for"].value
        for row in dataset.ask(query, sorted(seen.carriers)[1:])
    }
    none = {row["implication"].value: row["for"].value for row in dataset.ask(query, seen.carriers)}
    assert len(seen.carriers) > 1
    assert some == counts
    changed = {name for name in counts if none[name] != counts[name]}
    assert [int(counts[name]) - int(none[name]) for name in changed] == [1]


def test_the_rules_are_the_same_in_every_query_that_uses_them(project: Project) -> None:
    found: dict[str, set[str]] = {"outcome": set(), "verdict": set()}
    for query in catalogue.read(project, "explanations"):
        for match in RULE.finditer(query.text):
            found[match[1]].add(re.sub(r"\s+", " ", match[0]))
    assert [len(rules) for rules in found.values()] == [1, 1]


def test_the_rules_name_no_kind_of_test(project: Project) -> None:
    kinds = {
        quad.object.value  # type: ignore[union-attr]
        for quad in layers.ontology_quads(project)
        if quad.predicate.value == SKOS + "prefLabel" and "/test-kind/" in str(quad.subject)
    }
    for query in catalogue.read(project, "explanations"):
        code = "\n".join(line for line in query.text.splitlines() if not line.startswith("#"))
        assert "/test-kind/" not in code
        assert not [kind for kind in kinds if kind in code]


def test_another_engine_reaches_the_same_verdicts(
    graph: Graph, dataset: Dataset, verdicts: list[Verdict]
) -> None:
    query = catalogue.find(graph.project, VERDICTS)
    reduced = Dataset(layers.load(graph.project.dataset), [query])
    content = serialize(reduced.quads(), format=RdfFormat.N_QUADS)
    assert content is not None
    other = rdflib.Dataset(default_union=True)
    other.parse(data=content, format="nquads")
    found = {str(row.idea): str(row.verdict) for row in other.query(query.text)}  # type: ignore[union-attr]
    assert found == {item.idea: item.computed for item in verdicts}


def append(project: Project, name: str, **cells: str) -> None:
    """Add a row to a table; cells that are not given stay empty."""
    path = project.root / "data" / name
    with path.open(newline="", encoding="utf-8") as file:
        names = next(csv.reader(file))
    with path.open("a", newline="", encoding="utf-8") as file:
        csv.DictWriter(file, names, lineterminator="\n").writerow(cells)


def test_a_fourth_hypothesis_gets_its_verdict_from_rows_alone(checkout: Project) -> None:
    common = {"passage": "p54", "basis": "derived"}
    append(
        checkout, "thesis/hypotheses.csv", key="late", hypothesis="late", label="haste",
        content="The end of the term made for haste.", rival="exclusive-channels",
        question="turn-to-compromise", **common,
    )  # fmt: skip
    append(
        checkout, "thesis/implications.csv", key="late-pace", implication="late-pace",
        hypothesis="late", content="Talks speed up.", otherwise="Talks keep their pace.", **common,
    )  # fmt: skip
    append(
        checkout, "thesis/tests.csv", key="late-test", test="late-test", implication="late-pace",
        kind="smoking-gun", reason="Little else speeds talks up.", **common,
    )  # fmt: skip
    append(
        checkout, "thesis/observations.csv", key="late-seen", observation="late-seen",
        implication="late-pace", bearing="for", content="Talks sped up.",
        evidence="acts-elysee-dinner", **common,
    )  # fmt: skip
    ranges = dict.fromkeys(("if_false_lowest", "if_false", "if_false_highest"), "0.2")
    ranges |= dict.fromkeys(("if_true_lowest", "if_true", "if_true_highest"), "0.8")
    append(
        checkout, "likelihoods.csv", key="late-seen", observation="late-seen", reason="So.", **ranges
    )  # fmt: skip
    quads = layers.resolved_quads(layers.asserted_quads(checkout))
    found = {item.hypothesis: item for item in read(Graph(EmbeddedBackend.of(quads), checkout))}
    assert len(found) == 4
    assert found["haste"].computed == "confirmed"
    assert found["haste"].reading.posterior.judged == pytest.approx(0.8)
    assert [group.without for group in found["haste"].decisive] == ["undecided"]
    assert found["exclusive lobbying channels"].computed == "strengthened"


HOSTILE = {
    "0": "value must be > 0",
    "1": "value must be < 1",
    "-0.2": "value must be > 0",
    "1.5": "value must be < 1",
    "likely": "expected a decimal number",
    "": "empty cell: expected a value",
}


def spoil(project: Project, column: str, values: list[str]) -> list[int]:
    """Put values in a column of the likelihoods, one a row, and return the lines."""
    path = project.root / "data" / "likelihoods.csv"
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row, value in zip(rows, values, strict=False):
        row[column] = value
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return list(range(2, 2 + len(values)))


def test_likelihoods_that_are_none_stop_the_build_with_their_lines(checkout: Project) -> None:
    lines = spoil(checkout, "if_true", list(HOSTILE))
    with pytest.raises(DataError) as caught:
        layers.asserted_quads(checkout)
    assert str(caught.value).splitlines() == [
        f"data/likelihoods.csv:{line}:5 if_true: {message}"
        for line, message in zip(lines, HOSTILE.values(), strict=True)
    ]


def test_a_judged_likelihood_outside_its_range_stops_the_build(checkout: Project) -> None:
    spoil(checkout, "if_true", ["0.01", "0.99"])
    with pytest.raises(DataError) as caught:
        mapping.statements(tables.read(checkout))
    below, above = str(caught.value).splitlines()
    assert re.fullmatch(
        r"data/likelihoods.csv:2:5 if_true: 0.01: expected if_true_lowest \(0.\d+\) or more", below
    )
    assert re.fullmatch(
        r"data/likelihoods.csv:3:6 if_true_highest: 0.\d+: expected if_true \(0.99\) or more", above
    )


def test_every_observation_has_a_judgement_that_points_as_it_does(graph: Graph) -> None:
    judged = {item.observation: item for each in judgements(graph).values() for item in each}
    bearings = {one.iri: one.bearing.rpartition("/")[2] for one in support.read(graph).observations}
    assert set(judged) == set(bearings)
    for name, item in judged.items():
        ratio = item.ratio.judged
        assert bearings[name] == ("for" if ratio > 1 else "against" if ratio < 1 else "neutral")


def test_likelihoods_are_derived_and_no_statement_of_the_thesis(graph: Graph) -> None:
    rows = [
        row for row in layers.load(graph.project.dataset) if "/likelihoods-" in str(row.subject)
    ]
    bases = {row.object.value for row in rows if row.predicate == term("hasBasis")}  # type: ignore[union-attr]
    assert {base.rpartition("/")[2] for base in bases} == {"derived"}


def test_the_table_sets_computed_beside_stated(verdicts: list[Verdict]) -> None:
    rows = {row[0]: row for row in table(verdicts).values()}
    row = rows["exclusive lobbying channels"]
    assert row[1] == "strengthened"
    assert row[3] == "confirmed (abstract, p. 50, p. 60, p. 61); strengthened (p. 50)"
    assert row[9].startswith("confirmed, as stated: it would follow without what speaks against")
    assert "Digital Services Act" in row[9]
    credible = rows["credibility of technical information"]
    assert "a sufficient test stands open" in credible[9]


def test_a_prior_moves_belief_and_no_verdict(graph: Graph, verdicts: list[Verdict]) -> None:
    doubting = read(graph, 0.1)
    assert [item.computed for item in doubting] == [item.computed for item in verdicts]
    for low, even in zip(doubting, verdicts, strict=True):
        assert low.reading.posterior.judged < even.reading.posterior.judged
    with pytest.raises(QueryError):
        read(graph, 0)


def test_the_command_prints_verdicts_tests_and_belief(run: Run) -> None:
    result = run("verdicts", env={"COLUMNS": "100"})
    assert result.returncode == 0, result.stderr
    assert (
        "strengthened: a sufficient test was passed, but a necessary one is contested"
        in result.stdout
    )
    assert max(map(len, result.stdout.splitlines())) <= 100
    assert run("verdicts", "--prior", "2").returncode == 2
