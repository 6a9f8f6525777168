"""The acts and relations that can lie on a path: back from the destinations, then on from origins.

`semantics.md`, "On many machines", says why what is left has all paths.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from trilogue.paths.distributed import frontiers
from trilogue.paths.distributed.frontiers import FEW, Frontier
from trilogue.paths.distributed.partitions import HOP, Partitions
from trilogue.paths.expression import ANY, Automaton, Condition
from trilogue.paths.network import NO_BEGINNING, NO_END
from trilogue.paths.query import Carry, Order, PathQuery

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


class Things:
    """Things of a register; how many they are is counted when it is asked for."""

    def __init__(self, rows: DataFrame) -> None:
        self.rows = rows

    @functools.cached_property
    def _number(self) -> int:
        return int(self.rows.count())

    def __len__(self) -> int:
        return self._number


class Reduction:
    """What is left of a register for one query; `scratch` is a folder that all machines see."""

    def __init__(self, partitions: Partitions, query: PathQuery, scratch: Path) -> None:
        self.partitions = partitions
        self.query = query
        self.automaton = query.automaton
        self.origins = Things(partitions.members(query.origins))
        self.destinations = Things(partitions.members(query.destinations))
        self._scratch = scratch
        self._written = 0
        self._onward: dict[int, Frontier] = {}
        self._arrived: dict[int, Frontier] = {}
        self._kept: dict[int, DataFrame] = {}

    @functools.cached_property
    def survivors(self) -> DataFrame:
        """What is left: rows of `HOP`, matter, and position of the expression that is matched."""
        from pyspark.sql import functions

        parts = components(self.automaton)
        for positions, repeated in reversed(parts):
            self._settle(positions, self._onward, self._places_before, repeated=repeated)
        for positions, repeated in parts:
            self._settle(positions, self._arrived, self._places_after, repeated=repeated)
        tables = [
            rows.select(*HOP, "matter", functions.lit(position).alias("position"))
            for position, rows in self._kept.items()
        ]
        if not tables:
            empty = self.hops.limit(0).select(*HOP, "matter")
            return empty.withColumn("position", functions.lit(0))
        return functools.reduce(lambda one, other: one.union(other), tables).distinct().persist()

    @functools.cached_property
    def issues(self) -> frozenset[str] | None:
        """The issues that what is left names; nothing where issues do not matter."""
        if self.query.carry is Carry.nothing:
            return None
        row = self.survivors.selectExpr("collect_set(matter)").first()
        return frozenset(row[0] if row else ())

    @functools.cached_property
    def hops(self) -> DataFrame:
        """The hops that can count for the query, their matter, and days that bound those of others.

        A hop may come when the day is no later than it `closes`, and makes it no earlier than it
        `opens`. In possible order, these are the ends of its span. In certain order, all of an
        act's span is after what comes before and before what comes after, and a relation holds on
        its core.
        """
        from pyspark.sql import functions

        rows = self.partitions.hops
        opens, closes = functions.col("earliest"), functions.col("latest")
        if self.query.order is Order.certain:
            rows = rows.where("NOT standing OR core_earliest <= core_latest")
            opens = functions.expr("IF(standing, core_earliest, latest)")
            closes = functions.expr("IF(standing, core_latest, earliest)")
        matter = functions.col("issue")
        if self.query.carry is Carry.nothing:
            matter = functions.lit(None).cast("string")
        if self.query.issues is not None:
            rows = rows.where(matter.isNull() | matter.isin(*sorted(self.query.issues)))
        return rows.withColumns({"opens": opens, "closes": closes, "matter": matter})

    def _settle(
        self,
        positions: list[int],
        found: dict[int, Frontier],
        places: Callable[[int], DataFrame | None],
        *,
        repeated: bool,
    ) -> None:
        """Find the frontier beyond each position; round by round where they follow each other."""
        sums: dict[int, tuple[int, int]] = {}
        for _ in range(self.query.bound if repeated else 1):
            before, sums = sums, {}
            fresh = {}
            for position in positions:
                rows = places(position)
                settled = None if rows is None else frontiers.settled(rows, self._next_scratch())
                if settled is not None:
                    fresh[position], sums[position] = settled
            found.update(fresh)
            if sums == before:
                break

    def _next_scratch(self) -> Path:
        self._written += 1
        return self._scratch / str(self._written)

    def _places_before(self, position: int) -> DataFrame | None:
        """Return from where one can go on with a hop at a position, and until which day."""
        rows = self._leading(position)
        if rows is None or not self._precede(position):
            return None
        return (
            rows.groupBy(rows.source.alias("thing"), "carried")
            .agg({"until": "max"})
            .toDF("thing", "carried", "day")
        )

    def _places_after(self, position: int) -> DataFrame | None:
        """Return where one can be after a hop at a position, from which day on; keep the hops."""
        rows = self._leading(position)
        reached = self._reached(position)
        if rows is None or reached is None:
            return None
        before = reached.sent.toDF("place", "brought", "day")
        kept = rows.join(
            before,
            (rows.source == before.place)
            & (before.day <= rows.until)
            & _either(before.brought, rows.carried),
        ).persist()
        self._kept[position] = kept
        if not self.automaton.follow[position]:
            return None
        from pyspark.sql import functions

        carried = functions.coalesce("brought", "matter").alias("carried")
        day = functions.min(functions.greatest("opens", "day")).alias("day")
        return kept.groupBy(kept.target.alias("thing"), carried).agg(day)

    def _leading(self, position: int) -> DataFrame | None:
        """Return the hops at a position from which a walk can go on to a destination.

        `until` is the last day before which the walk must have come to the hop, and `carried` what
        it and the hops after it carry.
        """
        from pyspark.sql import functions

        onward = self._ahead(position)
        if onward is None:
            return None
        hops = onward.on_issues(self._matching(position))
        after = onward.sent.toDF("place", "brought", "day")
        return hops.join(
            after,
            (hops.target == after.place)
            & (hops.opens <= after.day)
            & _either(hops.matter, after.brought),
        ).select(
            *HOP,
            "matter",
            "opens",
            functions.coalesce("matter", "brought").alias("carried"),
            functions.least("closes", "day").alias("until"),
        )

    def _ahead(self, position: int) -> Frontier | None:
        """Return where a walk may be after a hop at a position, as far as what follows goes."""
        follow = self.automaton.follow[position]
        parts = [frontier for later, frontier in self._onward.items() if follow >> later & 1]
        if self.automaton.last >> position & 1:
            parts.append(self._end)
        return frontiers.union(parts)

    def _reached(self, position: int) -> Frontier | None:
        """Return where a walk may be before a hop at a position, as far as what precedes goes."""
        parts = [self._arrived[one] for one in self._precede(position) if one in self._arrived]
        if self.automaton.follow[-1] >> position & 1:
            parts.append(self._beginning)
        return frontiers.union(parts)

    @functools.cached_property
    def _beginning(self) -> Frontier:
        return _open(self.origins, NO_BEGINNING)

    @functools.cached_property
    def _end(self) -> Frontier:
        return _open(self.destinations, NO_END)

    def _precede(self, position: int) -> list[int]:
        follow = self.automaton.follow[:-1]
        return [one for one, after in enumerate(follow) if after >> position & 1]

    def _matching(self, position: int) -> DataFrame:
        atom = self.automaton.atoms[position]
        rows = self.hops
        if atom.kind != ANY:
            rows = rows.where(rows.kind == atom.kind)
        for condition in atom.conditions:
            rows = self._meeting(rows, condition)
        return rows

    def _meeting(self, rows: DataFrame, condition: Condition) -> DataFrame:
        from pyspark.sql import functions

        names = sorted(condition.names)
        if condition.aspect == "type":
            met = rows.type.isin(*names) | rows.ground.cast("string").isin(*names)
            met = functions.coalesce(met, functions.lit(False))
            return rows.where(~met if condition.negated else met)
        end = "source" if condition.aspect == "from" else "target"
        members = self.partitions.members(names).toDF(end)
        return rows.join(members, end, "left_anti" if condition.negated else "left_semi")


def _open(things: Things, day: int) -> Frontier:
    """Return things from which, or to which, no hop is needed."""
    rows = things.rows.selectExpr("thing", "CAST(NULL AS STRING)", f"CAST({day} AS INT)")
    return Frontier(rows.toDF("thing", "carried", "day"), len(things) <= FEW, None)


def _either(one: Column, other: Column) -> Column:
    """Return that two are the same issue, or one of them names none."""
    return one.isNull() | other.isNull() | (one == other)


def components(automaton: Automaton) -> list[tuple[list[int], bool]]:
    """Return the positions, those that can follow each other together, in the order of walks.

    With each goes whether a walk can come to it again.

    >>> from trilogue.paths.expression import parse
    >>> components(parse("a/(b/c)*/d"))
    [([0], False), ([1, 2], True), ([3], False)]
    """
    number = len(automaton.atoms)
    after = [_closure(automaton, position) for position in range(number)]
    found: dict[tuple[int, ...], bool] = {}
    for position in range(number):
        again = bool(after[position] >> position & 1)
        together = [
            other
            for other in range(number)
            if other == position or (after[position] >> other & 1 and after[other] >> position & 1)
        ]
        found[tuple(together)] = again
    ordered = sorted(found, key=lambda part: -len(_bits(after[part[0]] | 1 << part[0])))
    return [(list(part), found[part]) for part in ordered]


def _closure(automaton: Automaton, position: int) -> int:
    """Return all positions that can come after one, as bits."""
    reached = 0
    waiting = automaton.follow[position]
    while waiting & ~reached:
        reached |= waiting
        for other in _bits(reached):
            waiting |= automaton.follow[other]
    return reached


def _bits(positions: int) -> list[int]:
    return [place for place in range(positions.bit_length()) if positions >> place & 1]
