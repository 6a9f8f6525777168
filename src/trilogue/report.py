"""How the graph stands against the bars that it sets itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from trilogue import (
    checks,
    consistency,
    contradictions,
    inference,
    layers,
    reasoner,
    validation,
)
from trilogue.graph import Graph, LayersInMemory
from trilogue.project import Project, Step, unreported
from trilogue.remote.addresses import CONTESTED, REASONED, RESOLVED

COLUMNS = ("bar", "measured", "required", "passed")
_MOST_DETAILS = 20
_SOMEWHERE = "https://example.org/trilogue/"


@dataclass(frozen=True)
class Score:
    """One bar: what was measured, what is required, whether it is met, and what missed it."""

    bar: str
    measured: str
    required: str
    passed: bool
    details: tuple[str, ...] = ()

    def cells(self) -> tuple[str, ...]:
        """Return the score as one row of a table, in the order of `COLUMNS`."""
        return (self.bar, self.measured, self.required, str(self.passed).lower())


def scores(held: LayersInMemory, step: Step = unreported) -> Iterator[Score]:
    """Yield the scores as they are measured; all take some fifteen seconds.

    Raises `TrilogueError` where the layers have not been built.
    """
    yield from _reasoning(held, step)
    yield from _data(held, step)
    yield from _published(held, step)


def _reasoning(held: LayersInMemory, step: Step) -> Iterator[Score]:
    step("reasoning (HermiT)")
    triples = consistency.logical(inference.given(held.project, held.quads(RESOLVED)))
    violations = reasoner.profile_violations(reasoner.load(triples))
    yield _none("OWL 2 DL profile", "violations", violations)
    outcome = reasoner.Reasoner(consistency.load(triples)).check()
    yield Score(
        "consistency of the resolved layer",
        "consistent" if outcome.consistent else "inconsistent",
        "consistent",
        outcome.consistent,
        () if outcome.consistent else ("see `trilogue explain --layer resolved`",),
    )
    yield _none("satisfiability", "classes without possible members", outcome.unsatisfiable)


def _data(held: LayersInMemory, step: Step) -> Iterator[Score]:
    project = held.project
    step("validating (SHACL)")
    quads = held.store(REASONED)
    findings = validation.validate_quads(quads, validation.shapes_of(project)).findings
    grave = [f"{item.focus}: {item.message}" for item in findings if item.severity == "Violation"]
    counts = Counter(item.severity for item in findings)
    measured = ", ".join(f"{counts[name]} {name}" for name in ("Violation", "Warning", "Info"))
    yield Score("shapes (SHACL)", measured, "0 Violation", not grave, tuple(grave[:_MOST_DETAILS]))
    step("checking")
    found = checks.run(project, quads, lambda: layers.places(project))
    yield from _checkers(project, found)
    step("looking for contradictions")
    survey = contradictions.survey(project, held.store(CONTESTED))
    undecided = [item for item in survey.found if item.decision == "open"]
    yield Score(
        "contradictions of the source",
        f"{len(survey.found)} found, {len(undecided)} without a decision",
        "0 without a decision",
        not undecided,
        tuple(f"{item.kind}: {item.first.row} {item.second.row}" for item in undecided),
    )
    yield _none("resolutions", "accept what no check finds", survey.idle)


def _checkers(project: Project, found: list[checks.Finding]) -> Iterator[Score]:
    """Return a score for each checker that our checks cover, and one for those of our own."""
    tests: dict[str, dict[str, list[checks.Finding]]] = {}
    for check in checks.read(project):
        for name in check.covers or (f"Trilogue {check.name}",):
            checker, _, test = name.partition(" ")
            of_test = tests.setdefault(checker, {}).setdefault(test, [])
            of_test.extend(item for item in found if item.check.name == check.name)
    for checker, results in sorted(tests.items()):
        items = {item for findings in results.values() for item in findings}
        levels = Counter(item.check.level for item in items)
        clean = sum(not findings for findings in results.values())
        grave = sorted(str(item) for item in items if item.check.level != "INFO")
        yield Score(
            f"checks of {checker}",
            f"{clean} of {len(results)} tests passed; "
            + ", ".join(f"{levels[level]} {level}" for level in checks.LEVELS),
            "0 ERROR, 0 WARN",
            not grave,
            tuple(grave[:_MOST_DETAILS]),
        )


def _published(held: LayersInMemory, step: Step) -> Iterator[Score]:
    """Return how the site stands that would be published, under an address of its own."""
    from trilogue import dereferencing
    from trilogue.publication import checking
    from trilogue.publication.site import Site

    step("asking the site")
    site = Site(Graph.over(held), _SOMEWHERE)
    ask = dereferencing.asker(site)
    tests = dereferencing.foops(dereferencing.follower(ask), site.source.header.title)
    wrong = [f"{test}: {item}" for test, items in tests.items() for item in items]
    clean = sum(not items for items in tests.values())
    yield Score(
        "dereferencing (FOOPS! on the Web)",
        f"{clean} of {len(tests)} tests passed",
        f"{len(tests)} of {len(tests)}",
        not wrong,
        tuple(wrong[:_MOST_DETAILS]),
    )
    yield _none("rules for w3id.org", "names led astray", dereferencing.astray(site, ask))
    step("checking descriptions (SHACL)")
    for name in checking.DESCRIBED:
        found = [f"{item.focus}: {item.message}" for item in checking.findings_of(site, name)]
        yield _none(f"description in {name.upper()}", "findings", found)


def _none(bar: str, what: str, found: list[str] | tuple[str, ...]) -> Score:
    return Score(bar, f"{len(found)} {what}", f"0 {what}", not found, tuple(found[:_MOST_DETAILS]))
