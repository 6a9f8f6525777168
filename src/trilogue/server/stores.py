"""The store that is asked: in memory, on disk, or on disk in versions, which can be written to.

A store that is read while somebody writes to it is undefined behaviour in RocksDB. So a change is
made to a version of its own, which shares its files with the one before by hard links; when all is
well it becomes the present one, by the renaming of a link. A process that is killed in the midst
leaves a folder that nobody knows of, and the next change clears it away.
"""

from __future__ import annotations

import fcntl
import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol, TypeVar

from pyoxigraph import Store

from trilogue.errors import TrilogueError

Result = TypeVar("Result")
Change = Callable[[Store], Result]
Settle = Callable[[], None]
_PRESENT = "present"
_OF_STORE = "CURRENT"  # a file that each store of RocksDB has


class Stores(Protocol):
    """Gives each process the store that it asks."""

    @property
    def store(self) -> Store:
        """The store as it is now."""


class Held:
    """One store, opened at first use in the process that asks it."""

    def __init__(self, opened: Callable[[], Store]) -> None:
        self._opened = opened

    @functools.cached_property
    def store(self) -> Store:
        """The store."""
        return self._opened()


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

    def _present(self) -> str:
        return os.readlink(self._link)  # noqa: PTH115 - at each request, and five times as fast

    def _open(self, name: str) -> None:
        """Open a version, and keep it on disk for as long as it is open."""
        self._store = None
        if self._held >= 0:
            os.close(self._held)
            self._held = -1
        with suppress(FileNotFoundError):  # cleared away since the link was read
            self._held = os.open(self._folder / name, os.O_RDONLY)
            fcntl.flock(self._held, fcntl.LOCK_SH)
            if self._present() == name:
                self._store = Store.read_only(str(self._folder / name))
                self._name = name

    def write(self, change: Change[Result], settle: Settle) -> Result:
        """Make a change, and return its result; where it raises an error, nothing has changed.

        `settle` is called at the last moment at which the change may still be given up.
        """
        with _locked(self._folder / "writing"):
            present = self._present()
            name = str(int(present) + 1)
            following = self._folder / name
            shutil.rmtree(following, ignore_errors=True)
            try:
                Store.read_only(str(self._folder / present)).backup(str(following))
                result = _changed(following, change)
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
    return result


def _make_present(folder: Path, name: str) -> None:
    """Make a version the present one, durably."""
    aside = folder / f".{_PRESENT}"
    aside.unlink(missing_ok=True)
    aside.symlink_to(name)
    aside.replace(folder / _PRESENT)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
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
def _locked(path: Path) -> Iterator[None]:
    """Wait until no other process holds the lock, and hold it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
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
