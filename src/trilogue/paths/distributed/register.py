"""A register that Spark searches: the same folder, the same questions, the same answers."""

from __future__ import annotations

from collections.abc import Iterator, Set
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trilogue.paths.distributed.partitions import Partitions
from trilogue.paths.distributed.search import MOST_LEFT, Search
from trilogue.paths.query import PathQuery
from trilogue.paths.register import Register, refuse_unless_register

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class DistributedRegister(Register):
    """A folder of Parquet files, partitioned by issue at first use (`partitions.py`).

    `most` is how many acts and relations may come back to this machine for one query.
    """

    def __init__(self, spark: SparkSession, folder: Path, most: int = MOST_LEFT) -> None:
        refuse_unless_register(folder)
        self.partitions = Partitions(spark, folder)
        self.most = most
        self.labels: dict[str, str] = {}

    @property
    def kinds(self) -> Set[str]:
        """The kinds of its hops."""
        return frozenset(self._header["kinds"])

    @property
    def issues(self) -> Set[str]:
        """The issues that its hops name."""
        return frozenset(self._header["issues"])

    @property
    def names(self) -> Set[str]:
        """Its things and classes."""
        return _Names(self.partitions)

    def search(self, query: PathQuery) -> Search:
        """Return what answers a query, of which all names are those of the register."""
        return Search(self.partitions, query, self.most)

    @property
    def _header(self) -> dict[str, Any]:
        return self.partitions.header


class _Names(Set[str]):
    """Things and classes, looked up by Spark; only the classes are gone through."""

    def __init__(self, partitions: Partitions) -> None:
        self.things = partitions.things
        self.classes = frozenset(partitions.header["classes"])

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        return name in self.classes or not self.things.where(self.things.thing == name).isEmpty()

    def __iter__(self) -> Iterator[str]:
        return iter(self.classes)

    def __len__(self) -> int:
        return len(self.classes)
