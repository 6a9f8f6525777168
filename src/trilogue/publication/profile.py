"""PROF: what holds for data that keep to the ontology, and in which files it stands.

The profile is of the vocabularies that the ontology takes terms from; its resources are the
ontology, its page, the shapes and the JSON-LD context (https://www.w3.org/TR/dx-prof/).
"""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, Triple

from trilogue.namespaces import PREFIXES, RDFS, TYPE, iri_of
from trilogue.publication import addresses, forms
from trilogue.publication.descriptions import MEDIA_TYPES
from trilogue.publication.header import ONTOLOGY
from trilogue.publication.source import Source

PATH = "prof.ttl"

_PROF = "http://www.w3.org/ns/dx/prof/"
_ROLE = _PROF + "role/"
_OWN = addresses.HOME + PATH + "#"
_DCTERMS, _FOAF = PREFIXES["dcterms"], PREFIXES["foaf"]


def profile(source: Source) -> bytes:
    """Return the description of the profile as Turtle."""
    triples = {*_profile(source), *_resources(source)}
    return forms.written(forms.ordered(triples), forms.FORMS["ttl"], {"prof": _PROF})


def _profile(source: Source) -> Iterator[Triple]:
    itself, agent, header = NamedNode(_OWN + "profile"), NamedNode(_OWN + "authors"), source.header
    yield Triple(itself, TYPE, NamedNode(_PROF + "Profile"))
    said: list[tuple[str, NamedNode | Literal]] = [
        (_DCTERMS + "title", Literal(header.title, language="en")),
        (_DCTERMS + "description", Literal(header.description, language="en")),
        (_DCTERMS + "license", NamedNode(header.licence)),
        (_DCTERMS + "publisher", agent),
        (_PROF + "hasToken", Literal("trilogue")),
        *((_PROF + "isProfileOf", NamedNode(iri)) for iri in _vocabularies(source)),
    ]
    for name, value in said:
        yield Triple(itself, NamedNode(name), value)
    yield Triple(agent, TYPE, NamedNode(_FOAF + "Agent"))
    for who in sorted({*header.creators, *header.publishers}):
        yield Triple(agent, NamedNode(_FOAF + "name"), Literal(who))


def _vocabularies(source: Source) -> list[str]:
    """Return the vocabularies of others whose terms the ontology declares."""
    defined = NamedNode(RDFS + "isDefinedBy")
    found = source.store.quads_for_pattern(None, defined, None, None)
    return sorted({iri_of(quad.object) for quad in found} - {ONTOLOGY})


def _resources(source: Source) -> Iterator[Triple]:
    turtle, html = forms.FORMS["ttl"].media_type, "text/html"
    yield from _resource(source, "ontology/trilogue.ttl", "vocabulary", "Ontology", turtle)
    yield from _resource(source, "ontology/index.html", "guidance", "Ontology for people", html)
    context = forms.FORMS["jsonld"].media_type
    yield from _resource(source, "context.jsonld", "mapping", "JSON-LD context", context)
    for name in source.shapes:
        yield from _resource(source, f"shapes/{name}.ttl", "validation", f"Shapes: {name}", turtle)


def _resource(
    source: Source, path: str, role: str, title: str, media_type: str
) -> Iterator[Triple]:
    itself = NamedNode(_OWN + path.replace("/", "-").partition(".")[0])
    yield Triple(NamedNode(_OWN + "profile"), NamedNode(_PROF + "hasResource"), itself)
    yield Triple(itself, TYPE, NamedNode(_PROF + "ResourceDescriptor"))
    for name, value in (
        (_DCTERMS + "title", Literal(title, language="en")),
        (_DCTERMS + "format", NamedNode(MEDIA_TYPES + media_type)),
        (_PROF + "hasRole", NamedNode(_ROLE + role)),
        (_PROF + "hasArtifact", NamedNode(source.address + path)),
    ):
        yield Triple(itself, NamedNode(name), value)
