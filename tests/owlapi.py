"""Profile and justifications of files, by the OWLAPI."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jpype

from trilogue import reasoner


def start() -> Any:
    """Return the package of the OWLAPI."""
    return reasoner.start().semanticweb.owlapi


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
