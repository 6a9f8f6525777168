"""Commands on rival explanations: verdicts, robustness, explain-case."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trilogue.cli.app import Form, Format, app, console, steps
from trilogue.cli.asking import print_answer
from trilogue.cli.endpoints import HERE, Endpoint, asks_endpoints, open_graph, open_layers
from trilogue.remote.addresses import ASSERTED, PUBLISHED

Prior = Annotated[
    float, typer.Option(help="How likely each hypothesis is held to be before the evidence.")
]

_WITHDRAWN_FROM = (PUBLISHED, ASSERTED)  # a row that is set aside may have to come back


@app.command()
@asks_endpoints
def verdicts(
    prior: Prior = 0.5,
    form: Form = Format.table,
    pictures: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write one tornado plot a hypothesis.")
    ] = None,
    endpoint: Endpoint = HERE,
) -> None:
    """Compute the verdict on each hypothesis beside the stated one, with reasons and belief.

    Examples: `trilogue verdicts`, `trilogue verdicts --prior 0.2 --format csv`
    """
    from trilogue.case import terminal, tornado
    from trilogue.case.verdicts import read, table
    from trilogue.drawing.saving import save

    found = read(open_graph(endpoint), prior)
    if form is Format.table:
        terminal.print_verdicts(console, found)
    else:
        print_answer(table(found), form, "")
    for item in found if pictures else ():
        path = Path(pictures or "") / f"{item.idea.rpartition('/')[2]}.svg"
        save(tornado.draw(item.hypothesis, item.reading), path)


@app.command()
@asks_endpoints
def robustness(
    prior: Prior = 0.5,
    form: Form = Format.table,
    paths: Annotated[
        bool, typer.Option(help="Also leave rows, sources and pages out of influence paths.")
    ] = True,
    endpoint: Endpoint = HERE,
) -> None:
    """Leave out each row, source and page, and tell which verdicts and paths fall without it.

    Examples: `trilogue robustness`, `trilogue robustness --no-paths --format csv`
    """
    from trilogue import catalogue
    from trilogue.case import terminal
    from trilogue.case.path_robustness import PathCase
    from trilogue.case.robustness import Case, table
    from trilogue.graph import Graph

    graph = Graph.over(open_layers(endpoint, *_WITHDRAWN_FROM))
    case = Case(graph, prior)
    found = case.robustness()
    queries = catalogue.read(graph.project, "paths") if paths else []
    fallen = [item for query in queries for item in PathCase(graph, query).robustness()]
    if form is Format.table:
        terminal.print_robustness(console, found, case.names)
        terminal.print_path_robustness(console, fallen)
    else:
        print_answer(table(found, case.names, fallen), form, "")


@app.command()
@asks_endpoints
def explain_case(
    folder: Annotated[
        Path, typer.Option("--into", metavar="DIR", help="Folder for the report.")
    ] = Path("build/case"),
    endpoint: Endpoint = HERE,
) -> None:
    """Write a report of the rival explanations: evidence, tests, verdicts, robustness, gaps.

    `case.html` stands by itself and opens offline; `case.md` has its pictures beside it. Every
    number links to the query that gives it. The same graph gives the same bytes.
    Example: `trilogue explain-case --into report`
    """
    from trilogue.case.report import report
    from trilogue.case.writing import write
    from trilogue.graph import Graph

    held = open_layers(endpoint, *_WITHDRAWN_FROM)
    with steps(2) as step:
        step("reading the graph")
        graph = Graph.over(held)
        step("asking the queries of the report")
        files = write(report(graph), folder)
    for path in files:
        console.print(str(path), soft_wrap=True, highlight=False)
