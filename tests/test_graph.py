"""The same questions, put to the embedded store and to a real SPARQL server."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from conftest import Run

from trilogue import catalogue
from trilogue.errors import EndpointError, QueryError
from trilogue.graph import Graph
from trilogue.project import Project

QUERIES = [
    query
    for query in catalogue.read(Project.find())
    if query.kind != "inference" and not query.asserted
]


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The Oxigraph server of the wheel, loaded with the published dataset."""
    project = Project.find()
    folder = tmp_path_factory.mktemp("server")
    program = str(Path(sys.executable).parent / "oxigraph")
    load = [program, "load", "--location", str(folder), "--file", str(project.dataset)]
    subprocess.run(load, check=True, capture_output=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    serve = [
        program,
        "serve-read-only",
        "--location",
        str(folder),
        "--bind",
        address,
        "--union-default-graph",
    ]
    with subprocess.Popen(serve, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        url = f"http://{address}/query"
        for _ in range(100):
            try:
                urllib.request.urlopen(f"{url}?query=ASK%7B%7D", timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield url
        server.terminate()


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_a_remote_store_gives_the_expected_answer(endpoint: str, query: catalogue.Query) -> None:
    answer = Graph.open(endpoint).query(query.text)
    assert answer.serialize("csv") == query.expected.read_text("utf-8")


def test_a_path_block_is_searched_in_the_hops_of_the_endpoint(endpoint: str) -> None:
    query = """PREFIX tlg: <https://w3id.org/trilogue/ns#>
    SELECT DISTINCT ?firm ?path ?act ?label WHERE {
      SERVICE <https://w3id.org/trilogue/service/paths> {
        [] tlg:expression "contact/office" ; tlg:searchesFrom ?firm ; tlg:findsPath ?path .
        ?firm a tlg:SmallOrMediumEnterprise . ?path tlg:hasHop/tlg:restsOnAct ?act .
      }
      ?act <http://www.w3.org/2000/01/rdf-schema#label> ?label
    } ORDER BY ?firm ?path ?act ?label"""
    found = Graph.open(endpoint).query(query).values()
    assert found
    assert found == Graph.open().query(query).values()


def test_the_command_line_asks_the_endpoint(endpoint: str, run: Run, project: Project) -> None:
    expected = catalogue.find(project, "table-3").expected.read_text("utf-8")
    result = run("query", "table-3", "--format", "csv", "--endpoint", endpoint)
    assert result.stdout == expected
    by_environment = run("query", "table-3", "-f", "csv", env={"TRILOGUE_ENDPOINT": endpoint})
    assert by_environment.stdout == expected


def test_truth_values_and_triples_come_from_afar_too(endpoint: str) -> None:
    remote, here = Graph.open(endpoint), Graph.open()
    ask = "ASK { ?act a <https://w3id.org/trilogue/ns#CabinetVisit> }"
    assert remote.ask(ask) is here.ask(ask) is True
    construct = "CONSTRUCT WHERE { ?act a <https://w3id.org/trilogue/ns#CabinetVisit> }"
    assert remote.answer(construct, "nt") == here.answer(construct, "nt") != ""


def test_a_malformed_query_gives_the_message_of_the_server(
    endpoint: str, run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "broken.rq"
    file.write_text("SELECT ?x WHERE { ?x ?y }")
    result = run("query", str(file), "--endpoint", endpoint)
    assert result.returncode == 2
    assert "1:2" in result.stderr
    assert "Traceback" not in result.stderr


def test_an_endpoint_that_does_not_answer_is_named(run: Run) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/query"
    result = run("query", "table-3", "--endpoint", url)
    assert result.returncode == 3
    assert url in result.stderr
    assert "Traceback" not in result.stderr


class Nonsense(BaseHTTPRequestHandler):
    """Answers every query with something that is no SPARQL result."""

    status = 200

    def do_POST(self) -> None:  # the name that http.server calls
        self.send_response(self.status)
        self.send_header("Content-Type", "application/sparql-results+json")
        self.end_headers()
        self.wfile.write(b"<html>not at home</html>")

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize("status", [200, 500, 503])
def test_an_answer_that_is_no_result_is_refused(status: int) -> None:
    handler = type("Handler", (Nonsense,), {"status": status})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/query"
        with pytest.raises(EndpointError, match="127"):
            Graph.open(url).query("SELECT * WHERE { ?s ?p ?o }")
        server.shutdown()


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
