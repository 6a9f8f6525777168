"""What describes the data sets is true, and keeps to its shapes."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from publishing import ADDRESS, ENDPOINT
from pyoxigraph import RdfFormat, Store

from trilogue import catalogue
from trilogue.errors import QueryError, TrilogueError
from trilogue.graph import Graph
from trilogue.namespaces import PREFIXES
from trilogue.publication import checking, descriptions, query_descriptions, redirects
from trilogue.publication.site import Document, Site

FIXTURES = Path(__file__).parent / "fixtures" / "descriptions"
PREFIX = "\n".join(
    f"PREFIX {name}: <{iri}>" for name, iri in {**PREFIXES, **descriptions.BOUND}.items()
)


def content(site: Site, path: str) -> bytes:
    document = site.document(path)
    assert document is not None, path
    return document.content


def ask(site: Site, path: str, query: str) -> list[list[str]]:
    store = Store()
    store.load(content(site, path), format=RdfFormat.TURTLE)
    return [[term.value for term in row] for row in store.query(f"{PREFIX}\n{query}")]  # type: ignore[union-attr]


@pytest.mark.parametrize("name", checking.DESCRIBED)
def test_the_description_keeps_to_its_shapes(site: Site, name: str) -> None:
    assert checking.validate(content(site, f"{name}.ttl"), name).findings == ()


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.ttl")), ids=lambda path: path.stem)
def test_a_description_that_breaks_a_shape_is_found(path: Path) -> None:
    name = path.stem.partition("-")[0]
    text = path.read_text("utf-8")
    messages = {found.message for found in checking.validate(text.encode(), name).findings}
    expected = re.findall(r"^# (.+)$", text, re.MULTILINE)
    assert expected
    assert set(expected) == messages


def test_each_constraint_of_the_shapes_has_a_fixture_that_breaks_it() -> None:
    for name in checking.DESCRIBED:
        shapes = (checking.SHAPES / f"{name}.ttl").read_text("utf-8")
        messages = set(re.findall(r'sh:message "([^"]+)"', shapes))
        told = "".join(path.read_text("utf-8") for path in FIXTURES.glob(f"{name}-*.ttl"))
        assert messages == set(re.findall(r"^# (.+)$", told, re.MULTILINE))


def test_a_site_whose_description_breaks_a_shape_is_not_published(
    graph: Graph, tmp_path: Path
) -> None:
    from trilogue.publication.writing import publish

    broken = Site(graph, ADDRESS)
    text = content(broken, "void.ttl").decode()
    text = re.sub(r"void:triples \d+", "void:triples 0", text)
    broken._kept["void.ttl"] = Document(text.encode(), "text/turtle")
    with pytest.raises(TrilogueError, match=r"void.ttl breaks its shapes"):
        publish(broken, tmp_path / "site")
    assert list(tmp_path.iterdir()) == []


def test_the_statistics_are_those_of_the_data(site: Site, graph: Graph) -> None:
    counts = {
        "void:triples": "(COUNT(*) AS ?n) { SELECT DISTINCT ?s ?p ?o { ?s ?p ?o } }",
        "void:distinctSubjects": "(COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }",
        "void:distinctObjects": "(COUNT(DISTINCT ?o) AS ?n) { ?s ?p ?o }",
        "void:properties": "(COUNT(DISTINCT ?p) AS ?n) { ?s ?p ?o }",
        "void:classes": "(COUNT(DISTINCT ?o) AS ?n) { ?s a ?o FILTER(isIRI(?o)) }",
    }
    for name, query in counts.items():
        (row,) = graph.query(f"SELECT {query}").values()
        (said,) = ask(site, "void.ttl", f"SELECT ?n {{ ?d a dcat:Dataset ; {name} ?n }}")
        assert said == [str(row[0])], name
    members = graph.query(
        "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s a <https://w3id.org/trilogue/ns#Act> }"
    ).values()
    query = "SELECT ?n { ?part void:class tlg:Act ; void:entities ?n }"
    assert ask(site, "void.ttl", query) == [[str(members[0][0])]]


def test_the_linksets_count_the_links_that_lead_out(site: Site, graph: Graph) -> None:
    links = graph.query(
        "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s <http://www.w3.org/2002/07/owl#sameAs> ?o "
        'FILTER(STRSTARTS(STR(?o), "http://www.wikidata.org/")) }'
    ).values()
    query = (
        "SELECT ?n { ?set a void:Linkset ; void:linkPredicate owl:sameAs ; void:triples ?n ; "
        'void:objectsTarget/void:uriSpace "http://www.wikidata.org/" }'
    )
    assert ask(site, "void.ttl", query) == [[str(links[0][0])]]
    aligned = "SELECT DISTINCT ?dump { ?set a void:Linkset ; void:dataDump ?dump }"
    assert len(ask(site, "void.ttl", aligned)) == len(site.source.alignments) > 0


def test_each_file_is_described_with_its_size_and_sum(site: Site) -> None:
    query = """SELECT ?url ?size ?sum { ?file dcat:downloadURL ?url ; dcat:byteSize ?size ;
      spdx:checksum/spdx:checksumValue ?sum }"""
    rows = ask(site, "dcat.ttl", query)
    assert len(rows) == len(site.files)
    for url, size, checksum in rows:
        found = content(site, url.removeprefix(ADDRESS))
        assert len(found) == int(size)
        assert hashlib.sha256(found).hexdigest() == checksum
    sums = content(site, "dumps/SHA256SUMS").decode()
    assert len(sums.splitlines()) == len(rows)


def test_the_endpoint_is_named_where_there_is_one(site: Site, graph: Graph) -> None:
    query = "SELECT ?e { ?s void:sparqlEndpoint|dcat:endpointURL ?e }"
    for path in ("void.ttl", "dcat.ttl"):
        assert ask(site, path, query) == [[ENDPOINT]]
    assert ask(Site(graph), "void.ttl", query) == []


def test_each_query_is_an_executable_with_its_text(site: Site) -> None:
    query = """SELECT ?label ?text ?comment { ?q a sh:SPARQLExecutable, sh:SPARQLSelectExecutable ;
      rdfs:label ?label ; sh:select ?text ; rdfs:comment ?comment ; sh:prefixes/sh:declare ?p }"""
    rows = {row[0]: row for row in ask(site, "queries/catalogue.ttl", query)}
    queries = {item.name: item for item in site.source.queries}
    assert set(rows) == set(queries)
    for name, (_, text, comment) in rows.items():
        assert text == queries[name].text
        assert comment == queries[name].question
    targets = "SELECT ?q { ?q <https://schema.org/target> ?e }"
    served = [item for item in queries.values() if not item.asserted]
    assert len(ask(site, "queries/catalogue.ttl", targets)) == len(served)


def test_the_form_of_each_query_of_the_catalogue_is_known(site: Site) -> None:
    forms = {query_descriptions.form_of(q.text) for q in catalogue.read(site.source.project)}
    assert forms == {"SELECT", "CONSTRUCT"}
    with pytest.raises(QueryError):
        query_descriptions.form_of("# nothing but a comment\n")


def test_the_crate_lists_each_file(site: Site) -> None:
    graph = json.loads(content(site, "ro-crate-metadata.json"))["@graph"]
    nodes = {node["@id"]: node for node in graph}
    assert nodes["ro-crate-metadata.json"]["about"] == {"@id": "./"}
    root = nodes["./"]
    for key in ("name", "description", "datePublished", "license"):
        assert root[key]
    for part in root["hasPart"]:
        assert int(nodes[part["@id"]]["contentSize"]) == len(content(site, part["@id"]))


def test_the_sitemap_lists_pages_that_are_there(site: Site) -> None:
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    root = ElementTree.fromstring(content(site, "sitemap.xml"))
    addresses = [item.text or "" for item in root.iter(f"{space}loc")]
    assert 4_000 < len(addresses) < 50_000
    assert len(set(addresses)) == len(addresses)
    for address in addresses:
        path = address.removeprefix(ADDRESS)
        assert site.has(path + "index.html" if path.endswith("/") or not path else path), path
    assert f"Sitemap: {ADDRESS}sitemap.xml" in content(site, "robots.txt").decode()


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("path", "accept", "expected"),
    [
        ("id/actor/mistral-ai", BROWSER, (303, "page/actor/mistral-ai.html")),
        ("id/actor/mistral-ai", "text/turtle", (303, "data/actor/mistral-ai.ttl")),
        ("id/actor/mistral-ai", "application/ld+json", (303, "data/actor/mistral-ai.jsonld")),
        ("id/actor/mistral-ai", "application/n-triples", (303, "data/actor/mistral-ai.nt")),
        ("id/actor/mistral-ai", "*/*", (303, "page/actor/mistral-ai.html")),
        (
            "id/row/acts-elysee-dinner",
            "application/trig",
            (303, "data/row/acts-elysee-dinner.trig"),
        ),
        (
            "id/row/acts-elysee-dinner",
            "application/n-quads",
            (303, "data/row/acts-elysee-dinner.nq"),
        ),
        ("id/graph/provenance", "application/trig", (303, "data/graph/provenance.trig")),
        ("id/row/acts-elysee-dinner", BROWSER, (303, "page/row/acts-elysee-dinner.html")),
        ("ns", BROWSER, (303, "ontology/index.html")),
        ("ns", "application/rdf+xml", (303, "ontology/trilogue.rdf")),
        ("ns", "text/turtle", (303, "ontology/trilogue.ttl")),
        ("ns/0.1.0", "application/ld+json", (303, "ontology/trilogue.jsonld")),
        ("void.ttl", "*/*", (302, "void.ttl")),
        ("", BROWSER, (302, "")),
    ],
)
def test_the_rules_of_w3id_lead_to_documents_of_the_site(
    site: Site, path: str, accept: str, expected: tuple[int, str]
) -> None:
    rules = content(site, "w3id/.htaccess").decode()
    status, address = redirects.follow(rules, path, accept)
    assert (status, address.removeprefix(ADDRESS)) == expected
    assert site.has(expected[1] or "index.html")


def test_the_rules_come_only_with_an_address_to_lead_to(graph: Graph, site: Site) -> None:
    assert not Site(graph).has("w3id/.htaccess")
    assert ADDRESS in content(site, "w3id/README.md").decode()


def test_the_licence_and_the_citation_are_published(site: Site) -> None:
    assert b"Attribution 4.0" in content(site, "licence.html")
    assert content(site, "CITATION.cff").startswith(b"cff-version")
