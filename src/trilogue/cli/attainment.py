"""The command that tells how near the texts came to what each actor wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from trilogue.case import AGAINST, CLAIMED
from trilogue.cli.app import Form, Format, app, console
from trilogue.cli.asking import print_answer
from trilogue.cli.endpoints import HERE, Endpoint, asks_endpoints, open_graph

if TYPE_CHECKING:
    from trilogue.case.attainment import Distance
    from trilogue.results import Bindings


class Part(StrEnum):
    """What is printed."""

    means = "means"
    tests = "tests"


@app.command()
@asks_endpoints
def attainment(
    first: Annotated[
        str, typer.Option(help="Group that is claimed to have attained more.")
    ] = CLAIMED,
    second: Annotated[str, typer.Option(help="Group that it is held against.")] = AGAINST,
    issue: Annotated[str, typer.Option(help="Only this issue, by its label.")] = "",
    part: Annotated[
        Part | None, typer.Option(help="Only the means by text, or only the tests.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw the distances into this .svg or .png file.")
    ] = None,
    draws: Annotated[int, typer.Option(min=1, help="Draws, where not all are visited.")] = 10_000,
    seed: Annotated[int, typer.Option(help="Seed of the draws.")] = 0,
    form: Form = Format.table,
    endpoint: Endpoint = HERE,
) -> None:
    """Tell how near each text came to what each group wanted, and whether one got more.

    Forms other than the table hold the tests, or the part that is asked for.

    Examples: `trilogue attainment`, `trilogue attainment --issue "risk classification"`,
    `trilogue attainment --part means --format csv`
    """
    from trilogue import terminal
    from trilogue.case import attainment as case
    from trilogue.case import attainment_report as report

    graph = open_graph(endpoint)
    answer = graph.query(case.DISTANCES)
    far = case.distances(answer)
    shown = case.on_issue(far, issue) if issue else far
    if plot is not None:
        _draw(shown, plot)
        return
    if part is Part.means or (part is None and form is Format.table):
        _print(report.table_of_means(case.means(shown)), form, terminal.print_means)
    if part is Part.means:
        return
    groups = (first, second)
    moved = case.movements(graph.query(case.MOVEMENTS))
    found = case.compared(far, moved, groups, issue=issue, draws=draws, seed=seed)
    _print(report.table_of_tests(found), form, partial(terminal.print_tests, groups=groups))
    if form is Format.table:
        opposed = [case.only_opposed(answer, group, issue) for group in groups]
        for sentence in report.in_words(found, groups, (opposed[0], opposed[1])):
            console.print(sentence, highlight=False, markup=False)


def _print(table: Bindings, form: Format, on: Callable[[Console, Bindings], None]) -> None:
    if form is Format.table:
        on(console, table)
    else:
        print_answer(table, form, "")


def _draw(found: Sequence[Distance], plot: Path) -> None:
    from trilogue.case import chart
    from trilogue.drawing.saving import save

    save(chart.draw(found), plot)
    console.print(f"{plot}", highlight=False)
