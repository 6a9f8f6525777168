"""Where walks stand between two hops: a thing, what they carry, and a bound on the day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow
    from pyspark.sql import DataFrame

FEW = 100_000  # rows that are sent to every worker rather than shuffled
_MOST_ISSUES = 1000  # that are named in a filter


@dataclass(frozen=True)
class Frontier:
    """Rows of `thing`, `carried` (an issue, or none named yet) and `day`.

    `issues` are those that are carried, and nothing where any may be.
    """

    rows: DataFrame
    few: bool
    issues: frozenset[str] | None

    @property
    def sent(self) -> DataFrame:
        """The rows, sent to every worker if they are few."""
        from pyspark.sql import functions

        return functions.broadcast(self.rows) if self.few else self.rows

    def on_issues(self, hops: DataFrame) -> DataFrame:
        """Return the hops that name one of the issues, or none: other partitions are not read."""
        if self.issues is None or len(self.issues) > _MOST_ISSUES:
            return hops
        return hops.where(hops.issue.isNull() | hops.issue.isin(*sorted(self.issues)))


def settled(rows: DataFrame, scratch: Path) -> tuple[Frontier, tuple[int, int]] | None:
    """Compute a frontier now, and cut it off from how it was computed; also sum it up.

    Few rows come to the driver; many are written. Either way what a worker that dies had computed
    is not lost. The sum, of rows and of days, tells whether two rounds gave the same.
    """
    table = rows.limit(FEW + 1).toArrow()
    if not table.num_rows:
        return None
    if table.num_rows <= FEW:
        kept = rows.sparkSession.createDataFrame(table, rows.schema)
        issues = table.column("carried").unique().to_pylist()
        return Frontier(kept, True, _named(issues)), _sums(table)
    rows.write.parquet(str(scratch))
    kept = rows.sparkSession.read.schema(rows.schema).parquet(str(scratch))
    number, days = kept.selectExpr("count(*)", "sum(day)").collect()[0]
    issues = [issue for (issue,) in kept.select("carried").distinct().collect()]
    return Frontier(kept, False, _named(issues)), (number, days)


def _sums(table: pyarrow.Table) -> tuple[int, int]:
    return table.num_rows, sum(table.column("day").to_pylist())


def _named(issues: list[str | None]) -> frozenset[str] | None:
    return None if None in issues else frozenset(issue for issue in issues if issue)


def union(frontiers: Iterable[Frontier]) -> Frontier | None:
    """Return several frontiers as one; nothing where there is none."""
    found: Frontier | None = None
    for frontier in frontiers:
        if found is None:
            found = frontier
            continue
        issues = None
        if found.issues is not None and frontier.issues is not None:
            issues = found.issues | frontier.issues
        found = Frontier(found.rows.union(frontier.rows), found.few and frontier.few, issues)
    return found
