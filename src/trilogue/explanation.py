"""Why something follows, or why nothing can: the minimal sets of axioms and rows, with pages.

Justifications are found by the black-box algorithm of Kalyanpur and others (*Finding All
Justifications of OWL DL Entailments*, ISWC 2007) as owlexplanation implements it. It tries many
subsets of what it is given; hence it is given what stands near the things in question, and more
only where that does not suffice.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad, Triple

from trilogue import checks, consistency, layers, reasoner
from trilogue.errors import TrilogueError, nearest
from trilogue.namespaces import PREFIXES, RDFS, SKOS, TYPE, compact, expand, iri_of, term
from trilogue.project import Project
from trilogue.verbalisation import indefinite, verbalise

_RADII = (1, 2, 3, 4)
_MOST_NEIGHBOURS = 200
_PATIENCE = 60_000  # milliseconds, for one call of owlexplanation
_NAMES = [RDFS + "label", SKOS + "prefLabel", PREFIXES["dcterms"] + "title"]


@dataclass(frozen=True, order=True)
class Reason:
    """An axiom or assertion: in words, as the OWLAPI writes it, and where it stands.

    `places` are files with line; `locators` are the pages and notes of the rows, and are empty for
    an axiom of the ontology.
    """

    words: str
    axiom: str
    places: tuple[str, ...]
    locators: tuple[str, ...]


@dataclass(frozen=True)
class Explanation:
    """A minimal set of reasons from which the conclusion follows, axioms first."""

    conclusion: str
    reasons: tuple[Reason, ...]

    def markdown(self, number: int) -> str:
        """Return the explanation as a Markdown section."""
        lines = [f"## {number}. {self.conclusion}", ""]
        for reason in self.reasons:
            where = "; ".join((*reason.locators, *reason.places))
            lines.append(f"- {reason.words} ({where})" if where else f"- {reason.words}")
        return "\n".join((*lines, "", ""))


def why_inconsistent(
    project: Project, quads: Iterable[Quad], limit: int = 10
) -> Iterator[Explanation]:
    """Yield why a layer is inconsistent; nothing where it is not.

    What the checks of OWL clashes find tells where to look first.
    """
    quads = list(quads)
    suspects = [finding.subject for finding in checks.run(project, quads, covering="OWL ")]
    yield from Explainer(quads, layers.places(project)).inconsistency(suspects, limit)


class Explainer:
    """Explains what follows from ontology and rows.

    `places` gives the files and lines of row graphs and terms.
    """

    def __init__(self, quads: Iterable[Quad], places: Mapping[str, Sequence[str]]) -> None:
        quads = list(quads)
        self._sources = _Sources(quads, places)
        axioms, self._assertions = reasoner.parted(consistency.logical(quads))
        self._kinds = reasoner.property_kinds(axioms)
        self._terms = _Terms(reasoner.read_axioms(axioms))
        self._about: dict[str, list[Triple]] = defaultdict(list)
        for triple in self._assertions:
            for end in self._ends(triple):
                self._about[end].append(triple)

    def _ends(self, triple: Triple) -> list[str]:
        """Return what a statement joins: things, or a thing and a value that is part of a key."""
        subject, predicate, value = triple
        ends = [iri_of(subject)]
        if isinstance(value, NamedNode) and predicate != TYPE:
            ends.append(value.value)
        if isinstance(value, Literal) and predicate.value in self._terms.of_keys:
            ends.append(f"{predicate.value} {value.value}")
        return ends

    def known(self, name: str) -> str:
        """Return the IRI of a thing or term; raises `TrilogueError` where nothing declares it."""
        iri = expand(name)
        if iri == TYPE.value:
            return iri
        if iri not in self._sources.subjects:
            shown = map(compact, self._sources.subjects)
            raise TrilogueError(f"'{name}': nothing is known of it{nearest(name, shown)}")
        return iri

    def inconsistency(self, suspects: Iterable[str], limit: int = 10) -> Iterator[Explanation]:
        """Yield why not all can be as stated; nothing where it can.

        `suspects` are IRIs of things near which a clash is likely: they are looked at first.
        Then all things are searched by halves, until what is left is consistent.
        """
        found: set[Explanation] = set()
        blamed: set[_Key] = set()
        for assertions in self._clashing(suspects, blamed):
            for axioms in _inconsistencies(self._module(assertions), limit):
                explanation = self._explanation("not all of this can hold", axioms)
                blamed.update(filter(None, map(_key_of_axiom, axioms)))
                if explanation not in found:
                    found.add(explanation)
                    yield explanation
                if len(found) >= limit:
                    return

    def unsatisfiable(self, name: str, limit: int = 10) -> Iterator[Explanation]:
        """Yield why a class cannot have members; raises `TrilogueError` where it can."""
        factory = _data_factory()
        axiom = factory.getOWLSubClassOfAxiom(_class(name), factory.getOWLNothing())
        conclusion = f"nothing can be {indefinite(self._sources.name(name))}"
        yield from self._entailment(axiom, conclusion, [], limit)

    def statement(
        self, subject: str, predicate: str, value: str, limit: int = 10
    ) -> Iterator[Explanation]:
        """Yield why a statement follows; `value` is the IRI of a class or a thing.

        Raises `TrilogueError` where it does not follow.
        """
        factory = _data_factory()
        things = [subject]
        if predicate == TYPE.value:
            axiom = factory.getOWLClassAssertionAxiom(_class(value), _individual(subject))
        else:
            prop = factory.getOWLObjectProperty(_iri(predicate))
            axiom = factory.getOWLObjectPropertyAssertionAxiom(
                prop, _individual(subject), _individual(value)
            )
            things.append(value)
        yield from self._entailment(axiom, verbalise(axiom, self._sources.name), things, limit)

    def _entailment(
        self, axiom: Any, conclusion: str, things: list[str], limit: int
    ) -> Iterator[Explanation]:
        neighbourhoods = (self._near(things, radius, set()) for radius in _RADII)
        for assertions in [*(neighbourhoods if things else [[]]), self._assertions]:
            ontology = self._module(assertions, axiom)
            if reasoner.Reasoner(ontology).entails(axiom):
                found: dict[Explanation, None] = {}
                for part in (_stated(ontology), ontology):
                    for axioms in _entailments(part, axiom, limit - len(found)):
                        explanation = self._explanation(f"{conclusion}, because", axioms)
                        if explanation not in found:
                            found[explanation] = None
                            yield explanation
                return
        raise TrilogueError(f"it does not follow that {conclusion}")

    def _clashing(self, suspects: Iterable[str], blamed: set[_Key]) -> Iterator[list[Triple]]:
        """Yield small sets of assertions with a clash, until what is not blamed has none."""
        for thing in dict.fromkeys(suspects):
            assertions = self._near([thing], 1, set())
            if self._clash(assertions):
                yield assertions
        while self._clash(left := [item for item in self._assertions if _key(item) not in blamed]):
            yield self._narrowed(left, blamed)

    def _narrowed(self, left: list[Triple], blamed: set[_Key]) -> list[Triple]:
        """Return a smaller set of assertions that clash, found by halves."""
        for radius in _RADII:
            things = sorted({iri_of(triple.subject) for triple in left})
            while len(things) > 1:
                middle = len(things) // 2
                for part in (things[:middle], things[middle:]):
                    if self._clash(self._near(part, radius, blamed)):
                        things = part
                        break
                else:
                    break
            if len(things) == 1:
                return self._near(things, radius, blamed)
        return left

    def _clash(self, assertions: list[Triple]) -> bool:
        return not reasoner.Reasoner(self._module(assertions)).consistent

    def _near(self, things: Iterable[str], radius: int, blamed: set[_Key]) -> list[Triple]:
        """Return the assertions about all that so many steps lead to, and what the ends are."""
        reached, frontier = set(things), set(things)
        found: dict[Triple, None] = {}
        for _ in range(radius):
            ends: set[str] = set()
            for thing in frontier:
                for triple in self._about[thing]:
                    found[triple] = None
                    ends.update(self._ends(triple))
            frontier = {end for end in ends - reached if len(self._about[end]) < _MOST_NEIGHBOURS}
            reached |= ends
        for thing in reached:
            for triple in self._about[thing]:
                if triple.predicate == TYPE or isinstance(triple.object, Literal):
                    found[triple] = None
        return [triple for triple in found if _key(triple) not in blamed]

    def _module(self, assertions: list[Triple], axiom: Any = None) -> Any:
        """Return an ontology of the assertions and of all axioms that can matter to them."""
        part = reasoner.read_assertions(assertions, self._kinds)
        ontology = reasoner.joined(part)
        signature = ontology.getSignature()
        if axiom is not None:
            signature.addAll(axiom.getSignature())
        return reasoner.joined(part, self._terms.module(signature))

    def _explanation(self, conclusion: str, axioms: Iterable[Any]) -> Explanation:
        reasons = sorted(
            map(self._sources.reason, axioms), key=lambda reason: (reason.locators, reason)
        )
        return Explanation(conclusion[:1].upper() + conclusion[1:], tuple(reasons))


_Key = tuple[str, str, str]


def _key(triple: Triple) -> _Key:
    value = triple.object
    text = value.value if isinstance(value, (NamedNode, Literal)) else ""
    return (iri_of(triple.subject), triple.predicate.value, text.removesuffix("T00:00:00"))


def _key_of_axiom(axiom: Any) -> _Key | None:
    """Return what an assertion of the OWLAPI states, or nothing for an axiom of another kind."""
    kind = str(axiom.getAxiomType().getName())
    if kind == "ClassAssertion" and axiom.getClassExpression().isNamed():
        subject, value = axiom.getIndividual(), axiom.getClassExpression().toStringID()
        return (str(subject.toStringID()), TYPE.value, str(value))
    if kind not in ("ObjectPropertyAssertion", "DataPropertyAssertion"):
        return None
    value = axiom.getObject()
    text = value.getLiteral() if kind.startswith("Data") else value.toStringID()
    subject, prop = axiom.getSubject().toStringID(), axiom.getProperty().toStringID()
    return (str(subject), str(prop), str(text).removesuffix("T00:00:00"))


class _Terms:
    """The axioms of the ontology, from which modules are taken.

    `of_keys` are the properties that keys are made of.
    """

    def __init__(self, axioms: Any) -> None:
        self._different: list[Any] = []
        self._keys: list[Any] = []
        kept = []
        for axiom in axioms:
            kind = str(axiom.getAxiomType().getName())
            if kind == "DifferentIndividuals":
                self._different.append(axiom)
            elif kind == "HasKey":
                self._keys.append(axiom)
            elif kind == "DisjointClasses":
                kept.extend(axiom.asPairwiseAxioms())
            else:
                kept.append(axiom)
        self.of_keys = {
            str(item.toStringID())
            for axiom in self._keys
            for item in axiom.getDataPropertiesInSignature()
        }
        ontology = reasoner.joined(kept)
        modularity = reasoner.start("uk").ac.manchester.cs.owlapi.modularity
        self._extractor = modularity.SyntacticLocalityModuleExtractor(
            ontology.getOWLOntologyManager(), ontology, modularity.ModuleType.STAR
        )

    def module(self, signature: Any) -> Any:
        """Return the axioms that can matter to the terms and individuals of a signature.

        The module is a star module of syntactic locality (Sattler, Schneider and Zakharyaschev,
        *Which Kind of Module Should I Extract?*, DL 2009). Disjointness of many classes, and
        difference of many individuals, are stated pair by pair, so that a reason is exact. Keys
        are added, since the extractor passes over them.
        """
        axioms = self._extractor.extract(signature)
        axioms.addAll(self._keys)
        factory = _data_factory()
        for axiom in self._different:
            known = [item for item in axiom.getIndividualsAsList() if signature.contains(item)]
            for place, first in enumerate(known):
                for second in known[place + 1 :]:
                    axioms.add(factory.getOWLDifferentIndividualsAxiom(first, second))
        return axioms


class _Sources:
    """Where statements stand, and the names of things."""

    def __init__(self, quads: list[Quad], places: Mapping[str, Sequence[str]]) -> None:
        self._places = places
        self.subjects = {iri_of(quad.subject) for quad in quads}
        self._graphs: dict[_Key, set[str]] = defaultdict(set)
        self._locators: dict[str, str] = {}
        self._labels: dict[str, tuple[int, str]] = {}
        for quad in quads:
            self._graphs[_key(quad.triple)].add(iri_of(quad.graph_name))
            value = quad.object
            if not isinstance(value, Literal):
                continue
            if quad.predicate == term("locator"):
                self._locators[iri_of(quad.subject)] = value.value
            elif quad.predicate.value in _NAMES and value.language != "zh":
                rank = (_NAMES.index(quad.predicate.value), value.value)
                subject = iri_of(quad.subject)
                self._labels[subject] = min(rank, self._labels.get(subject, rank))

    def name(self, iri: str) -> str:
        """Return the English name of a thing or term; its compact IRI where it has none."""
        return self._labels[iri][1] if iri in self._labels else compact(iri)

    def reason(self, axiom: Any) -> Reason:
        """Return an axiom in words, with files, lines and pages."""
        key = _key_of_axiom(axiom)
        text = str(axiom)
        graphs = self._graphs.get(key, set()) if key else set()
        named = graphs or [iri for iri in re.findall("<([^>]+)>", text) if iri in self._places][:1]
        places = sorted({place for iri in named for place in self._places.get(iri, [compact(iri)])})
        locators = sorted({self._locators[iri] for iri in graphs if iri in self._locators})
        return Reason(verbalise(axiom, self.name), text, tuple(places), tuple(locators))


def _stated(ontology: Any) -> Any:
    """Return an ontology without what types things by the statements about them.

    A type that a row states explains better than one that follows from a domain, a range or a
    restriction on all values.
    """
    kept = []
    for axiom in ontology.getAxioms():
        kind = str(axiom.getAxiomType().getName())
        if kind.endswith(("PropertyDomain", "PropertyRange")):
            continue
        if kind == "SubClassOf" and "AllValuesFrom" in str(axiom):
            continue
        kept.append(axiom)
    return reasoner.joined(kept)


def _inconsistencies(ontology: Any, limit: int) -> Iterator[Any]:
    """Yield minimal inconsistent sets of axioms."""
    blackbox = reasoner.start().semanticweb.owl.explanation.impl.blackbox.checker
    factory = blackbox.InconsistentOntologyExplanationGeneratorFactory(_hermit(), _PATIENCE)
    data = _data_factory()
    bottom = data.getOWLSubClassOfAxiom(data.getOWLThing(), data.getOWLNothing())
    for found in factory.createExplanationGenerator(ontology).getExplanations(bottom, limit):
        yield found.getAxioms()


def _entailments(ontology: Any, axiom: Any, limit: int) -> Iterator[Any]:
    """Yield minimal sets of axioms from which an axiom follows; none where none is asked for."""
    if limit < 1:
        return
    manager = reasoner.start().semanticweb.owl.explanation.api.ExplanationManager
    factory = manager.createExplanationGeneratorFactory(_hermit())
    for found in factory.createExplanationGenerator(ontology).getExplanations(axiom, limit):
        yield found.getAxioms()


def _hermit() -> Any:
    return reasoner.start().semanticweb.HermiT.ReasonerFactory()


def _data_factory() -> Any:
    return reasoner.start().semanticweb.owlapi.apibinding.OWLManager.getOWLDataFactory()


def _iri(name: str) -> Any:
    return reasoner.start().semanticweb.owlapi.model.IRI.create(name)


def _class(name: str) -> Any:
    return _data_factory().getOWLClass(_iri(name))


def _individual(name: str) -> Any:
    return _data_factory().getOWLNamedIndividual(_iri(name))
