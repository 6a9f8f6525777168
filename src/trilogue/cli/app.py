"""What all commands share: the application, its consoles and its options."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from trilogue.project import Step

if TYPE_CHECKING:
    from trilogue.results import Bindings

app = typer.Typer(
    name="trilogue",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
console = Console()
messages = Console(stderr=True)


class Format(StrEnum):
    """Forms in which an answer can be printed."""

    table = "table"
    csv = "csv"
    json = "json"
    tsv = "tsv"
    xml = "xml"
    turtle = "turtle"
    nt = "nt"
    jsonld = "jsonld"
    rdfxml = "rdfxml"
    nanopub = "nanopub"


Form = Annotated[Format, typer.Option("--format", "-f", help="Form of the answer.")]


@contextmanager
def steps(count: int) -> Iterator[Step]:
    """Show a progress bar for so many steps, on standard error and only while it lasts."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    hidden = not messages.is_terminal
    with Progress(*columns, console=messages, transient=True, disable=hidden) as progress:
        task = progress.add_task("", total=count)
        begun = 0

        def step(name: str) -> None:
            nonlocal begun
            progress.update(task, description=name, completed=begun)
            begun += 1

        yield step


def write_bindings(bindings: Bindings, form: Format) -> None:
    """Write bindings to standard output as SPARQL 1.1 CSV, TSV, JSON or XML."""
    sys.stdout.write(bindings.serialize(form.value).rstrip("\n") + "\n")


def _show_version(wanted: bool) -> None:
    if wanted:
        console.print(f"trilogue {version('trilogue')}")
        raise typer.Exit


@app.callback()
def options(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Who moved a law, through whom, when, towards what text, and on what evidence.

    Examples: `trilogue paths`, `trilogue query table-5 --format csv`,
    `trilogue show actor/mistral-ai`.
    """
