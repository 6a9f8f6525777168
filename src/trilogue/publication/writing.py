"""Writes a site to a folder, aside first: a reader never finds half of it."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
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
    made: set[str] = set()
    documents = size = 0
    for path in site.paths():
        document = site.document(path)
        if document is None:
            raise TrilogueError(f"{path}: listed, but cannot be made")
        parent = path.rpartition("/")[0]
        if parent not in made:
            (aside / parent).mkdir(parents=True, exist_ok=True)
            made.add(parent)
        (aside / path).write_bytes(document.content)
        documents += 1
        size += len(document.content)
    return Written(documents, size)


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
