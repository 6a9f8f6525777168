"""The query catalogue for machines: `sh:SPARQLExecutable`, in the form of SIB's examples.

Each query is described with its question, its text, and the endpoint that it may be put to; see
https://github.com/sib-swiss/sparql-examples.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, Triple

from trilogue.catalogue import Query
from trilogue.errors import QueryError
from trilogue.namespaces import PREFIXES, RDFS, TYPE, XSD
from trilogue.publication import addresses, forms
from trilogue.publication.source import Source

SCHEMA = "https://schema.org/"

_SH = PREFIXES["sh"]
_OWN = addresses.HOME + "queries/catalogue.ttl#"
_CLASSES = {"SELECT": "Select", "CONSTRUCT": "Construct", "ASK": "Ask", "DESCRIBE": "Describe"}
_BEFORE_FORM = re.compile(r"\s*(?:#[^\n]*\n|PREFIX\s+\S*\s*<[^>]*>|BASE\s*<[^>]*>)", re.IGNORECASE)


def catalogue(source: Source) -> bytes:
    """Return the description of all queries as Turtle."""
    triples = [*_prefixes(), *(item for query in source.queries for item in _query(source, query))]
    return forms.written(forms.ordered(set(triples)), forms.FORMS["ttl"], {"schema": SCHEMA})


def form_of(text: str) -> str:
    r"""Return the form of a query: SELECT, CONSTRUCT, ASK or DESCRIBE.

    >>> form_of("# # Who?\nPREFIX a: <b#>\nSELECT * { ?s ?p ?o }")
    'SELECT'
    """
    place = 0
    while match := _BEFORE_FORM.match(text, place):
        place = match.end()
    found = re.match(r"\s*([A-Za-z]+)", text[place:])
    form = found[1].upper() if found else ""
    if form not in _CLASSES:
        raise QueryError(f"a query of no known form: {form or 'none'}")
    return form


def _query(source: Source, query: Query) -> Iterator[Triple]:
    itself, form = NamedNode(_OWN + query.name), form_of(query.text)
    yield Triple(itself, TYPE, NamedNode(_SH + "SPARQLExecutable"))
    yield Triple(itself, TYPE, NamedNode(f"{_SH}SPARQL{_CLASSES[form]}Executable"))
    yield Triple(itself, NamedNode(RDFS + "label"), Literal(query.name))
    yield Triple(itself, NamedNode(RDFS + "comment"), Literal(query.question, language="en"))
    yield Triple(itself, NamedNode(_SH + form.lower()), Literal(query.text))
    yield Triple(itself, NamedNode(_SH + "prefixes"), NamedNode(_OWN + "prefixes"))
    yield Triple(itself, NamedNode(SCHEMA + "keywords"), Literal(query.kind))
    page = NamedNode(f"{source.address}queries/{query.name}.html")
    yield Triple(itself, NamedNode(RDFS + "seeAlso"), page)
    if source.endpoint and not query.asserted:
        yield Triple(itself, NamedNode(SCHEMA + "target"), NamedNode(source.endpoint))


def _prefixes() -> Iterator[Triple]:
    """Yield the prefixes as SHACL declares them."""
    declared = NamedNode(_OWN + "prefixes")
    for prefix, namespace in PREFIXES.items():
        one = NamedNode(f"{_OWN}prefix-{prefix}")
        iri = Literal(namespace, datatype=NamedNode(XSD + "anyURI"))
        yield Triple(declared, NamedNode(_SH + "declare"), one)
        yield Triple(one, NamedNode(_SH + "prefix"), Literal(prefix))
        yield Triple(one, NamedNode(_SH + "namespace"), iri)
