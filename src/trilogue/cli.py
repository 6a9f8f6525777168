"""The command line: `trilogue`."""

from __future__ import annotations

import io
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from trilogue import catalogue, errors
from trilogue.project import Project, Step, written_aside

if TYPE_CHECKING:
    from trilogue.graph import Graph
    from trilogue.results import Bindings

app = typer.Typer(
    name="trilogue",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
_INTERRUPTED = 130  # what typer makes of Ctrl-C: 128 and the number of the signal
console = Console()
messages = Console(stderr=True)

Endpoint = Annotated[
    str | None,
    typer.Option(
        "--endpoint",
        envvar="TRILOGUE_ENDPOINT",
        metavar="URL",
        help="Ask this SPARQL 1.1 endpoint instead of the embedded store.",
    ),
]


Asserted = Annotated[
    bool,
    typer.Option(
        "--asserted", help="Ask the asserted layer: both sides of contradictions, nothing inferred."
    ),
]


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


Form = Annotated[Format, typer.Option("--format", "-f", help="Form of the answer.")]


def _open(endpoint: str | None, *, asserted: bool = False) -> Graph:
    from trilogue.graph import Graph

    # A running query does not look at signals: let Ctrl-C end the process, which writes nothing.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if endpoint and asserted:
        raise errors.EndpointError("--asserted: an endpoint holds one layer; leave one of them out")
    return Graph.open(endpoint, path=Project.find().asserted if asserted else None)


@contextmanager
def _steps(count: int) -> Iterator[Step]:
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


@app.command()
def build() -> None:
    """Check the rows and write the asserted and the resolved layer.

    Example: `trilogue build`
    """
    from trilogue import layers

    project = Project.find()
    with _steps(3) as step:
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
    with _steps(3) as step:
        counts = _reason(project, step)
    for layer, count in counts.items():
        console.print(f"{layer}: {count:,} quads")
    console.print("consistent, no unsatisfiable class (HermiT)")


def _reason(project: Project, step: Step) -> dict[str, int]:
    from trilogue import checks, consistency, inference, layers

    step("checking consistency (HermiT)")
    resolved = layers.load(project.resolved)
    derived = inference.derivations(resolved, catalogue.read(project, "inference"))
    outcome = consistency.check([*resolved, *derived])
    if not outcome.consistent:
        lines = [str(finding) for finding in checks.run_on_resolved(project)]
        cause = "\n".join(lines) or "no check knows the cause"
        raise errors.TrilogueError(f"the resolved layer is inconsistent (HermiT)\n{cause}")
    if outcome.unsatisfiable:
        names = ", ".join(outcome.unsatisfiable)
        raise errors.TrilogueError(f"classes that cannot have members: {names}")
    return inference.reason(project, step)


@app.command()
def validate() -> None:
    """Hold the dataset against shapes and checks, write the report, and publish what conforms.

    Exits with 1 where a violation is found. Example: `trilogue validate`
    """
    from trilogue import terminal, validation

    project = Project.find()
    with _steps(4) as step:
        result = validation.validate(project, step)
    if result.findings:
        console.print(terminal.findings_table(result.findings))
    console.print(f"{len(result.findings)} findings; report: {project.relative(project.report)}")
    if not result.publishable:
        messages.print(f"trilogue: {project.relative(project.dataset)} stays as it was")
        raise typer.Exit(1)


@app.command()
def query(
    name: Annotated[str, typer.Argument(help="Name in the catalogue, or a .rq file.")] = "",
    form: Form = Format.table,
    endpoint: Endpoint = None,
    asserted: Asserted = False,
) -> None:
    """Run a query of the catalogue, or a file; without a name, list the catalogue.

    Examples: `trilogue query table-3`, `trilogue query mine.rq --format csv`
    """
    from trilogue.results import Bindings, serialize_boolean

    if not name:
        _list_catalogue(Project.find(), form)
        return
    graph = _open(endpoint, asserted=asserted)
    item = catalogue.find(graph.project, name)
    answer = graph.answer(item, "turtle" if form is Format.table else form.value)
    if isinstance(answer, Bindings):
        _print_bindings(answer, form, item.question, item.field("Answers"))
    else:
        text = serialize_boolean(answer, form.value) if isinstance(answer, bool) else answer
        sys.stdout.write(text.rstrip("\n") + "\n")


def _print_bindings(bindings: Bindings, form: Format, title: str, explanation: str = "") -> None:
    from rich.text import Text

    from trilogue import terminal

    if form is Format.table:
        terminal.print_bindings(console, bindings, title)
        console.print(f"{len(bindings)} rows")
        if explanation:
            console.print(Text(explanation, style="dim"))
    else:
        sys.stdout.write(bindings.serialize(form.value).rstrip("\n") + "\n")


def _list_catalogue(project: Project, form: Format) -> None:
    from trilogue import terminal
    from trilogue.results import Bindings

    queries = [item for item in catalogue.read(project) if item.kind != "inference"]
    if form is Format.table:
        terminal.print_catalogue(console, queries)
        return
    rows = [(item.kind, item.name, item.question) for item in queries]
    _print_bindings(Bindings.of_text(("kind", "name", "question"), rows), form, "")


@app.command()
def tables(
    into: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write one CSV file a table there.")
    ] = None,
    endpoint: Endpoint = None,
) -> None:
    """Regenerate the thesis's tables from the graph.

    Examples: `trilogue tables`, `trilogue tables --into build/tables`
    """
    graph = _open(endpoint)
    for item in catalogue.read(graph.project, "tables"):
        bindings = graph.query(item)
        if into is None:
            _print_bindings(bindings, Format.table, item.question)
            continue
        with written_aside(into / f"{item.name}.csv") as file:
            file.write(bindings.serialize("csv").encode())
        console.print(f"{into / item.name}.csv")


@app.command()
def paths(
    name: Annotated[
        str, typer.Argument(help="A path query of the catalogue, or a .rq file.")
    ] = "sme-member-state-council",
    form: Form = Format.table,
    endpoint: Endpoint = None,
) -> None:
    """Print influence paths, hop by hop, each with act, date, order and evidence.

    Examples: `trilogue paths`, `trilogue paths multinational-institution-text --format csv`
    """
    from trilogue import terminal

    graph = _open(endpoint)
    item = catalogue.find(graph.project, name)
    bindings = graph.query(item)
    if form is not Format.table:
        _print_bindings(bindings, form, "")
        return
    if "path" not in bindings.variables:
        raise errors.QueryError(f"{name}: no variable ?path; expected a path query")
    console.print(f"[bold]{item.question}[/bold]\n")
    count = terminal.print_paths(console, bindings)
    console.print(f"{count} paths")


@app.command()
def show(
    iri: Annotated[
        str, typer.Argument(help="An IRI, a prefixed name, kind/key, or a locator: 'p. 43, n. 4'.")
    ],
    endpoint: Endpoint = None,
    asserted: Asserted = False,
) -> None:
    """Print all that is known of a thing, each statement with its pages.

    Examples: `trilogue show actor/mistral-ai`, `trilogue show tlg:Meeting`
    """
    from trilogue import terminal
    from trilogue.describe import describe

    terminal.print_description(console, describe(_open(endpoint, asserted=asserted), iri))


def main() -> None:
    """Run the command line; errors that a user can mend are one line and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except errors.TrilogueError as error:
        messages.print(f"trilogue: {error}", markup=False, highlight=False, soft_wrap=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.exit(0)
    except OSError as error:
        messages.print(f"trilogue: {error.strerror or error}", markup=False)
        sys.exit(1)
    except SystemExit as leave:
        if leave.code == _INTERRUPTED:
            messages.print("trilogue: interrupted; nothing was half written")
        raise


if __name__ == "__main__":
    main()
