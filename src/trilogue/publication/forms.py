"""The data about a thing, in the forms in which it is published."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    NamedNode,
    Quad,
    RdfFormat,
    Store,
    Triple,
    serialize,
)

from trilogue.namespaces import PREFIXES, PROVENANCE_GRAPH, THINGS, iri_of

ROWS, GRAPHS = THINGS + "row/", THINGS + "graph/"
"""Where the IRIs of rows begin, and those of the other named graphs."""

_MOST_REFERENCES = 1_000


@dataclass(frozen=True)
class Form:
    """A form of data: what people call it, its media type, and whether it has named graphs."""

    name: str
    media_type: str
    format: RdfFormat
    named_graphs: bool = False


FORMS = {
    "ttl": Form("Turtle", "text/turtle", RdfFormat.TURTLE),
    "jsonld": Form("JSON-LD", "application/ld+json", RdfFormat.JSON_LD),
    "nt": Form("N-Triples", "application/n-triples", RdfFormat.N_TRIPLES),
    "rdf": Form("RDF/XML", "application/rdf+xml", RdfFormat.RDF_XML),
    "trig": Form("TriG", "application/trig", RdfFormat.TRIG, named_graphs=True),
    "nq": Form("N-Quads", "application/n-quads", RdfFormat.N_QUADS, named_graphs=True),
}
"""All forms by the ends of their file names."""

OF_THINGS = ("ttl", "jsonld", "nt", "trig")
"""The forms of the data about a thing; TriG has each statement in its row, with evidence."""

OF_GRAPHS = ("trig", "jsonld", "nq")
"""The forms of a named graph; that of a row is a nanopublication."""

OF_ONTOLOGY = ("ttl", "rdf", "jsonld", "nt")
"""The forms of the ontology."""


def triples_about(store: Store, iri: str) -> list[Triple]:
    """Return what is said of a thing, with its class expressions, and what refers to it.

    References are cut off where there are more than a client would want at once.
    """
    node = NamedNode(iri)
    referring = islice(store.quads_for_pattern(None, None, node, None), _MOST_REFERENCES)
    found = {quad.triple for quad in referring if not isinstance(quad.subject, BlankNode)}
    return ordered(found | {quad.triple for quad in _closure(store, node)})


def quads_about(store: Store, iri: str) -> list[Quad]:
    """Return what is said of a thing in its named graphs, with the provenance of these."""
    own = set(_closure(store, NamedNode(iri)))
    graphs = {iri_of(quad.graph_name) for quad in own}
    evidence = {
        quad
        for graph in graphs
        if graph.startswith(ROWS)
        for quad in store.quads_for_pattern(NamedNode(graph), None, None, PROVENANCE_GRAPH)
    }
    return ordered_quads(own | evidence)


def graph_quads(store: Store, iri: str) -> list[Quad]:
    """Return the quads of a named graph."""
    found = store.quads_for_pattern(None, None, None, NamedNode(iri))
    return ordered_quads(found)


def written(
    statements: Iterable[Triple] | Iterable[Quad], form: Form, prefixes: Mapping[str, str] = {}
) -> bytes:
    """Return triples or quads in a form; `prefixes` come beside those of the project."""
    output = io.BytesIO()
    plain = form.format in (RdfFormat.N_TRIPLES, RdfFormat.N_QUADS)
    bound = None if plain else {**PREFIXES, **prefixes}
    serialize(statements, output, format=form.format, prefixes=bound)
    return output.getvalue()


def triples_written(
    triples: Iterable[Triple], form: Form, prefixes: Mapping[str, str] = {}
) -> bytes:
    """Return triples as people like to read them: in Turtle, blank nodes stand in brackets.

    Their labels must be canonical. Takes longer than `written` where there are any.
    """
    triples = list(triples)
    if form.format != RdfFormat.TURTLE or not any(map(_has_blank_node, triples)):
        return written(triples, form, prefixes)
    from trilogue import turtle  # rdflib, which only class expressions need

    return turtle.nested(triples, {**PREFIXES, **prefixes}).encode()


def ordered(triples: Iterable[Triple]) -> list[Triple]:
    """Return triples in the order of their terms, so that the same ones give the same bytes.

    Blank nodes, which have other labels in each store, get canonical ones.
    """
    triples = list(triples)
    if any(map(_has_blank_node, triples)):
        quads = (Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
        return [quad.triple for quad in ordered_quads(quads)]
    return sorted(triples, key=_key)


def ordered_quads(quads: Iterable[Quad]) -> list[Quad]:
    """Return quads in the order of their graphs and terms, with canonical blank nodes."""
    quads = list(quads)
    if any(map(_has_blank_node, quads)):
        dataset = Dataset(quads)
        dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
        quads = list(dataset)
    return sorted(quads, key=lambda quad: (str(quad.graph_name), *_key(quad.triple)))


def _has_blank_node(statement: Triple | Quad) -> bool:
    return isinstance(statement.subject, BlankNode) or isinstance(statement.object, BlankNode)


def _key(triple: Triple) -> tuple[str, str, str]:
    return (str(triple.subject), triple.predicate.value, str(triple.object))


def _closure(store: Store, node: Any, met: frozenset[Any] = frozenset()) -> Iterator[Quad]:
    """Yield what is said of a node, and of the blank nodes that this leads to."""
    for quad in store.quads_for_pattern(node, None, None, None):
        yield quad
        if isinstance(quad.object, BlankNode) and quad.object not in met:
            yield from _closure(store, quad.object, met | {quad.object})
