"""What is shuffled, what is counted, and how often; `significance.py` does it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from trilogue.errors import QueryError


class Null(StrEnum):
    """What is shuffled."""

    times = "times"
    labels = "labels"


class Statistic(StrEnum):
    """What is counted: paths, which parallel acts multiply, or origins that have at least one."""

    paths = "paths"
    origins = "origins"


@dataclass(frozen=True)
class Chance:
    """How chance is drawn.

    `cuts` are the first days of periods, in order; without any, calendar years are the periods.
    `among` names the broader classes within which labels are permuted, such as that of all firms;
    origins that are in none of them stay origins.
    """

    null: Null = Null.times
    statistic: Statistic = Statistic.paths
    draws: int = 1000
    seed: int = 0
    cuts: tuple[int, ...] | None = None
    among: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.draws < 1:
            raise QueryError(f"draws {self.draws}: expected 1 or more")
        if self.cuts is not None and list(self.cuts) != sorted(set(self.cuts)):
            raise QueryError("cuts of periods: expected each later than the one before")
        if self.null is Null.labels and not self.among:
            raise QueryError("labels: say among which broader classes they are permuted")
