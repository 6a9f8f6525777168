"""SPARQL 1.1 Protocol and Service Description, asked over HTTP.

The cases are those of https://www.w3.org/2009/sparql/docs/tests/data-sparql11/protocol; updates
are refused here, and made in `test_server_writes`, where a token is given.
In `query_multiple_dataset` the manifest encodes the ampersand between two parameters; here they
are two, as the test means them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
from pyoxigraph import NamedNode, Quad, QueryBoolean, RdfFormat, parse, parse_query_results
from serving import Served, served
from SPARQLWrapper import CSV, JSON, POST, TURTLE, XML, SPARQLWrapper

from trilogue import catalogue
from trilogue.graph import Graph
from trilogue.project import Project
from trilogue.server.negotiation import GRAPHS, SOLUTIONS

DATA = "http://kasei.us/2009/09/sparql/data/data{}.rdf"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
QUERY = {"Content-Type": "application/sparql-query"}
UPDATE = {"Content-Type": "application/sparql-update"}
TEXT = {"Content-Type": "text/plain"}
SD = "http://www.w3.org/ns/sparql-service-description#"

QUERIES = [
    query for query in catalogue.read(Project.find()) if query.answered_here and not query.asserted
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The three documents of the W3C's cases, each in the graph of its own name."""
    folder = tmp_path_factory.mktemp("protocol")
    kind = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    lines = [
        f"<{DATA.format(n)}> {kind} <http://xmlns.com/foaf/0.1/Document> <{DATA.format(n)}> ."
        for n in (1, 2, 3)
    ]
    (folder / "data.nq").write_text("\n".join(lines) + "\n")
    with served(folder / "data.nq", folder / "log", workers=2) as running:
        yield running


@pytest.fixture(scope="module")
def client(server: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.address, timeout=20) as client:
        yield client


def content(client: httpx.Client) -> str:
    """All that the store holds."""
    query = "SELECT * { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g ?s ?p ?o"
    return client.get("/sparql", params={"query": query}).text


@dataclass(frozen=True)
class Case:
    """A request of the W3C, and what is to come back: true, a kind of form, or 4xx."""

    name: str
    method: str
    parameters: tuple[tuple[str, str], ...]
    headers: dict[str, str]
    body: bytes
    expected: str
    check: str = ""
    """A pattern that the store holds after an update that is made."""


def default(*numbers: int) -> tuple[tuple[str, str], ...]:
    return tuple(("default-graph-uri", DATA.format(n)) for n in numbers)


def named(*numbers: int) -> tuple[tuple[str, str], ...]:
    return tuple(("named-graph-uri", DATA.format(n)) for n in numbers)


BOTH = f"ASK {{ <{DATA.format(1)}> a ?type . <{DATA.format(2)}> a ?type . }}"
EACH = (
    f"ASK {{ GRAPH ?g1 {{ <{DATA.format(1)}> a ?type }}"
    f" GRAPH ?g2 {{ <{DATA.format(2)}> a ?type }} }}"
)
FULL = EACH.replace("ASK {", f"ASK {{ <{DATA.format(3)}> a ?type")
FROM = EACH.replace("ASK", f"ASK FROM <{DATA.format(3)}>")

IN = "<http://example.org/in>"
TEST, BIBLIOGRAPHIC = (
    "<http://example.org/test/>",
    "a <http://purl.org/dc/terms/BibliographicResource>",
)


def insert(template: str, pattern: str) -> bytes:
    """An update that puts each document in its graph, and then something of them in another."""
    foaf = "PREFIX foaf: <http://xmlns.com/foaf/0.1/>"
    documents = (f"<{DATA.format(n)}>" for n in (1, 2, 3))
    data = " ".join(f"GRAPH {each} {{ {each} a foaf:Document }}" for each in documents)
    insertion = f"INSERT {{ GRAPH {TEST} {{ {template} }} }} WHERE {{ {pattern} }}"
    return f"{foaf} CLEAR ALL ; INSERT DATA {{ {data} }} ; {insertion}".encode()


def only(*statements: tuple[int, str]) -> str:
    """A pattern for what is said of the first two documents, and nothing of the third."""
    said = " . ".join(f"<{DATA.format(n)}> {words}" for n, words in statements)
    none = f"FILTER NOT EXISTS {{ GRAPH {TEST} {{ <{DATA.format(3)}> ?p ?o }} }}"
    return f"GRAPH {TEST} {{ {said} }} {none}"


OF_DEFAULT = insert(f"?s {BIBLIOGRAPHIC}", "?s a foaf:Document")
OF_NAMED = insert(f"?s {BIBLIOGRAPHIC}", "GRAPH ?g { ?s a foaf:Document }")
OF_BOTH = insert(
    f"?s {IN} ?in",
    '{ GRAPH ?g { ?s a foaf:Document } BIND(?g AS ?in) } UNION { ?s a foaf:Document BIND("default" AS ?in) }',
)
BASED = (
    "CLEAR SILENT GRAPH <http://example.org/g> ; INSERT DATA { GRAPH <http://example.org/g> {"
    " <http://example.org/s> <http://example.org/p> <test> } }"
)
CONFLICT = (
    "PREFIX foaf: <http://xmlns.com/foaf/0.1/> WITH <http://example/addresses>"
    " DELETE { ?person foaf:givenName 'Bill' } INSERT { ?person foaf:givenName 'William' }"
    " WHERE { ?person foaf:givenName 'Bill' }"
)
ASK, NONE = "ASK {}", ()

CASES = [
    Case("query_post_form", "POST", default(0), FORM, b"query=ASK%20%7B%7D", "true"),
    Case("query_dataset_default_graphs_get", "GET", (("query", BOTH), *default(1, 2)), {}, b"", "true"),
    Case("query_dataset_default_graphs_post", "POST", default(1, 2), QUERY, BOTH.encode(), "true"),
    Case("query_dataset_named_graphs_post", "POST", named(1, 2), QUERY, EACH.encode(), "true"),
    Case("query_dataset_named_graphs_get", "GET", (("query", EACH), *named(1, 2)), {}, b"", "true"),
    Case("query_dataset_full", "POST", default(3) + named(1, 2), QUERY, FULL.encode(), "true"),
    Case("query_multiple_dataset", "POST", named(1, 2), QUERY, FROM.encode(), "true"),
    Case("query_get", "GET", (("query", ASK), *default(0)), {}, b"", "true"),
    Case("query_content_type_select", "POST", default(0), QUERY, b"SELECT (1 AS ?value) {}", "tabular"),
    Case("query_content_type_ask", "POST", default(0), QUERY, b"ASK {}", "boolean"),
    Case("query_content_type_describe", "POST", default(0), QUERY, b"DESCRIBE <http://example.org/>", "RDF"),
    Case("query_content_type_construct", "POST", default(0), QUERY, b"CONSTRUCT { <s> <p> 1 } WHERE {}", "RDF"),
    Case("update_dataset_default_graph", "POST", (("using-graph-uri", DATA.format(1)),), UPDATE, OF_DEFAULT, "4xx", only((1, BIBLIOGRAPHIC))),
    Case("update_dataset_default_graphs", "POST", (("using-graph-uri", DATA.format(1)), ("using-graph-uri", DATA.format(2))), UPDATE, OF_DEFAULT, "4xx", only((1, BIBLIOGRAPHIC), (2, BIBLIOGRAPHIC))),
    Case("update_dataset_named_graphs", "POST", (("using-named-graph-uri", DATA.format(1)), ("using-named-graph-uri", DATA.format(2))), UPDATE, OF_NAMED, "4xx", only((1, BIBLIOGRAPHIC), (2, BIBLIOGRAPHIC))),
    Case("update_dataset_full", "POST", (("using-graph-uri", DATA.format(1)), ("using-named-graph-uri", DATA.format(2))), UPDATE, OF_BOTH, "4xx", only((1, f'{IN} "default"'), (2, f"{IN} <{DATA.format(2)}>"))),
    Case("update_post_form", "POST", NONE, FORM, b"update=CLEAR+ALL", "4xx", "FILTER NOT EXISTS { ?s ?p ?o }"),
    Case("update_post_direct", "POST", NONE, UPDATE, b"CLEAR ALL", "4xx", "FILTER NOT EXISTS { ?s ?p ?o }"),
    Case("update_base_uri", "POST", NONE, UPDATE, BASED.encode(), "4xx", "GRAPH <http://example.org/g> { ?s ?p ?o FILTER(STRENDS(STR(?o), '/sparql/test')) }"),
    Case("query_post_direct", "POST", NONE, QUERY, b"ASK {}", "true"),
    Case("bad_query_method", "PUT", (("query", ASK), *default(0)), FORM, b"", "4xx"),
    Case("bad_multiple_queries", "GET", (("query", ASK), ("query", "SELECT * {}")), {}, b"", "4xx"),
    Case("bad_query_wrong_media_type", "POST", NONE, TEXT, b"ASK {}", "4xx"),
    Case("bad_query_missing_form_type", "POST", NONE, {}, b"query=ASK%20%7B%7D", "4xx"),
    Case("bad_query_missing_direct_type", "POST", NONE, {}, b"ASK {}", "4xx"),
    Case("bad_query_non_utf8", "POST", NONE, {"Content-Type": "application/sparql-query; charset=UTF-16"}, ASK.encode("utf-16"), "4xx"),
    Case("bad_query_syntax", "GET", (("query", "ASK {"),), {}, b"", "4xx"),
    Case("bad_update_get", "GET", (("update", "CLEAR ALL"),), {}, b"", "4xx"),
    Case("bad_multiple_updates", "POST", NONE, FORM, b"update=CLEAR%20NAMED&update=CLEAR%20DEFAULT", "4xx"),
    Case("bad_update_wrong_media_type", "POST", NONE, TEXT, b"CLEAR NAMED", "4xx"),
    Case("bad_update_missing_form_type", "POST", NONE, {}, b"update=CLEAR%20NAMED", "4xx"),
    Case("bad_update_non_utf8", "POST", NONE, {"Content-Type": "application/sparql-update; charset=UTF-16"}, "CLEAR NAMED".encode("utf-16"), "4xx"),
    Case("bad_update_syntax", "POST", NONE, FORM, b"update=CLEAR%20XYZ", "4xx"),
    Case("bad_update_dataset_conflict", "POST", (("using-named-graph-uri", "http://example/people"),), UPDATE, CONFLICT.encode(), "4xx"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_protocol_is_kept_as_the_w3c_tests_it(client: httpx.Client, case: Case) -> None:
    before = content(client)
    answer = client.request(
        case.method,
        "/sparql/" + ("?" + urlencode(case.parameters, quote_via=quote) if case.parameters else ""),
        headers=case.headers,
        content=case.body,
    )
    media_type = answer.headers["Content-Type"].partition(";")[0]
    if case.expected == "4xx":
        assert 400 <= answer.status_code < 500
        assert answer.text.count("\n") == 1
        assert content(client) == before
        return
    assert answer.status_code == 200
    if case.expected == "true":
        assert answer.json()["boolean"] is True
    elif case.expected == "RDF":
        form = RdfFormat.from_media_type(media_type)
        assert form is not None
        list(parse(answer.content, format=form))
    else:
        assert media_type == SOLUTIONS.first.media_type
        assert ("boolean" in answer.json()) is (case.expected == "boolean")


def test_all_cases_of_the_w3c_are_here() -> None:
    assert len({case.name for case in CASES}) == 34


@pytest.mark.parametrize("form", list(GRAPHS), ids=lambda form: form.names[0])
def test_the_service_describes_itself(client: httpx.Client, form: Any) -> None:
    """The three cases of the W3C: it is RDF, names its endpoint, and keeps to the schema."""
    name, media_type = form.names[0], form.media_type
    answer = client.get("/sparql", headers={"Accept": media_type})
    assert answer.headers["Content-Type"].startswith(media_type)
    assert client.get("/sparql", params={"format": name}).content == answer.content
    quads = list(parse(answer.content, format=form.format, base_iri="http://x/"))
    address = NamedNode(str(client.base_url) + "/sparql")
    described = {(quad.predicate.value.removeprefix(SD), quad.object) for quad in quads}
    assert ("endpoint", address) in described
    assert ("supportedLanguage", NamedNode(SD + "SPARQL11Query")) in described
    assert ("feature", NamedNode(SD + "UnionDefaultGraph")) in described
    (dataset,) = (value for name, value in described if name == "defaultDataset")
    (graph,) = (value for name, value in described if name == "defaultGraph")
    kinds = {
        (quad.subject, quad.object) for quad in quads if quad.predicate.value.endswith("#type")
    }
    expected = {(address, "Service"), (dataset, "Dataset"), (graph, "Graph")}
    assert kinds == {(node, NamedNode(SD + kind)) for node, kind in expected}
    (count,) = (quad.object.value for quad in quads if quad.predicate.value.endswith("#triples"))
    assert count == "3"


@pytest.mark.parametrize("form", list(SOLUTIONS), ids=lambda form: form.names[0])
def test_solutions_come_in_each_form(client: httpx.Client, form: Any) -> None:
    query = "SELECT ?s { ?s a ?type } ORDER BY ?s"
    name, media_type = form.names[0], form.media_type
    answer = client.get("/sparql", params={"query": query}, headers={"Accept": media_type})
    assert answer.headers["Content-Type"].startswith(media_type)
    if name == "csv":
        found = answer.text.split()[1:]
    else:
        solutions = parse_query_results(answer.content, format=form.format)
        assert not isinstance(solutions, QueryBoolean)
        found = [solution["s"].value for solution in solutions]
    assert found == [DATA.format(n) for n in (1, 2, 3)]
    by_name = client.post("/sparql", data={"query": query, "format": name})
    assert by_name.content == answer.content


@pytest.mark.parametrize("form", list(GRAPHS), ids=lambda form: form.names[0])
def test_graphs_come_in_each_form(client: httpx.Client, form: Any) -> None:
    query = "CONSTRUCT { ?s a <http://example.org/'café'> } WHERE { ?s a ?type }"
    name, media_type = form.names[0], form.media_type
    answer = client.get("/sparql", params={"query": query}, headers={"Accept": media_type})
    assert answer.headers["Content-Type"].startswith(media_type)
    quads = list(parse(answer.content, format=form.format))
    assert {quad.subject.value for quad in quads} == {DATA.format(n) for n in (1, 2, 3)}
    assert {quad.object for quad in quads} == {NamedNode("http://example.org/'café'")}
    assert client.get("/sparql", params={"query": query, "format": name}).status_code == 200
    by_type = client.get("/sparql", params={"query": query, "format": media_type})
    assert {str(quad) for quad in _read(by_type, form.format)} == {str(quad) for quad in quads}


def _read(answer: httpx.Response, form: RdfFormat) -> list[Quad]:
    return list(parse(answer.content, format=form))


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", "application/sparql-results+json"),
        ("*/*", "application/sparql-results+json"),
        ("text/*", "text/csv; charset=utf-8"),
        ("text/csv;q=0.2, application/xml", "application/sparql-results+xml"),
        ("text/csv;q=0.2, text/tab-separated-values;q=0.3", "text/tab-separated-values; charset=utf-8"),
        ("application/json", "application/sparql-results+json"),
        ("application/sparql-results+json;q=0, */*", "application/sparql-results+xml"),
        ("TEXT/CSV; Q=1", "text/csv; charset=utf-8"),
        ("text/csv;q=high, text/tab-separated-values;q=0.1", "text/tab-separated-values; charset=utf-8"),
    ],
)  # fmt: skip
def test_the_client_gets_the_form_that_it_likes_best(
    client: httpx.Client, accept: str, expected: str
) -> None:
    answer = client.get("/sparql", params={"query": "SELECT * {}"}, headers={"Accept": accept})
    assert answer.headers["Content-Type"] == expected
    assert answer.headers["Vary"] == "Accept"


@pytest.mark.parametrize("accept", ["image/png", "text/turtle", "text/csv;q=0", "*/*;q=0"])
def test_a_form_that_there_is_not_is_not_acceptable(client: httpx.Client, accept: str) -> None:
    answer = client.get("/sparql", params={"query": "SELECT * {}"}, headers={"Accept": accept})
    assert answer.status_code == 406
    assert "text/csv" in answer.text


def test_an_unknown_format_is_named(client: httpx.Client) -> None:
    answer = client.get("/sparql", params={"query": "SELECT * {}", "format": "turtle"})
    assert answer.status_code == 400
    assert "json, xml, csv, tsv" in answer.text


def test_the_dataset_of_the_query_is_taken_where_the_protocol_names_none(
    client: httpx.Client,
) -> None:
    def count(query: str, **parameters: str) -> int:
        answer = client.get("/sparql", params={"query": query, **parameters})
        return len(answer.json()["results"]["bindings"])

    assert count("SELECT * { ?s ?p ?o }") == 3
    assert count(f"SELECT * FROM <{DATA.format(1)}> {{ ?s ?p ?o }}") == 1
    assert count(f"SELECT * FROM NAMED <{DATA.format(1)}> {{ ?s ?p ?o }}") == 0
    assert count(f"SELECT * FROM NAMED <{DATA.format(1)}> {{ GRAPH ?g {{ ?s ?p ?o }} }}") == 1
    only = {"default-graph-uri": DATA.format(2)}
    assert count("SELECT * { GRAPH ?g { ?s ?p ?o } }", **only) == 0
    assert count(f"SELECT * FROM <{DATA.format(1)}> {{ ?s ?p ?o }}", **only) == 1


def test_head_gives_the_headers_of_get(client: httpx.Client) -> None:
    parameters = {"query": "SELECT * { ?s ?p ?o }"}
    get, head = client.get("/sparql", params=parameters), client.head("/sparql", params=parameters)
    assert head.content == b""
    assert {**head.headers, "date": ""} == {**get.headers, "date": ""}


@pytest.mark.parametrize("path", ["/sparql", "/page/x"])
def test_other_sites_may_ask(client: httpx.Client, path: str) -> None:
    asked = {"Origin": "https://example.org", "Access-Control-Request-Method": "GET"}
    answer = client.options(path, headers=asked)
    assert answer.status_code == 204
    assert "GET" in answer.headers["Access-Control-Allow-Methods"]
    assert "content-length" not in answer.headers
    assert client.get(path).headers["Access-Control-Allow-Origin"] == "*"


def test_a_mistake_is_shown_with_its_place(client: httpx.Client) -> None:
    query = {"query": "SELECT *\nWHERE { ?s ?p }"}
    answer = client.get("/sparql", params=query)
    assert (answer.status_code, answer.text[:4]) == (400, "2:16")
    problem = client.get("/sparql", params=query, headers={"Accept": "application/json"})
    assert problem.headers["Content-Type"] == "application/problem+json"
    details = json.loads(problem.content)
    assert (details["status"], details["line"], details["column"]) == (400, 2, 16)


def test_pages_of_others_are_served_beside_the_endpoint(client: httpx.Client) -> None:
    answer = client.get("/page/one%20two")
    assert (answer.text, answer.headers["Content-Security-Policy"]) == ("one two", "x")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    head = client.head("/page/one")
    assert (head.content, head.headers["Content-Length"]) == (b"", "3")
    assert client.get("/other").status_code == 404
    assert client.post("/page/one").status_code == 405


def test_the_server_tells_how_it_is(client: httpx.Client) -> None:
    assert client.get("/health").json() == {"status": "ok"}
    client.get("/sparql", params={"query": "ASK {}"})
    lines = client.get("/metrics").text.splitlines()
    counts = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert int(counts['trilogue_requests_total{status="200"}']) > 1
    assert int(counts['trilogue_request_seconds_bucket{le="+Inf"}']) >= int(
        counts['trilogue_request_seconds_bucket{le="0.005"}']
    )
    assert client.post("/health").status_code == 405


@pytest.fixture(scope="module")
def published(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The published dataset."""
    with served(project.dataset, tmp_path_factory.mktemp("published") / "log") as running:
        yield running


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_the_catalogue_has_its_expected_answers(published: Served, query: catalogue.Query) -> None:
    answer = Graph.open(published.endpoint).query(query.text)
    assert answer.serialize("csv") == query.expected.read_text("utf-8")


@pytest.mark.parametrize("method", ["GET", POST])
def test_the_library_that_users_have_finds_its_way(server: Served, method: str) -> None:
    wrapper = SPARQLWrapper(server.endpoint)
    wrapper.setMethod(method)
    wrapper.setQuery("SELECT ?s { ?s a ?type } ORDER BY ?s")
    wrapper.setReturnFormat(JSON)
    document: Any = wrapper.query().convert()
    bindings = document["results"]["bindings"]
    assert [binding["s"]["value"] for binding in bindings] == [DATA.format(n) for n in (1, 2, 3)]
    wrapper.setReturnFormat(XML)
    assert len(wrapper.query().convert().getElementsByTagName("result")) == 3  # type: ignore[union-attr]
    wrapper.setReturnFormat(CSV)
    assert wrapper.query().convert().splitlines()[0] == b"s"  # type: ignore[union-attr]
    wrapper.setQuery("CONSTRUCT WHERE { ?s a ?type }")
    wrapper.setReturnFormat(TURTLE)
    assert b"Document" in wrapper.query().convert()  # type: ignore[operator]
    wrapper.addDefaultGraph(DATA.format(1))
    wrapper.setQuery("ASK { ?s a ?type FILTER(?s != ?type) }")
    wrapper.setReturnFormat(JSON)
    assert wrapper.query().convert() == {"head": {}, "boolean": True}
