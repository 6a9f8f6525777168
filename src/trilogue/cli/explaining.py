"""Commands on rival explanations: verdicts, robustness."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trilogue.cli.app import Form, Format, app, console
from trilogue.cli.asking import Endpoint, open_graph, print_answer
from trilogue.project import written_aside

Prior = Annotated[
    float, typer.Option(help="How likely each hypothesis is held to be before the evidence.")
]


@app.command()
def verdicts(
    prior: Prior = 0.5,
    form: Form = Format.table,
    pictures: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write one tornado plot a hypothesis.")
    ] = None,
    endpoint: Endpoint = None,
) -> None:
    """Compute the verdict on each hypothesis beside the stated one, with reasons and belief.

    Examples: `trilogue verdicts`, `trilogue verdicts --prior 0.2 --format csv`
    """
    from trilogue.case import terminal, tornado
    from trilogue.case.verdicts import read, table

    found = read(open_graph(endpoint), prior)
    if form is Format.table:
        terminal.print_verdicts(console, found)
    else:
        print_answer(table(found), form, "")
    for item in found if pictures else ():
        path = Path(pictures or "") / f"{item.idea.rpartition('/')[2]}.svg"
        with written_aside(path) as file:
            file.write(tornado.plot(item.hypothesis, item.reading).encode())


@app.command()
def robustness(
    prior: Prior = 0.5,
    form: Form = Format.table,
    paths: Annotated[
        bool, typer.Option(help="Also leave rows, sources and pages out of influence paths.")
    ] = True,
) -> None:
    """Leave out each row, source and page, and tell which verdicts and paths fall without it.

    Examples: `trilogue robustness`, `trilogue robustness --no-paths --format csv`
    """
    from trilogue import catalogue
    from trilogue.case import terminal
    from trilogue.case.path_robustness import PathCase
    from trilogue.case.robustness import Case, table

    graph = open_graph(None)
    case = Case(graph, prior)
    found = case.robustness()
    queries = catalogue.read(graph.project, "paths") if paths else []
    fallen = [item for query in queries for item in PathCase(graph, query).robustness()]
    if form is Format.table:
        terminal.print_robustness(console, found, case.names)
        terminal.print_path_robustness(console, fallen)
    else:
        print_answer(table(found, case.names, fallen), form, "")
