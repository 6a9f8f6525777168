"""Datasets in memory: stores of the quads of files that were built.

It stands apart from how layers are made, so that a query need not load what makes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pyoxigraph import Quad, RdfFormat, Store

from trilogue.errors import TrilogueError


def opened(*paths: Path) -> Store:
    """Return a store in memory that holds the quads of files that were built.

    Its blank nodes have names of their own. Raises `TrilogueError` where a file is missing or
    damaged.
    """
    store = Store()
    for path in paths:
        with as_built(path):
            store.bulk_load(path=path, format=RdfFormat.N_QUADS)
    if not len(store):
        raise TrilogueError(f"{paths[0]}: damaged (empty); run `make clean all`")
    return store


def stored(quads: Iterable[Quad]) -> Store:
    """Return a store that holds the quads; a store itself is returned as it is."""
    if isinstance(quads, Store):
        return quads
    store = Store()
    store.bulk_extend(quads)
    return store


@contextmanager
def as_built(path: Path) -> Iterator[None]:
    """Tell what reading a file that was built can come to: raises `TrilogueError`."""
    try:
        yield
    except OSError:
        raise TrilogueError(f"{path}: not built yet; run `make`") from None
    except SyntaxError as error:
        raise TrilogueError(f"{path}: damaged ({error.msg}); run `make clean all`") from None
