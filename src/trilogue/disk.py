"""Datasets on disk: stores of RocksDB in a folder, of which `current` points to one.

A bulk load is no transaction: what it leaves when it is killed is no dataset. So it fills a store
aside, and `current` is pointed there when all is on the disk; whenever a process or the machine
dies, the folder has the old dataset or the new one. An update is a transaction of the store itself.
The store before stays until the next load: servers that have it open go on reading it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Protocol

from pyoxigraph import RdfFormat, Store

from trilogue.errors import QueryError, TrilogueError

Progress = Callable[[int], None]
"""Told how many bytes have been read so far."""

_POINTER, _LOCK = "current", "lock"


class Source(Protocol):
    """Anything that gives N-Quads, so many bytes at a time."""

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes, none at the end."""


def current(folder: Path) -> Path:
    """Return the store that a folder holds; a store of RocksDB stands for itself.

    Raises `TrilogueError` where there is none.
    """
    store = folder if (folder / "CURRENT").is_file() else folder / _POINTER
    if not (store / "CURRENT").is_file():
        raise TrilogueError(f"{folder}: no store on disk; `trilogue load --store` makes one")
    return store.resolve()


def opened(folder: Path) -> Store:
    """Open a dataset for reading, as it is now; any number of processes can."""
    store = current(folder)
    try:
        return Store.read_only(str(store))
    except OSError as error:
        raise TrilogueError(f"{folder}: cannot be read: {error}") from None


def load(folder: Path, source: Source, progress: Progress | None = None) -> int:
    """Make the quads of a source the dataset of a folder, and return how many it holds.

    Raises `TrilogueError` where another process writes to the folder, or the source does not parse;
    the dataset is the old one then.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _sole_writer(folder):
        pointed = (folder / _POINTER).resolve() if (folder / _POINTER).exists() else None
        kept = {pointed} if pointed else set()
        _remove_stores(folder, kept)
        fresh = folder / _next(pointed)
        try:
            number = _filled(fresh, source, progress)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        _point(folder, fresh)
        return number


@contextmanager
def writing(folder: Path) -> Iterator[Store]:
    """Open a dataset for updates, each of which is in it as a whole or not at all.

    Raises `TrilogueError` where another process writes to the folder.
    """
    store = current(folder)
    with _sole_writer(folder):
        try:
            found = Store(str(store))
        except OSError as error:
            raise TrilogueError(f"{folder}: {_in_words(error)}") from None
        yield found
        found.flush()


def update(folder: Path, text: str) -> None:
    """Run a SPARQL update, as a whole or not at all; raises `QueryError` if it does not parse."""
    with writing(folder) as store:
        try:
            store.update(text)
        except SyntaxError as error:
            raise QueryError(f"update: {error.msg}") from None


def _filled(fresh: Path, source: Source, progress: Progress | None) -> int:
    """Fill a store, and return when all of it is on the disk."""
    store = Store(str(fresh))
    try:
        store.bulk_load(input=_counted(source, progress), format=RdfFormat.N_QUADS)
    except SyntaxError as error:
        raise TrilogueError(f"no N-Quads: {error.msg}") from None
    except OSError as error:
        raise TrilogueError(f"{fresh.parent}: cannot be written: {error}") from None
    number = len(store)
    store.flush()
    del store
    for path in (*fresh.iterdir(), fresh):
        _to_disk(path)
    return number


def _counted(source: Source, progress: Progress | None) -> IO[bytes]:
    return _Counted(source, progress) if progress else source  # type: ignore[return-value]


class _Counted:
    """A source that tells how much of it was read."""

    def __init__(self, source: Source, progress: Progress) -> None:
        self._source = source
        self._progress = progress
        self._read = 0

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes."""
        content = self._source.read(size)
        self._read += len(content)
        self._progress(self._read)
        return content


def _next(pointed: Path | None) -> str:
    """Return the name of the next store.

    >>> _next(None), _next(Path("/data/store-9"))
    ('store-1', 'store-10')
    """
    number = int(pointed.name.rpartition("-")[2]) if pointed else 0
    return f"store-{number + 1}"


def _point(folder: Path, store: Path) -> None:
    """Point to another store, in one step."""
    aside = folder / f".{_POINTER}"
    aside.unlink(missing_ok=True)
    aside.symlink_to(store.name)
    _to_disk(folder)
    aside.replace(folder / _POINTER)
    _to_disk(folder)


def _remove_stores(folder: Path, kept: set[Path]) -> None:
    """Remove what earlier loads have left, whole or not."""
    for path in folder.glob("store-*"):
        if path.resolve() not in kept:
            shutil.rmtree(path)


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        with suppress(OSError):  # some file systems do not sync folders
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _sole_writer(folder: Path) -> Iterator[None]:
    """Keep other processes from writing; the system ends this with the process, however it ends."""
    place = folder if not (folder / "CURRENT").is_file() else folder.parent
    with (place / _LOCK).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise TrilogueError(f"{folder}: another process is writing to it") from None
        yield


def _in_words(error: OSError) -> str:
    text = str(error)
    if "LOCK" in text or "lock file" in text:
        return "another process is writing to it"
    return f"cannot be opened: {text}"
