"""Commands that look for what is wrong, and say why: explain, contradictions, report."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trilogue import errors
from trilogue.cli.app import Form, Format, app, console, write_bindings
from trilogue.cli.endpoints import HERE, Endpoint, asks_endpoints, open_layers
from trilogue.project import Project, written_aside
from trilogue.remote import addresses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trilogue.explanation import Explanation


class Layer(StrEnum):
    """Layers that can be explained."""

    asserted = addresses.ASSERTED
    resolved = addresses.RESOLVED


class Explained(StrEnum):
    """Forms in which an explanation can be printed."""

    text = "text"
    markdown = "markdown"
    json = "json"  # one explanation a line


@app.command()
@asks_endpoints
def explain(
    subject: Annotated[
        str, typer.Argument(help="A class; or the thing that a statement is about.")
    ] = "",
    prop: Annotated[
        str, typer.Argument(metavar="PROPERTY", help="`a`, or an object property.")
    ] = "",
    value: Annotated[str, typer.Argument(help="A class, or a thing.")] = "",
    layer: Annotated[Layer, typer.Option(help="Whose inconsistency to explain.")] = Layer.asserted,
    limit: Annotated[int, typer.Option(min=1, help="At most so many explanations.")] = 10,
    form: Annotated[
        Explained, typer.Option("--format", "-f", help="Form of the explanations.")
    ] = Explained.text,
    endpoint: Endpoint = HERE,
) -> None:
    """Print the minimal sets of axioms and rows from which something follows, with pages.

    Without arguments: why the asserted layer is inconsistent. With a class: why it cannot have
    members. With a statement: why it follows from the resolved layer. Exits with 1 where there is
    nothing to explain.

    Examples: `trilogue explain`, `trilogue explain actor/mistral-ai a
    tlg:SmallOrMediumEnterprise`
    """
    from trilogue import terminal

    found = _explanations(endpoint, (subject, prop, value), layer, limit)
    count = 0
    for count, item in enumerate(found, 1):
        if form is Explained.markdown:
            sys.stdout.write(item.markdown(count))
        elif form is Explained.json:
            sys.stdout.write(json.dumps(asdict(item), ensure_ascii=False) + "\n")
        else:
            terminal.print_explanation(console, count, item)
    if not count:
        raise errors.TrilogueError(f"the {layer} layer is consistent: nothing to explain")
    if form is Explained.text:
        console.print(f"{count} explanations")


def _explanations(
    endpoint: Endpoint, question: tuple[str, str, str], layer: Layer, limit: int
) -> Iterator[Explanation]:
    from trilogue import explanation, inference, layers

    project = Project.find()
    subject, prop, value = question
    if not subject:
        quads = open_layers(endpoint, layer.value).quads(layer.value)
        return explanation.why_inconsistent(project, quads, limit)
    if prop and not value:
        raise errors.QueryError(f"'{prop}': expected a class or a statement of three words")
    resolved = open_layers(endpoint, addresses.RESOLVED).quads(addresses.RESOLVED)
    given = inference.given(project, resolved)
    explainer = explanation.Explainer(given, layers.places(project))
    if not prop:
        return explainer.unsatisfiable(explainer.known(subject), limit)
    names = (subject, "rdf:type" if prop == "a" else prop, value)
    subject, prop, value = map(explainer.known, names)
    return explainer.statement(subject, prop, value, limit)


@app.command()
@asks_endpoints
def contradictions(
    form: Form = Format.table,
    undecided: Annotated[
        bool, typer.Option("--open", help="Only those that nobody has decided on.")
    ] = False,
    page: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write them as an HTML page there.")
    ] = None,
    endpoint: Endpoint = HERE,
) -> None:
    """List where the source contradicts itself, with both sides, pages and decision.

    Examples: `trilogue contradictions --format csv`, `trilogue contradictions --page
    build/contradictions.html`
    """
    from trilogue import contradictions as search
    from trilogue import pages, terminal
    from trilogue.results import Bindings

    layers = open_layers(endpoint, addresses.CONTESTED)
    found = search.find(layers.project, layers.store(addresses.CONTESTED))
    if undecided:
        found = tuple(item for item in found if item.decision == "open")
    if page is not None:
        with written_aside(page) as file:
            file.write(pages.contradictions_page(found).encode())
        console.print(f"{page}: {len(found)} contradictions")
        return
    if form is not Format.table:
        rows = (item.cells() for item in found)
        write_bindings(Bindings.of_text(search.COLUMNS, rows), form)
        return
    terminal.print_contradictions(console, found)


@app.command()
@asks_endpoints
def report(form: Form = Format.table, endpoint: Endpoint = HERE) -> None:
    """Print how the graph stands against each bar: profile, consistency, shapes, checks, site.

    Exits with 1 where a bar is missed. Example: `trilogue report`
    """
    from trilogue import report as scoreboard
    from trilogue import terminal
    from trilogue.results import Bindings

    held = open_layers(endpoint, addresses.PUBLISHED, addresses.CONTESTED)
    scores = list(scoreboard.scores(held))
    if form is Format.table:
        terminal.print_scores(console, scores)
    else:
        rows = (score.cells() for score in scores)
        write_bindings(Bindings.of_text(scoreboard.COLUMNS, rows), form)
    if not all(score.passed for score in scores):
        raise typer.Exit(1)
