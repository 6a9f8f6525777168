"""All questions, put to Apache Jena Fuseki with TDB2 (`make test-stores`)."""

from __future__ import annotations

from collections.abc import Iterator

import fuseki
import pytest
from conftest import Run

from trilogue import catalogue
from trilogue.errors import EndpointError
from trilogue.graph import Graph
from trilogue.project import Project
from trilogue.remote.endpoint import Endpoint
from trilogue.remote.settings import Settings

pytestmark = pytest.mark.stores


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with fuseki.served(
        tmp_path_factory.mktemp("fuseki"),
        union=["published"],
        plain=["contested", "asserted"],
        locked=["locked"],
    ) as address:
        yield address


@pytest.fixture(scope="module")
def endpoints(server: str, run: Run) -> str:
    """Stores into which the command line has loaded all layers: one by Update, two as they come."""
    found = " ".join(
        (f"{server}/published/sparql", *(f"{name}={server}/{name}/sparql" for name in LAYERS))
    )
    result = run("load", "--endpoint", found)
    assert result.returncode == 0, result.stderr
    assert result.stdout.count(" checked; ") == 3
    return found


LAYERS = ("contested", "asserted")


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


def test_a_load_that_is_repeated_sends_nothing(endpoints: str, run: Run) -> None:
    result = run("load", "--endpoint", endpoints.split()[0])
    assert result.stdout.endswith("checked; 0 sent, 0 removed\n")


def test_the_graph_store_protocol_and_a_digest_password_are_met(
    server: str, run: Run, project: Project
) -> None:
    url = f"{server}/locked/sparql"
    known = Settings(user=fuseki.USER, password=fuseki.PASSWORD, retries=0)
    for settings in (Settings(retries=0), Settings(user=fuseki.USER, password="no", retries=0)):
        with pytest.raises(EndpointError, match="401"):
            Endpoint(url, settings).answer("ASK {}")
    assert Endpoint(url, known).answer("ASK {}") is True
