"""The command that loads the graph into a store elsewhere, or on disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trilogue import errors
from trilogue.cli.app import app, console, messages
from trilogue.cli.endpoints import HERE, Endpoint, asks_endpoints
from trilogue.project import Project

if TYPE_CHECKING:
    from trilogue import disk
    from trilogue.remote.loading import Loaded, Progress


@app.command()
@asks_endpoints
def load(
    file: Annotated[
        Path | None, typer.Argument(help="N-Quads for --store; the published graph unless given.")
    ] = None,
    store: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Make it the dataset of this folder, on disk."),
    ] = None,
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
    """Load the graph into a store: on disk, or elsewhere the layers that --endpoint names.

    On disk the folder holds the old dataset or the new one whenever this is stopped. Elsewhere only
    what is missing or differs is sent, and all is checked by counts and digests; a load that was
    cut off goes on where it ended. `src/trilogue/remote/stores.md` tells about stores.
    Examples: `trilogue load --store build/store`, `trilogue load --endpoint
    "http://localhost:3030/graph/sparql contested=http://localhost:3030/contested/sparql"`
    """
    if store:
        _load_on_disk(store, file)
        return
    if file:
        raise errors.QueryError(f"{file}: only --store takes a file; an endpoint takes the graph")
    from trilogue.graph import EmbeddedLayers
    from trilogue.remote import addresses, loading
    from trilogue.remote.endpoint import Endpoint as Store

    found = addresses.by_layer(endpoint.addresses)
    if not found:
        raise errors.QueryError("--endpoint: expected the address of a store, or a --store on disk")
    if len(found) > 1 and (update or graph_store):
        raise errors.QueryError("--update, --graph-store: only with one endpoint")
    layers = EmbeddedLayers(Project.find())
    for layer, url in found.items():
        remote = Store(url, endpoint.settings)
        writer = loading.writer(url, endpoint.settings, update=update, graph_store=graph_store)
        with _progress() as progress:
            loaded = loading.load(layers.quads(layer), remote, writer, progress)
        console.print(_in_words(layer, remote.place, loaded), soft_wrap=True, highlight=False)


def _load_on_disk(folder: Path, file: Path | None) -> None:
    from trilogue import disk

    path = file or Project.find().dataset
    if not path.exists():
        reason = "no such file" if file else "not built yet; run `make`"
        raise errors.TrilogueError(f"{path}: {reason}")
    with path.open("rb") as source, _bytes_read(path.stat().st_size) as progress:
        number = disk.load(folder, source, progress)
    console.print(f"{folder}: {number:,} quads", highlight=False, soft_wrap=True)


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
    """Show how far it is, in a terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns,
        TimeElapsedColumn(),
        console=messages,
        transient=True,
        disable=not messages.is_terminal,
    ) as bar:
        task = bar.add_task("reading", total=None)

        def progress(step: str, done: int, total: int) -> None:
            bar.update(task, description=step, completed=done, total=total)

        yield progress


@contextmanager
def _bytes_read(size: int) -> Iterator[disk.Progress | None]:
    """Show how much has been read, in a terminal."""
    if not messages.is_terminal:
        yield None
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=messages, transient=True) as progress:
        task = progress.add_task("reading", total=size or None)

        def show(read: int) -> None:
            done = size and read >= size
            progress.update(task, completed=read, description="writing" if done else "reading")

        yield show
