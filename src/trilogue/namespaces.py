"""IRIs of the project, and the prefixes under which it shows foreign ones."""

from __future__ import annotations

from pyoxigraph import NamedNode

TERMS = "https://w3id.org/trilogue/ns#"
THINGS = "https://w3id.org/trilogue/id/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
XSD = "http://www.w3.org/2001/XMLSchema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
PROV = "http://www.w3.org/ns/prov#"

PREFIXES = {
    "cito": "http://purl.org/spar/cito/",
    "dcterms": "http://purl.org/dc/terms/",
    "fabio": "http://purl.org/spar/fabio/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "org": "http://www.w3.org/ns/org#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": PROV,
    "rdf": RDF,
    "rdfs": RDFS,
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": SKOS,
    "tlg": TERMS,
    "xsd": XSD,
}

ONTOLOGY_GRAPH = NamedNode(THINGS + "graph/ontology")
PROVENANCE_GRAPH = NamedNode(THINGS + "graph/provenance")
INFERRED_GRAPH = NamedNode(THINGS + "graph/inferred")

TYPE = NamedNode(RDF + "type")
DERIVED_FROM = NamedNode(PROV + "wasDerivedFrom")


def term(name: str) -> NamedNode:
    """Return the ontology's term of that local name.

    >>> term("Act").value
    'https://w3id.org/trilogue/ns#Act'
    """
    return NamedNode(TERMS + name)


def thing(path: str) -> NamedNode:
    """Return the IRI of a thing, given `kind/key`.

    >>> thing("actor/mistral-ai").value
    'https://w3id.org/trilogue/id/actor/mistral-ai'
    """
    return NamedNode(THINGS + path)


def iri_of(node: object) -> str:
    """Return the IRI of a node, or nothing where the node is no IRI.

    >>> iri_of(term("Act")), iri_of("Act")
    ('https://w3id.org/trilogue/ns#Act', '')
    """
    return node.value if isinstance(node, NamedNode) else ""


def compact(iri: str) -> str:
    """Shorten an IRI for reading: `kind/key` for things, a prefixed name for terms.

    >>> compact("https://w3id.org/trilogue/id/actor/mistral-ai")
    'actor/mistral-ai'
    >>> compact("http://www.w3.org/ns/org#member")
    'org:member'
    >>> compact("https://example.org/other")
    'https://example.org/other'
    """
    if iri.startswith(THINGS):
        return iri.removeprefix(THINGS)
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and iri != namespace:
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return iri


def expand(name: str) -> str:
    """Undo `compact`; a full IRI in or out of angle brackets stays as it is.

    >>> expand("actor/mistral-ai")
    'https://w3id.org/trilogue/id/actor/mistral-ai'
    >>> expand("tlg:Act")
    'https://w3id.org/trilogue/ns#Act'
    >>> expand("<https://example.org/other>")
    'https://example.org/other'
    """
    name = name.strip().removeprefix("<").removesuffix(">")
    prefix, colon, local = name.partition(":")
    if colon and prefix in PREFIXES:
        return PREFIXES[prefix] + local
    if "://" in name:
        return name
    return THINGS + name
