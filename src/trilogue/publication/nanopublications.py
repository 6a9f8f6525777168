"""Rows as nanopublications: assertion, provenance and publication info, each a named graph.

The assertion is the row's own named graph, under its own IRI; the other parts hang on that IRI by
a fragment, so that all of them dereference with the row.
"""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, Quad, Store, Triple

from trilogue.namespaces import (
    INFERRED_GRAPH,
    PREFIXES,
    PROV,
    PROVENANCE_GRAPH,
    XSD,
    iri_of,
    term,
)
from trilogue.nanopublication import NAMESPACE, head
from trilogue.publication import forms, jsonld
from trilogue.publication.header import Header

_DCTERMS = PREFIXES["dcterms"]
_PRIMARY_SOURCE = NamedNode(PROV + "hadPrimarySource")


_SETS_ASIDE = term("setsAside")


def nanopublication(store: Store, row: str, header: Header) -> list[Quad]:
    """Return the four graphs of a row; nothing where there is no such row.

    The publication info names the resolution that sets the row aside, where one does.
    """
    assertion = NamedNode(row)
    stated = [quad.triple for quad in store.quads_for_pattern(None, None, None, assertion)]
    provenance = [
        quad.triple
        for graph in (PROVENANCE_GRAPH, INFERRED_GRAPH)
        for quad in store.quads_for_pattern(assertion, None, None, graph)
        if graph == PROVENANCE_GRAPH or quad.predicate == _PRIMARY_SOURCE
    ]
    if not stated or not provenance:
        return []
    itself = NamedNode(f"{row}#nanopublication")
    evidence, information = (
        NamedNode(f"{row}#{part}") for part in ("provenance", "publication-info")
    )
    parts = {
        NamedNode(f"{row}#head"): head(itself, assertion, evidence, information),
        assertion: stated,
        evidence: provenance,
        information: [
            *_information(itself, header),
            *(quad.triple for quad in store.quads_for_pattern(None, _SETS_ASIDE, assertion, None)),
        ],
    }
    return [
        Quad(triple.subject, triple.predicate, triple.object, graph)
        for graph, triples in parts.items()
        for triple in forms.ordered(set(triples))
    ]


def written(quads: list[Quad], form: str, context: jsonld.Context) -> bytes:
    """Return named graphs, such as those of a nanopublication, in a form of `forms.OF_GRAPHS`."""
    if form == "jsonld":
        graphs: dict[str, list[Triple]] = {}
        for quad in quads:
            graphs.setdefault(iri_of(quad.graph_name), []).append(quad.triple)
        return jsonld.dataset_document(graphs, context)
    return forms.written(quads, forms.FORMS[form], {"np": NAMESPACE})


def _information(itself: NamedNode, header: Header) -> Iterator[Triple]:
    yield Triple(itself, NamedNode(_DCTERMS + "license"), NamedNode(header.licence))
    for creator in header.creators:
        yield Triple(itself, NamedNode(_DCTERMS + "creator"), Literal(creator))
    day = Literal(header.modified, datatype=NamedNode(XSD + "date"))
    yield Triple(itself, NamedNode(_DCTERMS + "created"), day)
