"""Acts and relations by the million: a folder of Parquet files, searched by way of its index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trilogue.errors import QueryError
from trilogue.paths.answers import Paths, Search
from trilogue.paths.compiled.index import Index
from trilogue.paths.query import PathQuery
from trilogue.paths.statements import Statements

if TYPE_CHECKING:
    from trilogue.paths.enumeration import InfluencePath


class Register:
    """A network too large to hold as hops; `parquet.py` says what its files hold.

    The index is built at first use and kept in the folder; it is used again while the files have
    the same content, which takes a reading of them to tell. Names are those of the files.

    Raises `QueryError` where a file is missing or cannot be read as acts.
    """

    def __init__(self, folder: Path) -> None:
        refuse_unless_register(folder)
        self.index = Index.of_folder(folder)
        self.labels: dict[str, str] = {}

    @property
    def kinds(self) -> Set[str]:
        """The kinds of its hops."""
        return frozenset(self.index.header["kinds"])

    @property
    def issues(self) -> Set[str]:
        """The issues that its hops name."""
        return frozenset(issue for issue in self.index.header["issues"] if issue)

    @property
    def names(self) -> Set[str]:
        """Its things and classes."""
        return _Names(self.index)

    def label(self, thing: str) -> str:
        """Return the name of a thing: the index keeps no labels."""
        return thing

    def paths(
        self,
        expression: str,
        *,
        origins: str | Iterable[str],
        destinations: str | Iterable[str],
        **conditions: Any,
    ) -> Paths:
        """Return the paths along an expression, as `Graph.paths` does."""
        begins, ends = (
            frozenset({names} if isinstance(names, str) else names)
            for names in (origins, destinations)
        )
        return Paths(self, PathQuery(expression, begins, ends, **conditions))

    def search(self, query: PathQuery) -> Search:
        """Return what answers a query, of which all names are those of the register."""
        from trilogue.paths.compiled import search

        return search.Search(self.index, query)

    def statements(self, found: Paths, _: Iterable[InfluencePath]) -> Statements:
        """Return what writes paths as RDF, with nothing but what the paths themselves hold."""
        return Statements(found.query)


def refuse_unless_register(folder: Path) -> None:
    """Raise `QueryError` where a file of a register is missing."""
    for name in ("acts", "relations", "things"):
        if not (folder / f"{name}.parquet").is_file():
            raise QueryError(f"{folder}: no {name}.parquet; expected a folder of Parquet files")


class _Names(Set[str]):
    """Things and classes, looked up in the index; only the classes are gone through."""

    def __init__(self, index: Index) -> None:
        self.index = index
        parts = [*index.header["classes"], *index.header["types"]]
        self.classes = {name for names in parts for name in names}

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        return name in self.classes or self.index.code(name) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self.classes)

    def __len__(self) -> int:
        return len(self.classes)
