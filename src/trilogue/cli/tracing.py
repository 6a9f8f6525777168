"""The command that traces influence paths: by a query of the catalogue, or along an expression."""

from __future__ import annotations

import itertools
import signal
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trilogue import catalogue, errors
from trilogue.cli.app import Form, Format, app, console, messages
from trilogue.cli.asking import print_answer
from trilogue.cli.endpoints import HERE, Endpoint, asks_endpoints, open_graph
from trilogue.paths import routes
from trilogue.paths.query import Carry, Order, PathQuery, Score
from trilogue.project import Project
from trilogue.results import RESULT_FORMATS

if TYPE_CHECKING:
    from trilogue.graph import Graph
    from trilogue.paths.answers import Paths
    from trilogue.paths.enumeration import InfluencePath
    from trilogue.paths.register import Register

_MOST_COUNTED = 100_000


class Answer(StrEnum):
    """What is asked of the paths."""

    paths = "paths"
    number = "count"
    exists = "exists"
    earliest = "earliest"


class Engine(StrEnum):
    """What searches a folder of Parquet files."""

    embedded = "embedded"
    spark = "spark"


Names = list[str] | None


# What a query of the catalogue has no use for.
_OF_SEARCH = {
    "origins": "--from",
    "destinations": "--to",
    "answer": "--answer",
    "best": "--best",
    "limit": "--limit",
    "order": "--order",
    "ties": "--ties",
    "carry": "--carry",
    "issues": "--issue",
    "gap": "--gap",
    "duration": "--duration",
    "hops": "--hops",
    "simple": "--simple",
    "data": "--data",
    "engine": "--engine",
    "master": "--master",
    "plot": "--plot",
}


def _search(flag: str, text: str) -> Any:
    return typer.Option(flag, help=text, rich_help_panel="Search along an expression")


def _condition(flag: str, text: str) -> Any:
    return typer.Option(flag, help=text, rich_help_panel="Conditions of the search")


@app.command()
@asks_endpoints
def paths(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(help="A path query of the catalogue, a .rq file, or a route.")
    ] = catalogue.CANONICAL,
    form: Form = Format.table,
    endpoint: Endpoint = HERE,
    along: Annotated[
        str,
        _search("--along", "Expression over hops, such as 'contact/office?/position'."),
    ] = "",
    origins: Annotated[
        Names, _search("--from", "Thing, class, or SELECT query; may be repeated.")
    ] = None,
    destinations: Annotated[
        Names, _search("--to", "Thing, class, or SELECT query; may be repeated.")
    ] = None,
    answer: Annotated[Answer, _search("--answer", "What to print.")] = Answer.paths,
    best: Annotated[Score | None, _search("--best", "Print the best by this score.")] = None,
    limit: Annotated[int, _search("--limit", "Print at most so many paths.")] = 20,
    order: Annotated[
        Order, _condition("--order", "In some dating, or in every one.")
    ] = Order.possible,
    ties: Annotated[
        bool, _condition("--ties/--no-ties", "Whether acts of one day are in order.")
    ] = True,
    carry: Annotated[
        Carry | None, _condition("--carry", "What hops must have in common; else the issue.")
    ] = None,
    issues: Annotated[Names, _condition("--issue", "Issue to be carried; may be repeated.")] = None,
    gap: Annotated[int | None, _condition("--gap", "Most days between acts.")] = None,
    duration: Annotated[int | None, _condition("--duration", "Most days in all.")] = None,
    hops: Annotated[int | None, _condition("--hops", "Most hops.")] = None,
    simple: Annotated[bool, _condition("--simple", "Meet no thing twice.")] = False,
    data: Annotated[
        Path | None, _search("--data", "Search this folder of Parquet files instead of the graph.")
    ] = None,
    engine: Annotated[
        Engine, _search("--engine", "What searches --data: this process, or Apache Spark.")
    ] = Engine.embedded,
    master: Annotated[
        str, _search("--master", "Master of Spark, such as spark://host:7077.")
    ] = "local[*]",
    plot: Annotated[
        Path | None, _search("--plot", "Draw the paths into this .svg or .png file.")
    ] = None,
) -> None:
    """Print influence paths, hop by hop, each with act, date, order and evidence.

    A query of the catalogue is asked; along an expression, or a route of
    `queries/paths/routes.csv`, paths are searched.

    Examples: `trilogue paths`, `trilogue paths multinational-institution-text --format csv`,
    `trilogue paths --along contact/office/position --from Firm --to actor/council-of-the-eu`
    """
    if limit < 1:
        raise errors.QueryError(f"--limit {limit}: expected 1 or more")
    if plot is not None:
        _refuse_unless_drawable(plot, answer)
    route = None if along else _route(Project.find(), name)
    given = [flag for parameter, flag in _OF_SEARCH.items() if _is_given(context, parameter)]
    if not along and route is None:
        if given:
            raise errors.QueryError(f"{given[0]}: only with --along, or with the name of a route")
        _ask_catalogue(open_graph(endpoint), name, form)
        return
    if along and _is_given(context, "name"):
        raise errors.QueryError(f"{name}: a name and --along are given; expected one of them")
    if data and _is_given(context, "endpoint"):
        raise errors.QueryError("--data and --endpoint are given; expected one of them")
    asked = route.query if route else _asked(along, origins, destinations, hops)
    if _is_given(context, "master") and engine is not Engine.spark:
        raise errors.QueryError("--master: only with --engine spark")
    source = _OPENED[engine](context, data, master) or open_graph(endpoint)
    found = source.paths(
        asked.expression,
        origins=origins or asked.origins,
        destinations=destinations or asked.destinations,
        order=order,
        ties=ties,
        carry=carry or asked.carry,
        issues=frozenset(issues) if issues else None,
        largest_gap=gap,
        largest_duration=duration,
        most_hops=hops or asked.most_hops,
        simple=simple,
    )
    # The search, unlike a query of the store, looks at signals.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if answer is not Answer.paths:
        _print_answer(found, answer, form)
        return
    chosen = _print_paths(source, found, best, limit, form)
    if plot is not None:
        _draw(found, chosen, plot)


def _is_given(context: typer.Context, parameter: str) -> bool:
    source = context.get_parameter_source(parameter)
    return source is not None and source.name == "COMMANDLINE"


def _refuse_unless_drawable(plot: Path, answer: Answer) -> None:
    from trilogue.drawing.saving import FORMATS

    if answer is not Answer.paths or plot.suffix not in FORMATS:
        forms = " or ".join(FORMATS)
        raise errors.QueryError(f"--plot {plot}: paths are drawn, into a file {forms}")


def _route(project: Project, name: str) -> routes.Route | None:
    """Return the route of a name; routes are read only for what is no path query."""
    if (project.queries / "paths" / f"{name}.rq").is_file():
        return None
    return routes.read(project).get(name)


def _asked(along: str, origins: Names, destinations: Names, hops: int | None) -> PathQuery:
    for flag, given in (("--from", origins), ("--to", destinations)):
        if not given:
            raise errors.QueryError(f"{flag}: expected a thing, a class or a SELECT query")
    return PathQuery(along, frozenset(origins or ()), frozenset(destinations or ()), most_hops=hops)


def _embedded(_: typer.Context, folder: Path | None, __: str) -> Register | None:
    """Open a folder in this process; where there is none, the graph is to be searched."""
    from trilogue.paths.register import Register

    if folder is None:
        return None
    with messages.status("reading the index, or building it: the first takes a minute"):
        return Register(folder)


def _distributed(context: typer.Context, folder: Path | None, master: str) -> Register:
    """Open a folder on Spark, which is left when the command ends."""
    from trilogue.paths.distributed.register import DistributedRegister
    from trilogue.paths.distributed.session import connected

    if folder is None:
        raise errors.QueryError("--engine spark: only with --data")
    with messages.status("connecting to Spark; acts that it has not seen yet are partitioned"):
        return DistributedRegister(context.with_resource(connected(master)), folder)


_OPENED: dict[Engine, Callable[[typer.Context, Path | None, str], Register | None]] = {
    Engine.embedded: _embedded,
    Engine.spark: _distributed,
}


def _ask_catalogue(graph: Graph, name: str, form: Format) -> None:
    from trilogue import terminal

    item = catalogue.find(graph.project, name)
    bindings = graph.query(item)
    if form is not Format.table:
        print_answer(bindings, form, "")
        return
    if "path" not in bindings.variables:
        raise errors.QueryError(f"{name}: no variable ?path; expected a path query")
    console.print(f"[bold]{item.question}[/bold]\n")
    count = terminal.print_paths(console, bindings)
    console.print(f"{count} paths")


def _print_answer(found: Paths, answer: Answer, form: Format) -> None:
    from trilogue.results import Bindings, serialize_boolean

    if answer is Answer.exists:
        sys.stdout.write(serialize_boolean(found.exists(), form.value) + "\n")
    elif answer is Answer.number:
        print_answer(Bindings.of_text(("paths",), [(str(found.count()),)]), form, "")
    else:
        rows = [(found.network.label(thing), day) for thing, day in found.earliest().items()]
        print_answer(Bindings.of_text(("destination", "day"), rows), form, "Earliest arrival")


def _draw(found: Paths, chosen: list[InfluencePath], plot: Path) -> None:
    from trilogue.drawing.saving import save
    from trilogue.paths.picture import draw

    save(draw(chosen, found.network), plot)
    messages.print(f"{plot}", markup=False, highlight=False)


def _print_paths(
    source: Graph | Register, found: Paths, best: Score | None, limit: int, form: Format
) -> list[InfluencePath]:
    from trilogue import terminal

    if best is not None:
        chosen, more = found.top(limit, best), None
    else:
        stream = iter(found)
        chosen = list(itertools.islice(stream, limit))
        more = sum(1 for _ in itertools.islice(stream, _MOST_COUNTED))
    if form is Format.table:
        terminal.print_paths(console, found.bindings(chosen))
        console.print(_summary(len(chosen), more, best))
        return chosen
    if form.value in RESULT_FORMATS:
        print_answer(found.bindings(chosen), form, "")
    else:
        statements = source.statements(found, chosen)
        sys.stdout.write(statements.serialize(chosen, form.value).rstrip("\n") + "\n")
    if more:
        messages.print(_summary(len(chosen), more, best))
    return chosen


def _summary(shown: int, more: int | None, best: Score | None) -> str:
    if best is not None:
        return f"the best {shown} by {best.value}"
    if not more:
        return f"{shown} paths"
    total = f"more than {shown + _MOST_COUNTED - 1}" if more == _MOST_COUNTED else str(shown + more)
    return f"the first {shown} of {total} paths; --limit shows more, --best chooses"
