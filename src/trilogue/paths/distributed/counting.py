"""Paths counted and dated without being made: walks that stand alike are one row with a number.

All that later hops ask of a walk so far is where it is, which positions it matches, what it
carries, and its dating (`dating.py`, of which this is the same on columns). Simple walks ask for
more.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from trilogue.paths.distributed.partitions import HOP
from trilogue.paths.distributed.reduction import Reduction
from trilogue.paths.network import NO_BEGINNING, NO_END
from trilogue.paths.query import Carry, Order, PathQuery

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

_STATE = ("thing", "positions", "issue", "stance", "earliest", "latest", "acts", "beginning")


class Counting:
    """The numbers of a query, of which what is left may be too much for one machine."""

    def __init__(self, reduction: Reduction) -> None:
        self.reduction = reduction
        self.query = reduction.query

    def count(self) -> int:
        """Return the number of paths."""
        return sum(number for number, _ in self._arrivals.values())

    def earliest(self) -> dict[str, int]:
        """Return, for each destination that is reached, the first day of arrival."""
        return {thing: day for thing, (_, day) in self._arrivals.items()}

    @functools.cached_property
    def _arrivals(self) -> dict[str, tuple[int, int]]:
        """How many paths lead to each destination, and on which day the first arrives."""
        end = "latest" if self.query.order is Order.certain else "earliest"
        numbers = [
            _expression("sum(number)"),
            _expression(f"min(IF(acts = 0, {NO_BEGINNING}, {end}))"),
        ]
        found: dict[str, tuple[int, int]] = {}
        for arrived in self._levels():
            for thing, number, day in arrived.groupBy("thing").agg(*numbers).collect():
                before = found.get(thing, (0, day))
                found[thing] = before[0] + int(number), min(before[1], day)
        return found

    def _levels(self) -> Iterator[DataFrame]:
        """Yield the walks of one hop, two, and so on that are paths."""
        hops = self._hops().persist()
        walks = self._beginnings()
        for length in range(self.query.bound):
            if length and walks.isEmpty():
                return
            walks = self._extended(walks, hops).persist()
            yield self._paths(walks)

    def _beginnings(self) -> DataFrame:
        start = self.query.automaton.start
        none = "CAST(NULL AS STRING)"
        return self.reduction.origins.rows.selectExpr(
            "thing",
            f"CAST({start} AS BIGINT) AS positions",
            f"{none} AS issue",
            f"{none} AS stance",
            f"CAST({NO_BEGINNING} AS BIGINT) AS earliest",
            f"CAST({NO_END} AS BIGINT) AS latest",
            "0 AS acts",
            f"CAST({NO_END} AS BIGINT) AS beginning",
            "CAST(1 AS DECIMAL(38, 0)) AS number",
        )

    def _hops(self) -> DataFrame:
        """Return the hops that are left, one row for each matter that a walk can carry."""
        left = self.reduction.survivors.groupBy(*HOP).agg(
            _expression("bit_or(shiftleft(1L, position)) AS matched")
        )
        matter = {Carry.nothing: (), Carry.issue: ("issue",), Carry.stance: ("issue", "stance")}
        kept = matter[self.query.carry]
        rows = self.reduction.hops.join(left, list(HOP))
        rows = rows.dropDuplicates([*HOP, *kept])
        days = ("earliest", "latest", "core_earliest", "core_latest")
        return rows.selectExpr(
            "source AS hop_source",
            "target AS hop_target",
            "matched AS hop_matched",
            "standing AS hop_standing",
            *(f"CAST({day} AS BIGINT) AS hop_{day}" for day in days),
            *(
                f"{name if name in kept else 'CAST(NULL AS STRING)'} AS hop_{name}"
                for name in ("issue", "stance")
            ),
        )

    def _extended(self, walks: DataFrame, hops: DataFrame) -> DataFrame:
        """Return the walks with one more hop, those that stand alike together."""
        joined = walks.join(
            hops,
            (walks.thing == hops.hop_source) & _expression(_COMPATIBLE),
        )
        reached = joined.withColumn("positions", _stepped(self.query)).where("positions <> 0")
        dated = reached.selectExpr(
            "hop_target AS thing",
            "positions",
            "coalesce(issue, hop_issue) AS issue",
            "coalesce(stance, hop_stance) AS stance",
            f"inline(array({_dating(self.query)}))",
            "number",
        ).where(_lasting(self.query))
        # What no later hop asks for must not keep walks apart.
        if self.query.largest_duration is None:
            dated = dated.withColumns(
                {
                    "acts": _expression("least(acts, 1)"),
                    "beginning": _expression(f"CAST({NO_END} AS BIGINT)"),
                }
            )
        return dated.groupBy(*_STATE).agg(_expression("sum(number) AS number"))

    def _paths(self, walks: DataFrame) -> DataFrame:
        """Return the walks that match, arrive, and carry what they are to."""
        last = self.query.automaton.last
        found = walks.where(f"positions & CAST({last} AS BIGINT) <> 0")
        if self.query.issues is not None:
            found = found.where("issue IS NOT NULL")
        return found.join(self.reduction.destinations.rows, "thing", "left_semi")


_COMPATIBLE = (
    "(issue IS NULL OR hop_issue IS NULL OR issue = hop_issue)"
    " AND (stance IS NULL OR hop_stance IS NULL OR stance = hop_stance)"
)


def _stepped(query: PathQuery) -> Column:
    """Return the positions after one more hop, as `Automaton.step` does."""
    reached = " | ".join(
        f"IF(positions & {1 << position}L <> 0, {follow}L, 0L)"
        for position, follow in enumerate(query.automaton.follow)
    )
    found: Column = _expression(f"({reached}) & hop_matched")
    return found


def _dating(query: PathQuery) -> str:
    """Return the dating after one more hop as a struct; `within` is false if it is none."""
    dating = _certain(query) if query.order is Order.certain else _possible(query)
    relation, first, later = (
        f"named_struct('earliest', {earliest}, 'latest', {latest}, 'acts', {acts},"
        f" 'beginning', {beginning}, 'within', {within})"
        for earliest, latest, acts, beginning, within in dating
    )
    return f"CASE WHEN hop_standing THEN {relation} WHEN acts = 0 THEN {first} ELSE {later} END"


_Dating = tuple[str, str, str, str, str]


def _possible(query: PathQuery) -> tuple[_Dating, _Dating, _Dating]:
    """Return what follows from a relation, from the first act, and from a later one."""
    step, gap = query.step, NO_END if query.largest_gap is None else query.largest_gap
    both = "greatest(earliest, hop_earliest)", "least(latest, hop_latest)"
    after = f"greatest(hop_earliest, earliest + {step})", f"least(hop_latest, latest + {gap})"

    def following(earliest: str, latest: str, acts: str) -> _Dating:
        beginning = f"least(beginning, {latest} - {step} * greatest({acts} - 1, 0))"
        return earliest, latest, acts, beginning, f"{earliest} <= {latest}"

    *later, within = following(*after, "acts + 1")
    return (
        following(*both, "acts"),
        following(*both, "acts + 1"),
        (later[0], later[1], later[2], later[3], f"{within} AND {gap} >= {step}"),
    )


def _certain(query: PathQuery) -> tuple[_Dating, _Dating, _Dating]:
    """Return the same in certain order; a relation before the first act has its core."""
    earliest, latest = "greatest(earliest, hop_core_earliest)", "least(latest, hop_core_latest)"
    core = "hop_core_earliest <= hop_core_latest"
    held = "hop_core_earliest <= earliest AND latest <= hop_core_latest"
    gap = NO_END if query.largest_gap is None else query.largest_gap
    ordered = f"latest + {query.step} <= hop_earliest AND hop_latest - earliest <= {gap}"
    act = "hop_earliest", "hop_latest", "acts + 1"
    return (
        (
            f"IF(acts = 0, {earliest}, earliest)",
            f"IF(acts = 0, {latest}, latest)",
            "acts",
            f"IF(acts = 0, least(beginning, {latest}), beginning)",
            f"{core} AND IF(acts = 0, {earliest} <= {latest}, {held})",
        ),
        (*act, "hop_earliest", "earliest <= hop_earliest AND hop_latest <= latest"),
        (*act, "beginning", ordered),
    )


def _lasting(query: PathQuery) -> str:
    """Return that a dating is one, and that no path has lasted too long."""
    if query.largest_duration is None:
        return "within"
    lasted = "latest - beginning"
    if query.order is not Order.certain:
        lasted = f"greatest({query.step} * (acts - 1), earliest - beginning)"
    return f"within AND (acts < 2 OR {lasted} <= {query.largest_duration})"


def _expression(text: str) -> Any:
    from pyspark.sql import functions

    return functions.expr(text)
