"""Terms of the ontology and concepts of its schemes, as pages show them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from pyoxigraph import NamedNode

from trilogue.namespaces import TERMS, TYPE, expand
from trilogue.publication import addresses
from trilogue.publication.source import Source
from trilogue.publication.statements import Group, Thing, Value

SECTIONS = {
    "Classes": "owl:Class",
    "Object properties": "owl:ObjectProperty",
    "Datatype properties": "owl:DatatypeProperty",
    "Annotation properties": "owl:AnnotationProperty",
}
"""The parts of the page of the ontology, each with the class of its terms."""

_SHOWN_OF_TERMS = {
    name: expand(name)
    for name in (
        "rdfs:subClassOf", "owl:equivalentClass", "owl:disjointWith", "rdfs:subPropertyOf",
        "owl:inverseOf", "owl:propertyChainAxiom", "rdfs:domain", "rdfs:range", "skos:example",
        "skos:scopeNote", "skos:altLabel", "tlg:exceptionReason", "tlg:unusedReason",
    )
}  # fmt: skip


@dataclass(frozen=True)
class Concept:
    """A concept of a scheme with those that are narrower."""

    value: Value
    chinese: str
    definition: str
    narrower: tuple[Concept, ...]


@dataclass(frozen=True)
class Term:
    """A class or property as the page of the ontology shows it."""

    name: str
    thing: Thing
    definitions: tuple[str, ...]
    groups: tuple[Group, ...]


def terms(source: Source, class_: NamedNode) -> list[Term]:
    """Return our terms of a class of OWL, in order of their labels."""
    reader = source.reader
    found = {
        quad.subject
        for quad in source.store.quads_for_pattern(None, TYPE, class_, None)
        if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(TERMS)
    }
    told = []
    for node in found:
        name, thing = addresses.name_of(node.value), reader.thing(node.value)
        if name is None or thing is None:
            continue
        groups = {group.property.iri: group for group in (*thing.statements, *thing.links)}
        shown = [groups[iri] for iri in _SHOWN_OF_TERMS.values() if iri in groups]
        definitions = tuple(reader.literals(node, "skos:definition"))
        told.append(Term(name.partition("/")[2], thing, definitions, tuple(shown)))
    return sorted(told, key=lambda term: (term.thing.label.casefold(), term.name))


def concepts(source: Source, scheme: str) -> list[Concept]:
    """Return the concepts of a scheme as a tree, the broadest first."""
    reader = source.reader
    members = reader.subjects_of("skos:inScheme", NamedNode(scheme))
    narrower: dict[NamedNode | None, list[NamedNode]] = defaultdict(list)
    for node in members:
        broader = [item for item in reader.objects(node, "skos:broader") if item in members]
        for item in broader:
            narrower[item].append(node)
        if not broader:
            narrower[None].append(node)

    def branch(parent: NamedNode | None, above: frozenset[NamedNode]) -> Iterator[Concept]:
        for node in sorted(narrower[parent], key=lambda item: (reader.name(item), item.value)):
            if node not in above:
                below = tuple(branch(node, above | {node}))
                definition = " ".join(reader.literals(node, "skos:definition"))
                yield Concept(reader.value(node), reader.labels(node)[1], definition, below)

    return list(branch(None, frozenset()))
