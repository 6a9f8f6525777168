"""Queries that join the graph with public endpoints, which servers of our own stand in for.

Their fixtures hold statements of Wikidata and of the Publications Office that were verified there.
"""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from oxigraph_server import served

from trilogue import catalogue, layers
from trilogue.graph import EmbeddedBackend
from trilogue.project import Project
from trilogue.remote import loading
from trilogue.remote.endpoint import Endpoint
from trilogue.remote.settings import Settings

FIXTURES = Path(__file__).parent / "fixtures" / "federation"
STAND_INS = {
    "https://query.wikidata.org/sparql": "wikidata.ttl",
    "https://publications.europa.eu/webapi/rdf/sparql": "publications-office.ttl",
}
QUERIES = catalogue.read(Project.find(), "federation")


@pytest.fixture(scope="module")
def stand_ins() -> Iterator[dict[str, str]]:
    """Addresses of servers that hold what the public ones are asked for, in their default graphs."""
    with served() as first, served() as second:
        addresses = dict(zip(STAND_INS, (first, second), strict=True))
        for public, address in addresses.items():
            content = (FIXTURES / STAND_INS[public]).read_bytes()
            request = urllib.request.Request(
                f"{address}/store?default", content, {"Content-Type": "text/turtle"}, method="PUT"
            )
            urllib.request.urlopen(request).close()
        yield {public: f"{address}/query" for public, address in addresses.items()}


def asked_of(query: catalogue.Query, stand_ins: dict[str, str]) -> str:
    """Return a query with the address that it asks replaced."""
    (public,) = re.findall(r"SERVICE <([^>]+)>", query.text)
    assert query.field("Asks") == f"{public}."
    return query.text.replace(public, stand_ins[public])


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_the_embedded_store_joins_with_another(
    project: Project, stand_ins: dict[str, str], query: catalogue.Query
) -> None:
    backend = EmbeddedBackend.load(project.dataset)
    answer = backend.answer(asked_of(query, stand_ins), "csv")
    assert not isinstance(answer, bool | str)
    assert answer.serialize("csv") == query.expected.read_text("utf-8")
    assert len(answer) >= 3


def test_a_server_joins_with_another(project: Project, stand_ins: dict[str, str]) -> None:
    rows = ("/id/actor/", "/id/row/identifiers-")
    quads = [
        quad
        for quad in layers.load(project.dataset)
        if any(part in str(quad.subject) for part in rows)
    ]
    with served("--union-default-graph") as address:
        store = Endpoint(f"{address}/query", Settings())
        loading.load(quads, store, loading.writer(f"{address}/query", Settings()))
        for query in QUERIES:
            answer = store.answer(asked_of(query, stand_ins))
            assert not isinstance(answer, bool | str)
            assert answer.serialize("csv") == query.expected.read_text("utf-8")
