"""The answers of a path query over partitions: the same as those of `enumeration.py`."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from trilogue.errors import QueryError
from trilogue.paths.distributed.counting import Counting
from trilogue.paths.distributed.partitions import Partitions
from trilogue.paths.distributed.reduction import Reduction
from trilogue.paths.query import PathQuery, Score

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from trilogue.paths.compiled.search import Search as Embedded
    from trilogue.paths.enumeration import InfluencePath as Found

MOST_LEFT = 2_000_000  # acts and relations that come back to one machine
MOST_COUNTED = 2**53  # as the embedded engine


class Search:
    """Spark leaves what can lie on a path, and the embedded engine answers from that.

    Where more than `most` acts and relations are left, paths are counted and dated on Spark, and
    not listed: then `QueryError` is raised for what cannot be told so.
    """

    def __init__(self, partitions: Partitions, query: PathQuery, most: int = MOST_LEFT) -> None:
        self.query = query
        self.partitions = partitions
        self.most = most
        self._folder = tempfile.TemporaryDirectory(dir=partitions.path, prefix=".search.")
        self.reduction = Reduction(partitions, query, Path(self._folder.name))
        self.origins = self.reduction.origins
        self.destinations = self.reduction.destinations

    def paths(self) -> Iterator[Found]:
        """Yield each path, in no particular but always the same order."""
        if self.left:
            yield from self._embedded("list").paths()

    def exists(self) -> bool:
        """Tell whether there is a path."""
        if not self.left:
            return False
        if self._is_too_much:
            return bool(self._counting("look for one").earliest())
        return self._embedded("look for one").exists()

    def count(self) -> int:
        """Return the number of paths.

        Raises `QueryError` where there are more than floating-point numbers can count, as the
        embedded engine does.
        """
        if not self.left:
            return 0
        if not self._is_too_much:
            return self._embedded("count").count()
        found = self._counting("count").count()
        if found > MOST_COUNTED:
            raise QueryError(f"more than {MOST_COUNTED} paths: too many to count")
        return found

    def earliest(self) -> dict[str, int]:
        """Return, for each destination that is reached, the first day of arrival."""
        if not self.left:
            return {}
        if self._is_too_much:
            return self._counting("date").earliest()
        return self._embedded("date").earliest()

    def top(self, number: int, by: Score) -> list[Found]:
        """Return the best paths, the best first."""
        return self._embedded("rank").top(number, by) if self.left else []

    @functools.cached_property
    def left(self) -> int:
        """How many acts and relations are left, one for each position of the expression."""
        return int(self.reduction.survivors.count())

    @property
    def _is_too_much(self) -> bool:
        return self.left > self.most

    def _counting(self, what: str) -> Counting:
        if self.query.simple:
            raise self._refusal(f"{what} simple paths")
        return self._counted

    @functools.cached_property
    def _counted(self) -> Counting:
        return Counting(self.reduction)

    def _embedded(self, what: str) -> Embedded:
        if self._is_too_much:
            raise self._refusal(f"{what} paths")
        return self._register

    def _refusal(self, what: str) -> QueryError:
        return QueryError(
            f"{self.left} acts and relations may lie on a path, too many to {what} (at most "
            f"{self.most}): narrow the query, or ask for the number or the earliest arrival"
        )

    @functools.cached_property
    def _register(self) -> Embedded:
        """What is left, as a small register of its own."""
        from trilogue.paths.compiled.index import Index
        from trilogue.paths.compiled.search import Search as Embedded

        folder = Path(self._folder.name) / "left"
        folder.mkdir()
        self._collect(folder)
        return Embedded(Index.of_folder(folder), self.query)

    def _collect(self, folder: Path) -> None:
        """Write the acts and relations that are left, with their evidence, and their things."""
        import pyarrow.parquet
        from pyspark.sql import functions

        left = self.reduction.survivors
        grounds = functions.broadcast(left.select("ground").distinct())
        ends = left.selectExpr("explode(array(source, target)) AS thing").distinct()
        tables = {
            "acts": self._acts.join(grounds, "ground", "left_semi"),
            "relations": self.partitions.relations.join(grounds, "ground", "left_semi"),
            "things": self.partitions.things.join(ends, "thing", "left_semi"),
        }
        for name, rows in tables.items():
            order = "thing" if name == "things" else "ground"
            table = rows.toArrow().sort_by(order)
            pyarrow.parquet.write_table(table, folder / f"{name}.parquet")

    @functools.cached_property
    def _acts(self) -> DataFrame:
        """The acts, only on issues that are left where no hop has rows on another."""
        from pyspark.sql import functions

        acts = self.partitions.acts
        if self.partitions.header["several"]:
            return acts
        issues = self.reduction.issues
        if issues is None:
            return acts
        return acts.where(functions.col("issue").isNull() | functions.col("issue").isin(*issues))
