"""Datasets on disk: versions of a store in a folder, and a link to the present one.

A store that is read while somebody writes to it is undefined behaviour in RocksDB, and a bulk load
that is killed leaves none. So what changes is a version of its own, which becomes the present one
when all of it is on the disk, by the renaming of a link; an update begins with the files of the
version before, by hard links. A process that is killed in the midst leaves a folder that nobody
knows of, and the next change clears it away.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Protocol, TypeVar

from pyoxigraph import RdfFormat, Store

from trilogue.errors import QueryError, TrilogueError

Result = TypeVar("Result")
Change = Callable[[Store], Result]
Settle = Callable[[], None]
Progress = Callable[[int], None]
"""Told how many bytes have been read so far."""

_PRESENT, _LOCK = "present", "writing"
_OF_STORE = "CURRENT"  # a file that each store of RocksDB has
_IN_USE = "another process is writing to it"


class Source(Protocol):
    """Anything that gives N-Quads, so many bytes at a time."""

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes, none at the end."""


def opened(folder: Path) -> Store:
    """Open a dataset for reading, as it is now; any number of processes can.

    A plain store of Oxigraph stands for itself; a version stays on disk as long as this process
    lives. Raises `TrilogueError` where there is none.
    """
    if is_versioned(folder):
        return Versions(folder).store
    if not is_store(folder):
        raise TrilogueError(f"{folder}: no store on disk; `trilogue load --store` makes one")
    try:
        return Store.read_only(str(folder))
    except OSError as error:
        raise TrilogueError(f"{folder}: cannot be read: {error}") from None


def load(folder: Path, source: Source, progress: Progress | None = None) -> int:
    """Make the quads of a source the dataset of a folder, and return how many it holds.

    Raises `TrilogueError` where another process writes to the folder, or the source does not parse;
    the dataset is the old one then.
    """

    def filled(store: Store) -> int:
        try:
            store.bulk_load(input=_counted(source, progress), format=RdfFormat.N_QUADS)
        except SyntaxError as error:
            raise TrilogueError(f"no N-Quads: {error.msg}") from None
        return len(store)

    return Versions.of(folder).write(filled, afresh=True, wait=False)


def update(folder: Path, text: str) -> None:
    """Run a SPARQL update, as a whole or not at all.

    Raises `QueryError` if it does not parse, `TrilogueError` where another process writes.
    """

    def updated(store: Store) -> None:
        try:
            store.update(text)
        except SyntaxError as error:
            raise QueryError(f"update: {error.msg}") from None

    Versions.of(folder).write(updated, wait=False)


class Versions:
    """A folder of versions of a store, and a link to the present one.

    Several servers may read and write it: a lock of the system keeps a version while a process
    reads it, and lets one process write at a time.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._link = str(folder / _PRESENT)
        self._name = ""
        self._held = -1
        self._store: Store | None = None

    @classmethod
    def of(cls, folder: Path) -> Versions:
        """Return the versions in a folder; a store becomes their first, an empty folder gets one.

        Raises `TrilogueError` where something else is there, or the store is in use.
        """
        try:
            if not is_versioned(folder):
                _begin(folder)
        except OSError as error:
            raise TrilogueError(f"{folder}: {error.strerror or error}") from None
        return cls(folder)

    @property
    def store(self) -> Store:
        """The present version, read-only."""
        while (name := self._present()) != self._name or self._store is None:
            self._open(name)
        return self._store

    @property
    def state(self) -> str:
        """What tells the version that is open from all others."""
        return state_of(self._folder / self._name)

    def close(self) -> None:
        """Let go of the version that is open, so that it can be removed when it is not present."""
        self._store = None
        if self._held >= 0:
            os.close(self._held)
            self._held = -1

    def _present(self) -> str:
        return os.readlink(self._link)  # noqa: PTH115 - at each request, and five times as fast

    def _open(self, name: str) -> None:
        """Open a version, and keep it on disk for as long as it is open."""
        self.close()
        with suppress(FileNotFoundError):  # cleared away since the link was read
            self._held = os.open(self._folder / name, os.O_RDONLY)
            fcntl.flock(self._held, fcntl.LOCK_SH)
            if self._present() == name:
                self._store = Store.read_only(str(self._folder / name))
                self._name = name

    def write(
        self,
        change: Change[Result],
        settle: Settle = lambda: None,
        *,
        afresh: bool = False,
        wait: bool = True,
    ) -> Result:
        """Make a change, and return its result; where it raises an error, nothing has changed.

        `settle` is called at the last moment at which the change may still be given up. The change
        begins with the present version, or `afresh` with an empty store. Raises `TrilogueError`
        where another process writes, if it is not to `wait` for that, and where the disk fails.
        """
        with _sole_writer(self._folder, wait=wait):
            present = self._present()
            name = str(int(present) + 1)
            following = self._folder / name
            shutil.rmtree(following, ignore_errors=True)
            try:
                if not afresh:
                    Store.read_only(str(self._folder / present)).backup(str(following))
                result = _changed(following, change)
            except OSError as error:
                shutil.rmtree(following, ignore_errors=True)
                raise TrilogueError(f"{self._folder}: cannot be written: {error}") from None
            except BaseException:
                shutil.rmtree(following, ignore_errors=True)
                raise
            settle()
            _make_present(self._folder, name)
            self._clear(name)
        return result

    def _clear(self, present: str) -> None:
        """Remove the versions that nobody reads any more."""
        for folder in self._folder.iterdir():
            if folder.name == present or not folder.name.isdecimal():
                continue
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            except BlockingIOError:
                pass
            finally:
                os.close(descriptor)


def state_of(folder: Path) -> str:
    """Return what tells the present content of a store from any other: a digest of its files.

    RocksDB never changes a table in place; all else that it writes grows. The files that a reader
    makes are left out.
    """
    found = sorted(
        (path.name, path.stat().st_size, path.stat().st_mtime_ns)
        for path in folder.iterdir()
        if not path.name.startswith("LO")  # LOG and LOCK
    )
    return hashlib.sha256(repr(found).encode()).hexdigest()


def is_store(folder: Path) -> bool:
    """Tell whether a folder holds a store of Oxigraph."""
    return (folder / _OF_STORE).is_file()


def is_versioned(folder: Path) -> bool:
    """Tell whether a folder holds versions of a store."""
    return (folder / _PRESENT).is_symlink()


def _changed(folder: Path, change: Change[Result]) -> Result:
    """Change a version that nobody knows yet; when this returns, it is closed and on disk."""
    store = Store(str(folder))
    result = change(store)
    store.flush()
    del store
    for path in (*folder.iterdir(), folder):
        _to_disk(path)
    return result


def _make_present(folder: Path, name: str) -> None:
    """Make a version the present one, durably."""
    aside = folder / f".{_PRESENT}"
    aside.unlink(missing_ok=True)
    aside.symlink_to(name)
    _to_disk(folder)
    aside.replace(folder / _PRESENT)
    _to_disk(folder)


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        with suppress(OSError):  # some file systems do not sync folders
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _begin(folder: Path) -> None:
    first = folder / "1"
    if is_store(folder):
        with _unused(folder):
            first.mkdir(exist_ok=True)
            found = [path for path in folder.iterdir() if path != first]
            # that which tells a store comes last: if this is interrupted, it can begin anew
            for path in sorted(found, key=lambda path: path.name == _OF_STORE):
                path.rename(first / path.name)
    else:
        if folder.exists() and any(path != first for path in folder.iterdir()):
            raise TrilogueError(f"{folder}: no store of Oxigraph, and not empty")
        folder.mkdir(parents=True, exist_ok=True)
        _make_empty(first)
    _make_present(folder, "1")


def _make_empty(folder: Path) -> None:
    """Make a store in a process of its own: to open one starts threads, which no fork survives."""
    script = "import pyoxigraph, sys; pyoxigraph.Store(sys.argv[1]).flush()"
    command = [sys.executable, "-c", script, str(folder)]
    made = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - our own words
    if made.returncode:
        raise OSError("a store cannot be made there")


@contextmanager
def _sole_writer(folder: Path, *, wait: bool) -> Iterator[None]:
    """Keep other processes from writing; the system ends this with the process, however it ends."""
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    except BlockingIOError:
        raise TrilogueError(f"{folder}: {_IN_USE}") from None
    finally:
        os.close(descriptor)


@contextmanager
def _unused(folder: Path) -> Iterator[None]:
    """Hold the lock that a process has which writes to the store, as RocksDB itself does."""
    with (folder / "LOCK").open("a") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise TrilogueError(f"{folder}: another process has this store open") from None
        yield


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
