"""From cells to statements, as the CSVW metadata says."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from conftest import Run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from trilogue import layers, mapping, tables
from trilogue.namespaces import PROVENANCE_GRAPH, TERMS, thing
from trilogue.project import Project

ACTS = Project.find(Path(__file__).parent).root / "data" / "thesis" / "acts.csv"
HEADER = ACTS.read_text("utf-8").partition("\n")[0].split(",")


def statements(project: Project, **cells: str) -> list[Quad]:
    """Return what one more act says."""
    row = {"key": "probe", "act": "probe", "passage": "p43", "basis": "reported", **cells}
    path = project.root / "data" / "thesis" / "acts.csv"
    text = path.read_text("utf-8")
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow([row.get(name, "") for name in HEADER])
    path.write_text(text + buffer.getvalue(), "utf-8")
    try:
        rows = [item for item in tables.read(project) if item.cells["key"] == "probe"]
        return [statement.quad for statement in mapping.statements(rows)]
    finally:
        path.write_text(text, "utf-8")


def values(quads: list[Quad], name: str) -> list[str]:
    return [str(quad.object.value) for quad in quads if quad.predicate.value == TERMS + name]  # type: ignore[union-attr]


def test_what_an_act_says_stands_in_the_graph_of_its_row(checkout: Project) -> None:
    quads = statements(checkout, kind="Meeting", label="A meeting", performer="google meta")
    graph = thing("row/acts-probe")
    assert {quad.graph_name for quad in quads} == {graph, PROVENANCE_GRAPH}
    assert (
        Quad(thing("act/probe"), NamedNode(TERMS + "isPerformedBy"), thing("actor/meta"), graph)
        in quads
    )
    assert values(quads, "isPerformedBy") == [
        thing("actor/google").value,
        thing("actor/meta").value,
    ]


def test_a_month_gives_its_first_and_its_last_day(checkout: Project) -> None:
    quads = statements(checkout, date="2024-02")
    assert values(quads, "date") == ["2024-02"]
    assert values(quads, "earliest") == ["2024-02-01"]
    assert values(quads, "latest") == ["2024-02-29"]


def test_an_end_closes_the_span_and_an_end_alone_leaves_it_open(checkout: Project) -> None:
    both = statements(checkout, date="2023-06", end="2023-11")
    assert (values(both, "earliest"), values(both, "latest")) == (["2023-06-01"], ["2023-11-30"])
    alone = statements(checkout, end="2023-11")
    assert (values(alone, "earliest"), values(alone, "latest")) == ([], ["2023-11-30"])


def test_the_locator_is_written_as_scholars_write_it(checkout: Project) -> None:
    quads = statements(checkout, passage="p43 p43-n4 p29-t3", basis="cited")
    assert values(quads, "locator") == ["p. 29, table 3; p. 43; p. 43, n. 4"]


text = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff"),
    min_size=1,
    max_size=40,
).filter(lambda value: value.strip() == value)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text)
def test_any_text_survives_the_way_from_cell_to_quads(checkout: Project, content: str) -> None:
    quads = statements(checkout, content=content)
    path = checkout.build / "probe.nq"
    layers.write(quads, path)
    read = list(parse(path=path, format=RdfFormat.N_QUADS))
    found = [quad.object for quad in read if quad.predicate.value == TERMS + "content"]
    assert found == [Literal(content, language="en")]


def test_a_key_cannot_break_out_of_its_iri(checkout: Project, run: Run) -> None:
    path = checkout.root / "data" / "thesis" / "acts.csv"
    row = dict.fromkeys(HEADER, "") | {
        "key": "a> <b",
        "act": "a> <b",
        "passage": "p43",
        "basis": "reported",
    }
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow(row.values())
    result = run("build", cwd=checkout.root)
    assert result.returncode == 1
    assert "a> <b" in result.stderr
