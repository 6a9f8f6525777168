"""The command that loads the graph into a store elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from trilogue import errors
from trilogue.cli.app import app, console, messages
from trilogue.cli.endpoints import HERE, Endpoint, asks_endpoints
from trilogue.project import Project

if TYPE_CHECKING:
    from trilogue.remote.loading import Loaded, Progress


@app.command()
@asks_endpoints
def load(
    update: Annotated[
        str,
        typer.Option(metavar="URL", help="Where the store takes updates; else known or guessed."),
    ] = "",
    graph_store: Annotated[
        str,
        typer.Option(metavar="URL", help="Load by the Graph Store Protocol, graph by graph, here."),
    ] = "",
    endpoint: Endpoint = HERE,
) -> None:
    """Load the graph into a store: the published dataset, or the layers that --endpoint names.

    Only what is missing or differs is sent, and all is checked by counts and digests; a load that
    was cut off goes on where it ended. `src/trilogue/remote/stores.md` tells about stores.
    Examples: `trilogue load --endpoint http://localhost:7878/query`, `trilogue load --endpoint
    "http://localhost:3030/graph/sparql contested=http://localhost:3030/contested/sparql"`
    """
    from trilogue.graph import EmbeddedLayers
    from trilogue.remote import addresses, loading
    from trilogue.remote.endpoint import Endpoint as Store

    found = addresses.by_layer(endpoint.addresses)
    if not found:
        raise errors.QueryError("--endpoint: expected the address of a store")
    if len(found) > 1 and (update or graph_store):
        raise errors.QueryError("--update, --graph-store: only with one endpoint")
    layers = EmbeddedLayers(Project.find())
    for layer, url in found.items():
        store = Store(url, endpoint.settings)
        writer = loading.writer(url, endpoint.settings, update=update, graph_store=graph_store)
        with _progress() as progress:
            loaded = loading.load(layers.quads(layer), store, writer, progress)
        console.print(_in_words(layer, store.place, loaded), soft_wrap=True, highlight=False)


def _in_words(layer: str, place: str, loaded: Loaded) -> str:
    words = (
        f"{place}: {layer}: {loaded.quads:,} statements in {loaded.graphs:,} graphs, "
        f"checked; {loaded.sent:,} sent, {loaded.removed:,} removed"
    )
    if loaded.foreign:
        words += f"; {loaded.foreign:,} graphs of others stay, and queries see them too"
    return words


@contextmanager
def _progress() -> Iterator[Progress]:
    """Show how far it is, in a terminal; an interrupt is told as what it is."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    sending = False
    with Progress(
        *columns,
        TimeElapsedColumn(),
        console=messages,
        transient=True,
        disable=not messages.is_terminal,
    ) as bar:
        task = bar.add_task("reading", total=None)

        def progress(step: str, done: int, total: int) -> None:
            nonlocal sending
            sending = sending or step == "loading"
            bar.update(task, description=step, completed=done, total=total)

        try:
            yield progress
        except KeyboardInterrupt:
            state = "the store is marked as incomplete" if sending else "nothing was sent"
            raise errors.InterruptionError(
                f"interrupted; {state}: the same command goes on from there"
            ) from None
