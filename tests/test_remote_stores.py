"""All questions, put to the embedded store and to a real SPARQL server that the graph is loaded into."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterable, Iterator

import pytest
from conftest import Run
from oxigraph_server import served
from pyoxigraph import Quad, RdfFormat, serialize

from trilogue import catalogue, contradictions, layers
from trilogue.errors import QueryError
from trilogue.graph import Graph
from trilogue.namespaces import iri_of
from trilogue.project import Project
from trilogue.remote.copies import CopiedLayers
from trilogue.remote.layers import RemoteLayers


@pytest.fixture(scope="session")
def published(project: Project, run: Run) -> Iterator[str]:
    """A store into which the command line has loaded the published dataset."""
    with served("--union-default-graph") as address:
        url = f"{address}/query"
        result = run("load", "--endpoint", url)
        assert result.returncode == 0, result.stderr
        quads = len(layers.load(project.dataset))
        assert f"{url}: published: {quads:,} statements in " in result.stdout
        assert "checked" in result.stdout
        yield url


@pytest.fixture(scope="session")
def contested(project: Project) -> Iterator[str]:
    """A store with both sides of contradictions; its default graph is no union."""
    with served() as address:
        post(address, layers.contested(project))
        yield f"{address}/query"


def post(address: str, quads: Iterable[Quad]) -> None:
    content = serialize(quads, format=RdfFormat.N_QUADS)
    headers = {"Content-Type": "application/n-quads"}
    urllib.request.urlopen(urllib.request.Request(f"{address}/store", content, headers)).close()


def test_every_query_of_the_catalogue_gives_the_expected_answer(
    project: Project, published: str, contested: str
) -> None:
    graph = Graph.open(f"{published} asserted={contested} contested={contested}")
    queries = [query for query in catalogue.read(project) if query.answered_here]
    differing = [
        query.name
        for query in queries
        if graph.query(query).serialize("csv") != query.expected.read_text("utf-8")
    ]
    assert differing == []


def test_contradictions_are_found_at_the_endpoint(run: Run, project: Project) -> None:
    rows = [
        quad
        for quad in layers.load(project.asserted)
        if any("white-paper" in iri_of(end) for end in (quad.subject, quad.graph_name))
    ]
    expected = [",".join(item.cells()[:3]) for item in contradictions.find(project, rows)]
    assert len(expected) == 3
    with served() as address:
        post(address, rows)
        command = ("contradictions", "--format", "csv", "--endpoint")
        printed = run(*command, f"contested={address}/query").stdout.splitlines()
        copies = CopiedLayers(project, RemoteLayers(f"contested={address}/query"))
        found = contradictions.known(project, copies)
    assert [",".join(item.cells()[:3]) for item in found] == expected
    assert [
        line[: len(start)] for line, start in zip(printed[1:], expected, strict=True)
    ] == expected


def test_a_path_block_is_searched_in_the_hops_of_the_endpoint(published: str) -> None:
    query = """PREFIX tlg: <https://w3id.org/trilogue/ns#>
    SELECT DISTINCT ?firm ?path ?act ?label WHERE {
      SERVICE <https://w3id.org/trilogue/service/paths> {
        [] tlg:expression "contact/office" ; tlg:searchesFrom ?firm ; tlg:findsPath ?path .
        ?firm a tlg:SmallOrMediumEnterprise . ?path tlg:hasHop/tlg:restsOnAct ?act .
      }
      ?act <http://www.w3.org/2000/01/rdf-schema#label> ?label
    } ORDER BY ?firm ?path ?act ?label"""
    found = Graph.open(published).query(query).values()
    assert found
    assert found == Graph.open().query(query).values()


def test_the_command_line_asks_the_endpoint(published: str, run: Run, project: Project) -> None:
    expected = catalogue.find(project, "table-3").expected.read_text("utf-8")
    paged = run("query", "table-3", "-f", "csv", "--endpoint", published, "--page-size", "3")
    assert paged.stdout == expected
    by_environment = run("query", "table-3", "-f", "csv", env={"TRILOGUE_ENDPOINT": published})
    assert by_environment.stdout == expected


def test_truth_values_and_triples_come_from_afar_too(published: str) -> None:
    remote, here = Graph.open(published), Graph.open()
    ask = "ASK { ?act a <https://w3id.org/trilogue/ns#CabinetVisit> }"
    assert remote.ask(ask) is here.ask(ask) is True
    construct = "CONSTRUCT WHERE { ?act a <https://w3id.org/trilogue/ns#CabinetVisit> }"
    assert remote.answer(construct, "nt") == here.answer(construct, "nt") != ""


def test_a_malformed_query_gives_the_message_of_the_server(published: str) -> None:
    with pytest.raises(QueryError, match="1:2"):
        Graph.open(published).answer("SELECT ?x WHERE { ?x ?y }")


def test_a_layer_that_no_endpoint_holds_is_not_taken_from_another() -> None:
    graph = Graph.open("contested=http://127.0.0.1:1/")
    with pytest.raises(QueryError, match="it reads the published layer, and no endpoint is given"):
        graph.query("table-3")
    with pytest.raises(QueryError, match=r"contradiction\.rq: it reads the asserted layer"):
        graph.query("both-sides-of-each-contradiction")
