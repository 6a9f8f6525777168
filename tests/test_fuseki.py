"""All questions, put to Apache Jena Fuseki with TDB2 (`make test-stores`)."""

from __future__ import annotations

from collections.abc import Iterator

import fuseki
import pytest
from conftest import Run
from pyoxigraph import Quad

from trilogue import catalogue
from trilogue.errors import EndpointError
from trilogue.graph import Graph
from trilogue.namespaces import TYPE, term, thing
from trilogue.project import Project
from trilogue.remote import holdings, loading
from trilogue.remote.endpoint import Endpoint
from trilogue.remote.settings import Settings

pytestmark = pytest.mark.stores


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("fuseki")
    with fuseki.served(folder, union=["published"], plain=["contested"], locked=["locked"]) as url:
        yield url


@pytest.fixture(scope="module")
def endpoints(server: str, run: Run) -> str:
    """Stores into which the command line has loaded layers; one has no union for default graph."""
    found = f"{server}/published/sparql contested={server}/contested/sparql"
    result = run("load", "--endpoint", found)
    assert result.returncode == 0, result.stderr
    assert result.stdout.count(", checked; ") == 2
    return f"{found} asserted={server}/contested/sparql"


def test_every_query_of_the_catalogue_gives_the_expected_answer(
    project: Project, endpoints: str
) -> None:
    graph = Graph.open(endpoints)
    queries = [query for query in catalogue.read(project) if query.answered_here]
    differing = [
        query.name
        for query in queries
        if graph.query(query).serialize("csv") != query.expected.read_text("utf-8")
    ]
    assert differing == []


def test_paths_are_searched_in_the_hops_of_the_endpoint(endpoints: str) -> None:
    question = {"origins": "SmallOrMediumEnterprise", "destinations": "MemberState"}
    found = Graph.open(endpoints).paths("contact/office", **question)
    here = Graph.open().paths("contact/office", **question)
    assert list(found) == list(here) != []


def test_a_password_is_given_by_digest_to_read_and_to_load(server: str) -> None:
    url = f"{server}/locked/sparql"
    for settings in (Settings(retries=0), Settings(user=fuseki.USER, password="no", retries=0)):
        with pytest.raises(EndpointError, match="401"):
            Endpoint(url, settings).answer("ASK {}")
    known = Settings(user=fuseki.USER, password=fuseki.PASSWORD, retries=0)
    store = Endpoint(url, known)
    rows = [thing(f"row/{number}") for number in range(3)]
    quads = [Quad(thing("act/a"), TYPE, term("Act"), row) for row in rows]
    by_update = loading.writer(url, known)
    assert loading.load(quads[:2], store, by_update).sent == 2
    by_graph_store = loading.writer(url, known, graph_store=f"{server}/locked/data")
    loaded = loading.load(quads[1:], store, by_graph_store)
    assert (loaded.sent, loaded.removed) == (1, 1)
    assert holdings.counts(store) == {row.value: 1 for row in rows[1:]}
