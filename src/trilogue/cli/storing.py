"""The command that loads quads into a dataset on disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trilogue import errors
from trilogue.cli.app import app, console, messages
from trilogue.project import Project

if TYPE_CHECKING:
    from trilogue.disk import Progress


@app.command()
def load(
    store: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Make the quads the dataset of this folder.")
    ],
    file: Annotated[
        Path | None, typer.Argument(help="N-Quads; the published dataset unless given.")
    ] = None,
) -> None:
    """Load quads into a dataset on disk, in place of what it held.

    Whenever this is stopped, even by the machine, the folder holds the old dataset or the new one.
    Example: `trilogue load --store build/store`, then `trilogue serve --store build/store`
    """
    from trilogue import disk

    path = file or Project.find().dataset
    if not path.exists():
        reason = "no such file" if file else "not built yet; run `make`"
        raise errors.TrilogueError(f"{path}: {reason}")
    with path.open("rb") as source, _progress(path.stat().st_size) as progress:
        number = disk.load(store, source, progress)
    console.print(f"{store}: {number:,} quads", highlight=False, soft_wrap=True)


@contextmanager
def _progress(size: int) -> Iterator[Progress | None]:
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
