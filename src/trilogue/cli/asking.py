"""Commands that ask the graph: query, tables, show."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trilogue import catalogue
from trilogue.cli.app import Form, Format, app, console, write_bindings
from trilogue.cli.endpoints import HERE, Endpoint, asks_endpoints, open_graph
from trilogue.project import Project, written_aside

if TYPE_CHECKING:
    from trilogue.results import Bindings

Asserted = Annotated[
    bool,
    typer.Option(
        "--asserted", help="Ask the asserted layer: both sides of contradictions, nothing inferred."
    ),
]


@app.command()
@asks_endpoints
def query(
    name: Annotated[str, typer.Argument(help="Name in the catalogue, or a .rq file.")] = "",
    form: Form = Format.table,
    endpoint: Endpoint = HERE,
    asserted: Asserted = False,
) -> None:
    """Run a query of the catalogue, or a file; without a name, list the catalogue.

    Examples: `trilogue query table-3`, `trilogue query mine.rq --format csv`
    """
    from trilogue.results import Bindings, serialize_boolean

    if not name:
        _list_catalogue(Project.find(), form)
        return
    graph = open_graph(endpoint, asserted=asserted)
    item = catalogue.find(graph.project, name)
    answer = graph.answer(item, "turtle" if form is Format.table else form.value)
    if isinstance(answer, Bindings):
        print_answer(answer, form, item.question, item.field("Answers"))
    else:
        text = serialize_boolean(answer, form.value) if isinstance(answer, bool) else answer
        sys.stdout.write(text.rstrip("\n") + "\n")


def print_answer(bindings: Bindings, form: Format, title: str, explanation: str = "") -> None:
    """Print bindings as a table with its title and explanation, or in another form as they are."""
    from rich.text import Text

    from trilogue import terminal

    if form is Format.table:
        terminal.print_bindings(console, bindings, title)
        console.print(f"{len(bindings)} rows")
        if explanation:
            console.print(Text(explanation, style="dim"))
    else:
        write_bindings(bindings, form)


def _list_catalogue(project: Project, form: Format) -> None:
    from trilogue import terminal
    from trilogue.results import Bindings

    queries = [item for item in catalogue.read(project) if item.kind != "inference"]
    if form is Format.table:
        terminal.print_catalogue(console, queries)
        return
    rows = [(item.kind, item.name, item.question) for item in queries]
    print_answer(Bindings.of_text(("kind", "name", "question"), rows), form, "")


@app.command()
@asks_endpoints
def tables(
    into: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write one CSV file a table there.")
    ] = None,
    endpoint: Endpoint = HERE,
) -> None:
    """Regenerate the thesis's tables from the graph.

    Examples: `trilogue tables`, `trilogue tables --into build/tables`
    """
    graph = open_graph(endpoint)
    for item in catalogue.read(graph.project, "tables"):
        bindings = graph.query(item)
        if into is None:
            print_answer(bindings, Format.table, item.question)
            continue
        with written_aside(into / f"{item.name}.csv") as file:
            file.write(bindings.serialize("csv").encode())
        console.print(f"{into / item.name}.csv")


@app.command()
@asks_endpoints
def show(
    iri: Annotated[
        str, typer.Argument(help="An IRI, a prefixed name, kind/key, or a locator: 'p. 43, n. 4'.")
    ],
    endpoint: Endpoint = HERE,
    asserted: Asserted = False,
) -> None:
    """Print all that is known of a thing, each statement with its pages.

    Examples: `trilogue show actor/mistral-ai`, `trilogue show tlg:Meeting`
    """
    from trilogue import terminal
    from trilogue.describe import describe

    terminal.print_description(console, describe(open_graph(endpoint, asserted=asserted), iri))
