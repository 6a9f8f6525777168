"""The command that tells how near the texts came to what each actor wanted."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from trilogue.case import attainment as case
from trilogue.cli.app import Form, Format, app, console
from trilogue.cli.asking import Endpoint, open_graph, print_answer


class Part(StrEnum):
    """What is printed."""

    means = "means"
    tests = "tests"


@app.command()
def attainment(
    first: Annotated[
        str, typer.Option(help="Group that is claimed to have attained more.")
    ] = case.CLAIMED,
    second: Annotated[str, typer.Option(help="Group that it is held against.")] = case.AGAINST,
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
    endpoint: Endpoint = None,
) -> None:
    """Tell how near each text came to what each group wanted, and whether one got more.

    Forms other than the table hold the tests, or the part that is asked for.

    Examples: `trilogue attainment`, `trilogue attainment --issue "risk classification"`,
    `trilogue attainment --part means --format csv`
    """
    from trilogue import terminal

    graph = open_graph(endpoint)
    answer = graph.query(case.DISTANCES)
    far = case.distances(answer)
    shown = case.on_issue(far, issue) if issue else far
    if plot is not None:
        from trilogue.case import chart
        from trilogue.drawing.saving import save

        save(chart.draw(shown), plot)
        console.print(f"{plot}", highlight=False)
        return
    if part is Part.means or (part is None and form is Format.table):
        means = case.table_of_means(case.means(shown))
        if form is not Format.table:
            print_answer(means, form, "")
            return
        terminal.print_means(console, means)
    if part is Part.means:
        return
    groups = (first, second)
    moved = case.movements(graph.query(case.MOVEMENTS))
    found = case.compared(far, moved, groups, issue=issue, draws=draws, seed=seed)
    tests = case.table_of_tests(found)
    if form is not Format.table:
        print_answer(tests, form, "")
        return
    if any(each.result for each in found):
        terminal.print_tests(console, tests, groups)
    opposed = (
        case.only_opposed(answer, first, issue),
        case.only_opposed(answer, second, issue),
    )
    for sentence in case.in_words(found, groups, opposed):
        console.print(sentence, highlight=False, markup=False)
