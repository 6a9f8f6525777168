"""Profile and justifications of files, by the OWLAPI."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jpype
from pyoxigraph import Quad

from trilogue import consistency, reasoner
from trilogue.namespaces import THINGS, TYPE


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
    return reasoner.profile_violations(load(file))


class Background:
    """An ontology that data is held against, loaded once."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        """Load the axioms and assertions of the quads."""
        triples = consistency.logical(quads)
        self._axioms = reasoner.load(triples).getAxioms()
        self._kinds = reasoner.property_kinds(triples)
        self._declarations = [
            triple
            for triple in triples
            if triple.subject in self._kinds and triple.predicate == TYPE
        ]

    def justification(self, data: Iterable[Quad]) -> list[str]:
        """Return the axioms of one minimal justification why the data contradicts the ontology.

        Nothing where it does not. Only the module of the ontology is searched that bears on what
        the data names: it entails the same about it (Cuenca Grau and others, *Modular Reuse of
        Ontologies*, 2008).
        """
        declared = [Quad(*triple) for triple in self._declarations]
        axioms, assertions = reasoner.parted(consistency.logical([*declared, *data]))
        given = reasoner.read_assertions(assertions, self._kinds)
        owlapi, hermit = start(), reasoner.start().semanticweb.HermiT.ReasonerFactory()
        whole = reasoner.joined(self._axioms, reasoner.read_axioms(axioms), given)
        modularity = reasoner.start("uk").ac.manchester.cs.owlapi.modularity
        extractor = modularity.SyntacticLocalityModuleExtractor(
            whole.getOWLOntologyManager(), whole, modularity.ModuleType.BOT
        )
        module = extractor.extract(reasoner.joined(given).getSignature())
        module.addAll(whole.getAxioms(owlapi.model.AxiomType.HAS_KEY))  # which it passes over
        if reasoner.Reasoner(reasoner.joined(module)).consistent:
            return []
        owl = reasoner.start().semanticweb.owl
        checker = owl.explanation.impl.blackbox.checker
        generators = checker.InconsistentOntologyExplanationGeneratorFactory(hermit, 60_000)
        factory = whole.getOWLOntologyManager().getOWLDataFactory()
        clash = factory.getOWLSubClassOfAxiom(factory.getOWLThing(), factory.getOWLNothing())
        found = generators.createExplanationGenerator(module).getExplanations(clash, 1)
        return sorted(str(axiom) for explanation in found for axiom in explanation.getAxioms())


class Realisation(reasoner.Reasoner):
    """What HermiT finds of the individuals in an ontology, types apart."""

    def statements(self, name: str) -> set[tuple[str, str]]:
        """Return the pairs of things of ours that an object property holds between."""
        owlapi = start()
        factory = self.ontology.getOWLOntologyManager().getOWLDataFactory()
        item = factory.getOWLObjectProperty(owlapi.model.IRI.create(name))
        return {
            (thing, value)
            for individual in self.ontology.getIndividualsInSignature()
            if (thing := str(individual.toStringID())).startswith(THINGS)
            for found in self._hermit.getObjectPropertyValues(individual, item).getFlattened()
            if (value := str(found.toStringID())).startswith(THINGS)
        }

    def merged(self) -> list[tuple[str, ...]]:
        """Return the things of ours that go by two names."""
        groups = {
            tuple(
                sorted(name for item in same if (name := str(item.toStringID())).startswith(THINGS))
            )
            for individual in self.ontology.getIndividualsInSignature()
            for same in [self._hermit.getSameIndividuals(individual).getEntities()]
        }
        return sorted(group for group in groups if len(group) > 1)
