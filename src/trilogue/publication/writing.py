"""Writes a site to a folder, aside first: a reader never finds half of it."""

from __future__ import annotations

import gc
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from trilogue.errors import TrilogueError
from trilogue.project import Step, unreported
from trilogue.publication import addresses, checking, crate, dumps
from trilogue.publication.site import VOID, Site


@dataclass(frozen=True)
class Written:
    """What was written: documents, and bytes in all."""

    documents: int
    size: int


def publish(site: Site, folder: Path, step: Step = unreported) -> Written:
    """Write all documents of a site to `folder`, which an earlier site may hold.

    Raises `TrilogueError` where the folder holds anything besides, where a description breaks its
    shapes, or where the disk refuses. In each case the folder stays as it was.
    """
    folder = folder.absolute()
    _refuse_other(site, folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
        try:
            aside.chmod(0o755)
            step("checking descriptions")
            checking.check(site)
            step("writing pages and data")
            written = _write(site, aside)
            _exchange(aside, folder)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    except OSError as error:
        raise TrilogueError(f"{folder}: cannot be written: {error.strerror}") from error
    return written


def _refuse_other(site: Site, folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise TrilogueError(f"{folder}: is no folder")
    held = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    if held and not _is_site(folder):
        raise TrilogueError(f"{folder}: holds something else than a site; name another folder")
    if besides := sorted(held - site.entries):
        raise TrilogueError(f"{folder}: holds {besides[0]} besides a site; name another folder")


def _is_site(folder: Path) -> bool:
    """Tell whether a folder holds a site of ours; any crate has metadata, so more must be there."""
    if not all((folder / path).is_file() for path in (crate.PATH, dumps.SUMS, VOID)):
        return False
    return addresses.HOME.encode() in (folder / VOID).read_bytes()


def _write(site: Site, aside: Path) -> Written:
    """Write all documents, a share of them in each of as many processes as there are cores.

    Each has all that was read before it was forked. The forms of one thing are made in a row, by
    one process, because they share what is looked up.
    """
    site.prepare()
    shares: list[list[str]] = [[] for _ in range(os.cpu_count() or 1)]
    for number, (_, paths) in enumerate(itertools.groupby(site.paths(), _subject)):
        shares[number % len(shares)] += paths
    for parent in {path.rpartition("/")[0] for share in shares for path in share}:
        (aside / parent).mkdir(parents=True, exist_ok=True)
    processes = [_Writing(site, aside, share) for share in shares]
    try:
        sizes = [each.result() for each in processes]
    finally:
        for each in processes:
            each.stop()
    return Written(sum(map(len, shares)), sum(sizes))


def _subject(path: str) -> str:
    """Return what a document is about: its path without folder and ending."""
    return path.partition("/")[2].rpartition(".")[0]


class _Writing:
    """A forked process that writes a share of the documents."""

    def __init__(self, site: Site, aside: Path, paths: list[str]) -> None:
        forking = get_context("fork")
        self._answer, answer = forking.Pipe(duplex=False)
        self._process = forking.Process(target=_write_share, args=(site, aside, paths, answer))
        self._process.start()
        answer.close()

    def result(self) -> int:
        """Return how many bytes were written; raises what kept the process from it."""
        try:
            answer = self._answer.recv()
        except EOFError:
            raise TrilogueError("a process that wrote pages was killed") from None
        if isinstance(answer, BaseException):
            raise answer
        return int(answer)

    def stop(self) -> None:
        """End the process, if it has not ended."""
        self._process.terminate()
        self._process.join()


def _write_share(site: Site, aside: Path, paths: Iterable[str], answer: Connection) -> None:
    gc.freeze()  # what was made before the fork is not looked at again, and stays shared
    size = 0
    try:
        for path in paths:
            document = site.document(path)
            if document is None:
                raise TrilogueError(f"{path}: listed, but cannot be made")
            (aside / path).write_bytes(document.content)
            size += len(document.content)
        answer.send(size)
    except (OSError, TrilogueError) as error:
        answer.send(error)


def _exchange(aside: Path, folder: Path) -> None:
    """Put the one folder in the place of the other, which comes back if that is cut short."""
    if not folder.exists():
        aside.rename(folder)
        return
    old = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}.")) / folder.name
    try:
        folder.rename(old)
        aside.rename(folder)
    except BaseException:
        if not folder.exists():
            old.rename(folder)
        shutil.rmtree(old.parent, ignore_errors=True)
        raise
    shutil.rmtree(old.parent)
