"""Where things stand in a checkout, and how files are written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from trilogue.errors import TrilogueError

Step = Callable[[str], None]
"""Is called at the begin of each step of longer work, with the name of the step."""


@dataclass(frozen=True)
class Project:
    """A checkout of the graph: rows, ontology, queries, and what is built from them."""

    root: Path

    @classmethod
    def find(cls, start: Path | None = None) -> Project:
        """Return the project that holds `start` (the working directory), or this package.

        Raises `TrilogueError` where neither stands in a checkout.
        """
        start = (start or Path.cwd()).resolve()
        for folder in (start, *start.parents, Path(__file__).resolve().parents[2]):
            if (folder / "data" / "mapping").is_dir() and (folder / "ontology").is_dir():
                return cls(folder)
        raise TrilogueError(f"{start}: no Trilogue checkout here (expected data/ and ontology/)")

    @property
    def mapping(self) -> Path:
        """CSVW metadata of all tables."""
        return self.root / "data" / "mapping" / "thesis.json"

    @property
    def coverage(self) -> Path:
        """The ledger of passages and the rows that they gave."""
        return self.root / "data" / "coverage.csv"

    @property
    def queries(self) -> Path:
        """Folder of the query catalogue."""
        return self.root / "queries"

    @property
    def ontology(self) -> Path:
        """Folder of the ontology."""
        return self.root / "ontology"

    @property
    def shapes(self) -> list[Path]:
        """SHACL files that data is held against."""
        folder = self.ontology / "shapes"
        return sorted(path for path in folder.glob("*.ttl") if path.stem != "ontology-style")

    @property
    def vocabulary_files(self) -> list[Path]:
        """Turtle files that make the ontology graph: header, modules, vocabularies, stubs."""
        folders = ("modules", "vocabularies", "external")
        files = [path for folder in folders for path in (self.ontology / folder).glob("*.ttl")]
        return [self.ontology / "trilogue.ttl", *sorted(files)]

    @property
    def build(self) -> Path:
        """Folder of everything that is made."""
        return self.root / "build"

    @property
    def asserted(self) -> Path:
        """All rows, contradictions included."""
        return self.build / "asserted.nq"

    @property
    def resolved(self) -> Path:
        """The rows that resolutions.csv has not set aside."""
        return self.build / "resolved.nq"

    @property
    def inferred(self) -> Path:
        """What the ontology entails from the resolved rows."""
        return self.build / "inferred.nq"

    @property
    def dataset(self) -> Path:
        """The published dataset: resolved and inferred."""
        return self.build / "trilogue.nq"

    @property
    def report(self) -> Path:
        """The SHACL validation report."""
        return self.build / "validation.ttl"

    @property
    def rows(self) -> list[Path]:
        """The tables of curated rows."""
        return sorted((self.root / "data").rglob("*.csv"))

    @property
    def places(self) -> Path:
        """File and line of each row, kept at the build for those who are asked for them."""
        return self.build / "places.json"

    @property
    def contradictions(self) -> Path:
        """The contradictions of the source, kept at validation for those who show them."""
        return self.build / "contradictions.json"

    @property
    def results(self) -> Path:
        """Results that pages of things need, kept at validation for those who show them."""
        return self.build / "results.json"

    def relative(self, path: Path | str) -> str:
        """Return a path as the user knows it: from the root of the checkout."""
        try:
            return Path(path).resolve().relative_to(self.root).as_posix()
        except ValueError:
            return str(path)


def unreported(_: str) -> None:
    """Take note of a step of the work, and tell nobody."""


def is_newer(path: Path, than: Iterable[Path]) -> bool:
    """Tell whether a file was written when all of the others had been."""
    try:
        written = path.stat().st_mtime_ns
        return all(other.stat().st_mtime_ns <= written for other in than)
    except OSError:
        return False


@contextmanager
def written_aside(path: Path) -> Iterator[IO[bytes]]:
    """Open a file beside `path` that takes its place only when all is written.

    Where the block fails, is interrupted, or the disk is full, `path` stays as it was.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        aside = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            aside.chmod(0o644)
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)
    except OSError as error:
        raise TrilogueError(f"{path}: cannot be written: {error.strerror}") from error
