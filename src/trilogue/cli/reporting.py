"""The command that writes the report of the case."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trilogue.cli.app import app, console, steps
from trilogue.cli.asking import Endpoint, open_graph


@app.command()
def explain_case(
    folder: Annotated[
        Path, typer.Option("--into", metavar="DIR", help="Folder for the report.")
    ] = Path("build/case"),
    endpoint: Endpoint = None,
) -> None:
    """Write a report of the rival explanations: evidence, tests, verdicts, robustness, gaps.

    `case.html` stands by itself and opens offline; `case.md` has its pictures beside it. Every
    number links to the query that gives it. The same graph gives the same bytes.
    Example: `trilogue explain-case --into report`
    """
    from trilogue.case.report import report
    from trilogue.case.writing import write

    with steps(2) as step:
        step("reading the graph")
        graph = open_graph(endpoint)
        step("asking the queries of the report")
        files = write(report(graph), folder)
    for path in files:
        console.print(str(path), soft_wrap=True, highlight=False)
