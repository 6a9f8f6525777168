"""Commands that make the dataset: build, reason, validate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from trilogue import errors
from trilogue.cli.app import app, console, messages, steps
from trilogue.cli.endpoints import HERE, Endpoint, asks_endpoints, open_layers
from trilogue.namespaces import compact
from trilogue.project import Project, Step
from trilogue.remote import addresses

if TYPE_CHECKING:
    from pyoxigraph import Quad

    from trilogue.validation import Validation

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
@asks_endpoints
def validate(
    least: Annotated[
        Severity, typer.Option("--severity", help="Show findings that are at least so grave.")
    ] = Severity.violation,
    endpoint: Endpoint = HERE,
) -> None:
    """Hold the dataset against shapes and checks, write the report, and publish what conforms.

    Exits with 1 where a violation is found; warnings and notes are doubts that may stand. What an
    endpoint holds is held against the same, and nothing is written.
    Examples: `trilogue validate`, `trilogue validate --severity info`
    """
    from trilogue import terminal, validation

    project = Project.find()
    if endpoint:
        held = open_layers(endpoint, addresses.REASONED)
        with steps(3) as step:
            result = validation.validate_layers(held, step)
        written = "nothing was written"
    else:
        result = _published(project)
        written = f"report: {project.relative(project.report)}"
    grave = list(Severity)[: list(Severity).index(least) + 1]
    shown = [item for item in result.findings if item.severity.lower() in grave]
    if shown:
        terminal.print_findings(console, shown)
    counts = Counter(item.severity.lower() for item in result.findings)
    total = ", ".join(f"{counts[severity]} {severity}" for severity in Severity)
    console.print(f"{total}; {written}")
    if not result.publishable:
        if not endpoint:
            messages.print(f"trilogue: {project.relative(project.dataset)} stays as it was")
        raise typer.Exit(1)


def _published(project: Project) -> Validation:
    """Validate what was built and publish it, with what is kept for those who show it."""
    from trilogue import contradictions, mapping, validation
    from trilogue.publication import kept

    with steps(6) as step:
        result = validation.validate(project, step)
        step("looking for contradictions")
        mapping.keep_places(project)
        contradictions.keep(project)
        if result.publishable:
            step("finding paths")
            kept.keep(project)
    return result
