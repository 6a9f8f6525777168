"""What a DL reasoner must see of the graph, and whether that is consistent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad, Triple

from trilogue import keys, reasoner
from trilogue.namespaces import PREFIXES, RDFS, TYPE, XSD
from trilogue.reasoner import Outcome

OWL = PREFIXES["owl"]
_LOGICAL = tuple(PREFIXES[prefix] for prefix in ("owl", "rdf", "xsd"))
_AXIOMS = {RDFS + name for name in ("subClassOf", "subPropertyOf", "domain", "range")}
_DATE = XSD + "date"
# Datatypes outside the OWL 2 datatype map: HermiT stops at them or, worse, passes over them.
_OUTSIDE = {XSD + name for name in ("gYear", "gYearMonth", "date")}


def logical(quads: Iterable[Quad]) -> list[Triple]:
    """Return what a DL reasoner must see: axioms and assertions, without annotations.

    Days become instants (`xsd:dateTime`), because `xsd:date` is no OWL 2 datatype
    (OWL 2 Structural Specification, section 4); years and months are left out, since
    `tlg:earliest` and `tlg:latest` hold the same in days.
    """
    quads = list(quads)
    properties = {
        quad.subject
        for quad in quads
        if quad.predicate == TYPE
        and quad.object in (NamedNode(OWL + "ObjectProperty"), NamedNode(OWL + "DatatypeProperty"))
    }
    kept = []
    for quad in quads:
        name = quad.predicate.value
        axiom = name.startswith(_LOGICAL) or name in _AXIOMS
        if not axiom and quad.predicate not in properties:
            continue
        if name in (OWL + "versionIRI", OWL + "versionInfo"):
            continue
        value = quad.object
        if isinstance(value, Literal) and value.datatype.value in _OUTSIDE:
            if value.datatype.value != _DATE:
                continue
            value = Literal(value.value + "T00:00:00", datatype=NamedNode(XSD + "dateTime"))
        kept.append(Triple(quad.subject, quad.predicate, value))
    return kept


def check(quads: Iterable[Quad]) -> Outcome:
    """Run HermiT over ontology and rows.

    Takes some 3 s for 49,000 axioms and assertions, two thirds of it to start Java and to read
    them; many times that where an axiom names an individual.
    """
    return reasoner.Reasoner(load(logical(quads))).check()


def load(triples: Iterable[Triple]) -> Any:
    """Return what HermiT is given, an OWLAPI ontology: keys are over tokens, or it takes longer."""
    parts = keys.over_tokens(*reasoner.parted(triples), reasoner.value_of)
    return reasoner.read(*parts)
