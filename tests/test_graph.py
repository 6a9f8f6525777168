"""Questions put to the graph in Python."""

from __future__ import annotations

import pytest

from trilogue.errors import QueryError
from trilogue.graph import Graph


def test_bindings_become_a_data_frame_in_two_lines() -> None:
    graph = Graph.open()
    frame = graph.query("annex").frame()
    assert list(frame.columns) == ["organisation", "meetings"]
    assert frame["meetings"].sum() == 102


@pytest.mark.parametrize("query", ["ASK { ?s ?p ?o }", "CONSTRUCT WHERE { ?s ?p ?o }"])
def test_a_query_of_another_form_is_refused(graph: Graph, query: str) -> None:
    with pytest.raises(QueryError, match="expected a SELECT query"):
        graph.query(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * WHERE { ?s ?p",
        "SELECT * WHERE { \x00 }",
        "INSERT DATA { <urn:a> <urn:b> <urn:c> }",
        "SELECT * WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT (1/0 AS ?x ?y) {}",
    ],
)
def test_hostile_queries_are_refused_in_one_line(graph: Graph, query: str) -> None:
    with pytest.raises(QueryError) as error:
        graph.answer(query)
    assert "\n" not in str(error.value)
