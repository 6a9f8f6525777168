"""On which days the acts of a walk can have happened."""

from __future__ import annotations

from dataclasses import dataclass, replace

from trilogue.paths.network import NO_BEGINNING, NO_END, Hop
from trilogue.paths.query import Order, PathQuery


@dataclass(frozen=True)
class Dating:
    """What a walk so far says of the day of its last act (`semantics.md`, "How it is computed").

    `earliest` and `latest` bound that day; before the first act, the days that the relations
    allow. `beginning` is the last feasible day of the first act in possible order, and the
    first day of its span in certain order.
    """

    earliest: int = NO_BEGINNING
    latest: int = NO_END
    acts: int = 0
    beginning: int = NO_END

    def extended(self, hop: Hop, query: PathQuery) -> Dating | None:
        """Return the dating after one more hop, or nothing where no order allows it."""
        if query.order is Order.certain:
            following = self._related_certainly(hop) if hop.standing else self._certain(hop, query)
        else:
            following = self._related(hop, query) if hop.standing else self._possible(hop, query)
        limit = query.largest_duration
        if following is None or (limit is not None and following.duration(query) > limit):
            return None
        return following

    def arrival(self, query: PathQuery) -> int:
        """Return the first day on which the walk can have arrived, or has certainly arrived."""
        if not self.acts:
            return NO_BEGINNING
        return self.latest if query.order is Order.certain else self.earliest

    def duration(self, query: PathQuery) -> int:
        """Return the days from the first act to the last: the least, in certain order the most."""
        if self.acts < 2:
            return 0
        if query.order is Order.certain:
            return self.latest - self.beginning
        return max(query.step * (self.acts - 1), self.earliest - self.beginning)

    def _within(self, earliest: int, latest: int, step: int) -> Dating | None:
        if earliest > latest:
            return None
        beginning = min(self.beginning, latest - step * max(self.acts - 1, 0))
        return replace(self, earliest=earliest, latest=latest, beginning=beginning)

    def _related(self, hop: Hop, query: PathQuery) -> Dating | None:
        earliest, latest = max(self.earliest, hop.earliest), min(self.latest, hop.latest)
        return self._within(earliest, latest, query.step)

    def _possible(self, hop: Hop, query: PathQuery) -> Dating | None:
        following = replace(self, acts=self.acts + 1)
        if not self.acts:
            return following._related(hop, query)
        gap = NO_END if query.largest_gap is None else query.largest_gap
        if gap < query.step:
            return None
        earliest = max(hop.earliest, self.earliest + query.step)
        return following._within(earliest, min(hop.latest, self.latest + gap), query.step)

    def _related_certainly(self, hop: Hop) -> Dating | None:
        if hop.core is None:
            return None
        begins, ends = hop.core
        if self.acts:
            return self if begins <= self.earliest and self.latest <= ends else None
        return self._within(max(self.earliest, begins), min(self.latest, ends), 0)

    def _certain(self, hop: Hop, query: PathQuery) -> Dating | None:
        dated = Dating(hop.earliest, hop.latest, self.acts + 1, self.beginning)
        if not self.acts:
            held = self.earliest <= hop.earliest and hop.latest <= self.latest
            return replace(dated, beginning=hop.earliest) if held else None
        gap = query.largest_gap
        if self.latest + query.step > hop.earliest:
            return None
        return None if gap is not None and hop.latest - self.earliest > gap else dated
