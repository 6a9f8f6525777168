"""Commands that make the dataset: build, reason, validate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from trilogue import errors
from trilogue.cli.app import app, console, messages, steps
from trilogue.namespaces import compact
from trilogue.project import Project, Step

if TYPE_CHECKING:
    from pyoxigraph import Quad

_MOST_CAUSES = 5


@app.command()
def build() -> None:
    """Check the rows and write the asserted and the resolved layer.

    Example: `trilogue build`
    """
    from trilogue import layers

    project = Project.find()
    with steps(3) as step:
        counts = layers.build(project, step)
    for layer, count in counts.items():
        console.print(f"{layer}: {count:,} quads")


@app.command()
def reason() -> None:
    """Materialise what the ontology entails, and check that it is consistent.

    Exits with 1 where the resolved layer is inconsistent or a class cannot have members.
    Example: `trilogue reason`
    """
    project = Project.find()
    with steps(4) as step:
        counts = _reason(project, step)
    for layer, count in counts.items():
        console.print(f"{layer}: {count:,} quads")
    console.print("consistent, no unsatisfiable class (HermiT)")


def _reason(project: Project, step: Step) -> dict[str, int]:
    from trilogue import consistency, inference

    step("checking consistency (HermiT)")
    quads = inference.given(project)
    outcome = consistency.check(quads)
    if not outcome.consistent:
        step("looking for the cause")
        raise errors.TrilogueError("\n".join(_causes(project, quads)))
    if outcome.unsatisfiable:
        names = ", ".join(map(compact, outcome.unsatisfiable))
        raise errors.TrilogueError(f"classes that cannot have members: {names}")
    return inference.reason(project, step)


def _causes(project: Project, quads: list[Quad]) -> Iterator[str]:
    from trilogue import explanation

    yield "the resolved layer is inconsistent (HermiT)"
    for number, found in enumerate(explanation.why_inconsistent(project, quads, _MOST_CAUSES), 1):
        for reason in found.reasons:
            place = "; ".join((*reason.places, *reason.locators))
            yield f"  {number}. {place}: {reason.words}"


class Severity(StrEnum):
    """How grave a finding must be to be shown."""

    violation = "violation"
    warning = "warning"
    info = "info"


@app.command()
def validate(
    least: Annotated[
        Severity, typer.Option("--severity", help="Show findings that are at least so grave.")
    ] = Severity.violation,
) -> None:
    """Hold the dataset against shapes and checks, write the report, and publish what conforms.

    Exits with 1 where a violation is found; warnings and notes are doubts that may stand.
    Examples: `trilogue validate`, `trilogue validate --severity info`
    """
    from trilogue import contradictions, mapping, terminal, validation
    from trilogue.publication import kept

    project = Project.find()
    with steps(6) as step:
        result = validation.validate(project, step)
        step("looking for contradictions")
        mapping.keep_places(project)
        contradictions.keep(project)
        if result.publishable:
            step("finding paths")
            kept.keep(project)
    grave = list(Severity)[: list(Severity).index(least) + 1]
    shown = [item for item in result.findings if item.severity.lower() in grave]
    if shown:
        terminal.print_findings(console, shown)
    counts = Counter(item.severity.lower() for item in result.findings)
    total = ", ".join(f"{counts[severity]} {severity}" for severity in Severity)
    console.print(f"{total}; report: {project.relative(project.report)}")
    if not result.publishable:
        messages.print(f"trilogue: {project.relative(project.dataset)} stays as it was")
        raise typer.Exit(1)
