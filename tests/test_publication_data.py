"""Data about a thing says the same in each form, and a row is a nanopublication."""

from __future__ import annotations

import csv
import gzip
import io
import json

import pytest
from pyarrow import parquet
from pyoxigraph import (
    Dataset,
    NamedNode,
    Quad,
    RdfFormat,
    Store,
    parse,
)
from rdflib import Graph as RdflibGraph
from rdflib import URIRef
from rdflib.compare import isomorphic

from trilogue import layers, nanopublication
from trilogue.graph import Graph
from trilogue.namespaces import PREFIXES, PROVENANCE_GRAPH, TERMS, THINGS, TYPE, term, thing
from trilogue.publication import forms
from trilogue.publication.site import Site

NP = nanopublication.NAMESPACE
RDFLIB = {"ttl": "turtle", "nt": "nt", "jsonld": "json-ld"}


def content(site: Site, path: str) -> bytes:
    document = site.document(path)
    assert document is not None, path
    return document.content


@pytest.mark.parametrize(
    "name", ["actor/mistral-ai", "act/elysee-dinner", "passage/p43-n4", "ns/Act", "scheme/issues"]
)
def test_turtle_triples_and_jsonld_say_the_same(site: Site, name: str) -> None:
    graphs = {}
    for form, called in RDFLIB.items():
        graphs[form] = RdflibGraph().parse(data=content(site, f"data/{name}.{form}"), format=called)
        # each document speaks of itself, under its own address
        graphs[form].remove((next(graphs[form].subjects(_foaf("primaryTopic"))), None, None))
    assert len(graphs["ttl"]) > 5
    assert isomorphic(graphs["ttl"], graphs["nt"])
    assert isomorphic(graphs["ttl"], graphs["jsonld"])


def _foaf(name: str) -> URIRef:
    return URIRef(PREFIXES["foaf"] + name)


def test_the_data_of_a_thing_holds_all_that_is_said_of_it_and_refers_to_it(site: Site) -> None:
    iri = NamedNode(THINGS + "act/elysee-dinner")
    found = parse(content(site, "data/act/elysee-dinner.nt"), format=RdfFormat.N_TRIPLES)
    triples = {quad.triple for quad in found}
    store = site.source.store
    said = {quad.triple for quad in store.quads_for_pattern(iri, None, None)}
    referring = {quad.triple for quad in store.quads_for_pattern(None, None, iri)}
    assert said
    assert referring
    assert said | referring <= triples


def test_trig_has_each_statement_in_its_row_with_the_locator(site: Site) -> None:
    quads = set(parse(content(site, "data/act/elysee-dinner.trig"), format=RdfFormat.TRIG))
    row = thing("row/acts-elysee-dinner")
    assert any(
        quad.graph_name == row and quad.predicate == term("addressesActor") for quad in quads
    )
    (locator,) = [
        q.object.value for q in quads if q.subject == row and q.predicate == term("locator")
    ]
    assert locator == "p. 43; p. 43, n. 4; p. 50"


def test_a_row_is_a_nanopublication_in_each_form(site: Site) -> None:
    row = thing("row/acts-elysee-dinner")
    trig = set(parse(content(site, "data/row/acts-elysee-dinner.trig"), format=RdfFormat.TRIG))
    nquads = set(parse(content(site, "data/row/acts-elysee-dinner.nq"), format=RdfFormat.N_QUADS))
    jsonld = set(
        parse(content(site, "data/row/acts-elysee-dinner.jsonld"), format=RdfFormat.JSON_LD)
    )
    assert trig == nquads == jsonld
    store = Store()
    store.extend(trig)
    (head,) = [
        q for q in trig if q.predicate == TYPE and q.object == NamedNode(NP + "Nanopublication")
    ]
    itself = head.subject
    parts = {
        name: store.quads_for_pattern(itself, NamedNode(NP + name), None, head.graph_name)
        for name in ("hasAssertion", "hasProvenance", "hasPublicationInfo")
    }
    graphs = {name: next(iter(found)).object for name, found in parts.items()}
    assert graphs["hasAssertion"] == row
    assert {quad.graph_name for quad in trig} == {head.graph_name, *graphs.values()}
    published = {q.triple for q in site.source.store.quads_for_pattern(None, None, None, row)}
    assert {quad.triple for quad in trig if quad.graph_name == row} == published
    provenance = [quad for quad in trig if quad.graph_name == graphs["hasProvenance"]]
    assert any(quad.subject == row for quad in provenance)
    assert thing("source/polu-2023-state-not-kidding") in {quad.object for quad in provenance}
    information = [quad for quad in trig if quad.graph_name == graphs["hasPublicationInfo"]]
    assert any(
        quad.subject == itself and quad.predicate.value.endswith("license") for quad in information
    )


def test_a_row_that_is_set_aside_says_so_in_its_publication_info(site: Site) -> None:
    name = "acts-bsa-trilogue-comments-2023-07-note"
    quads = list(parse(content(site, f"data/row/{name}.trig"), format=RdfFormat.TRIG))
    row = thing(f"row/{name}")
    assert any(quad.graph_name == row for quad in quads)
    assert any(quad.predicate == term("setsAside") and quad.object == row for quad in quads)


def test_every_row_has_data(site: Site) -> None:
    for row in site.source.kinds["row"]:
        assert site.data(row.value, "nq")


def test_the_words_of_jsonld_are_the_terms_of_the_ontology(site: Site) -> None:
    document = json.loads(content(site, "data/act/elysee-dinner.jsonld"))
    (act,) = [node for node in document["@graph"] if node["id"] == "thing:act/elysee-dinner"]
    assert "SocialOccasion" in act["type"]
    assert act["addressesActor"] == "thing:actor/emmanuel-macron"
    context = json.loads(content(site, "context.jsonld"))["@context"]
    assert document["@context"].items() <= context.items()
    assert context["addressesActor"] == {"@id": "tlg:addressesActor", "@type": "@id"}


def test_a_document_written_with_the_published_context_alone_is_read(site: Site) -> None:
    context = json.loads(content(site, "context.jsonld"))
    document = {**context, "id": "thing:act/a", "type": "Act", "isPerformedBy": "thing:actor/b"}
    triples = RdflibGraph().parse(data=json.dumps(document), format="json-ld")
    assert (str(TERMS) + "isPerformedBy") in {str(p) for p in triples.predicates()}
    assert (THINGS + "actor/b") in {str(o) for o in triples.objects()}


def test_each_term_is_a_word_of_the_published_context(site: Site) -> None:
    context = json.loads(content(site, "context.jsonld"))
    classes, properties = (
        {node.value for kind in kinds for node in site.source.reader.subjects_of("rdf:type", kind)}
        for kinds in (
            [NamedNode(PREFIXES["owl"] + "Class")],
            [NamedNode(PREFIXES["owl"] + f"{kind}Property") for kind in ("Object", "Datatype")],
        )
    )
    ours = {iri for iri in classes | properties if iri.startswith(TERMS)}
    words = {iri: iri.removeprefix(TERMS) for iri in ours}
    said = {words[iri]: "thing:act/b" for iri in properties & ours}
    document = {**context, "id": "thing:act/a", "type": [words[iri] for iri in classes & ours]}
    triples = RdflibGraph().parse(data=json.dumps({**document, **said}), format="json-ld")
    found = {str(p) for p in triples.predicates()} | {str(o) for o in triples.objects()}
    assert len(ours) > 300
    assert ours <= found


def test_the_dumps_hold_the_graph(site: Site) -> None:
    store = site.source.store
    whole = Dataset(store)
    lines = layers.canonical_lines(whole)
    assert gzip.decompress(content(site, "dumps/trilogue.nq.gz")) == b"".join(lines)
    for form in ("trig", "jsonld"):
        quads = parse(
            gzip.decompress(content(site, f"dumps/trilogue.{form}.gz")),
            format=forms.FORMS[form].format,
        )
        assert layers.canonical_lines(Dataset(quads)) == lines
    triples = parse(
        gzip.decompress(content(site, "dumps/trilogue.ttl.gz")), format=RdfFormat.TURTLE
    )
    assert len({quad.triple for quad in triples}) == len({q.triple for q in site.source.quads})


def test_the_ontology_is_one_file_with_a_version_and_no_imports(site: Site, graph: Graph) -> None:
    stated = (Quad(quad.subject, quad.predicate, quad.object) for quad in site.source.ontology)
    lines = layers.canonical_lines(Dataset(stated))
    for form in forms.OF_ONTOLOGY:
        found = list(
            parse(content(site, f"ontology/trilogue.{form}"), format=forms.FORMS[form].format)
        )
        quads = (Quad(quad.subject, quad.predicate, quad.object) for quad in found)
        store = Store()  # makes decimals of one value one: rdflib writes 0 as 0.0
        store.extend(quads)
        assert layers.canonical_lines(Dataset(store)) == lines
        predicates = {quad.predicate.value for quad in found}
        assert PREFIXES["owl"] + "versionIRI" in predicates
        assert PREFIXES["owl"] + "imports" not in predicates


def test_tables_say_the_same_as_csv_and_parquet(site: Site) -> None:
    rows = list(csv.DictReader(io.StringIO(content(site, "dumps/csv/act.csv").decode())))
    table = parquet.read_table(io.BytesIO(content(site, "dumps/parquet/act.parquet"))).to_pylist()
    assert len(rows) == len(table) == len(site.source.kinds["act"])
    for row, other in zip(rows, table, strict=True):
        joined = {k: " | ".join(v) if isinstance(v, list) else v for k, v in other.items()}
        assert row == joined
    (dinner,) = [row for row in rows if row["key"] == "act/elysee-dinner"]
    assert dinner["isPerformedBy"] == "actor/dust | actor/mistral-ai"
    assert dinner["evidence"].startswith("p. 43")


def test_the_table_of_statements_has_every_statement_of_every_row(site: Site) -> None:
    rows = list(csv.DictReader(io.StringIO(content(site, "dumps/csv/statements.csv").decode())))
    inferred, ontology = THINGS + "graph/inferred", THINGS + "graph/ontology"
    others = {inferred, ontology, PROVENANCE_GRAPH.value}
    quads = [q for q in site.source.quads if str(q.graph_name).strip("<>") not in others]
    assert len(rows) == len(quads)
    evidence = [row for row in rows if row["row"].startswith("row/acts-")]
    assert all(row["evidence"] and row["basis"] for row in evidence)


def test_the_curated_tables_are_published_with_their_metadata(site: Site) -> None:
    metadata = json.loads(content(site, "tables/mapping/thesis.json"))
    for table in metadata["tables"]:
        path = "tables/" + table["url"].removeprefix("../")
        assert content(site, path)


def test_the_alignments_are_published(site: Site) -> None:
    files = list((site.source.project.ontology / "alignments").glob("*.ttl"))
    assert files
    for path in files:
        assert content(site, f"alignments/{path.name}") == path.read_bytes()
