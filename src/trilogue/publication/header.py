"""What the ontology says of itself, which holds for all that is published with it."""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import NamedNode

from trilogue.namespaces import TERMS
from trilogue.publication.things import Reader

ONTOLOGY = TERMS.removesuffix("#")
"""The IRI of the ontology."""


@dataclass(frozen=True)
class Header:
    """Title, version, dates, licence and creators, as the header of the ontology has them."""

    title: str
    description: str
    version: str
    version_iri: str
    created: str
    issued: str
    modified: str
    licence: str
    creators: tuple[str, ...]
    publishers: tuple[str, ...]


def read(reader: Reader) -> Header:
    """Read the header; what it does not say is empty."""
    node = NamedNode(ONTOLOGY)

    def first(name: str) -> str:
        return next(iter(reader.literals(node, name)), "")

    def link(name: str) -> str:
        return next((item.value for item in reader.objects(node, name)), "")

    title, _ = reader.labels(node)
    return Header(
        title,
        first("dcterms:description"),
        first("owl:versionInfo"),
        link("owl:versionIRI"),
        first("dcterms:created"),
        first("dcterms:issued"),
        first("dcterms:modified"),
        link("dcterms:license"),
        tuple(reader.literals(node, "dcterms:creator")),
        tuple(reader.literals(node, "dcterms:publisher")),
    )
