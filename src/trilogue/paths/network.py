"""Hops, and the network that they make."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, Protocol

NO_BEGINNING, NO_END = -(2**30), 2**30


class Matter(NamedTuple):
    """An issue, and where one is taken, a stance on one of its options, such as `opposes x`."""

    issue: str
    stance: str | None = None

    @property
    def stance_and_option(self) -> tuple[str, str]:
        """The stance and the option that it is towards; both are empty where none is taken.

        >>> Matter("issue/x", "stance/opposes option/y").stance_and_option
        ('stance/opposes', 'option/y')
        """
        stance, _, option = (self.stance or "").partition(" ")
        return stance, option

    @property
    def names(self) -> list[str]:
        """What names it: the stance and its option, or else the issue.

        >>> Matter("issue/x").names, Matter("issue/x", "stance/opposes option/y").names
        (['issue/x'], ['stance/opposes', 'option/y'])
        """
        return [name for name in self.stance_and_option if name] or [self.issue]


@dataclass(frozen=True)
class Hop:
    """One act or one standing relation from a source to a target.

    Days count as `datetime.date.toordinal` does. An act happened on one day from `earliest` to
    `latest`; a relation held on every day of its `core`, if it has one, and at most from `earliest`
    to `latest`. `evidence` holds locators of passages.

    >>> Hop("act/dinner", "contact", "actor/firm", "actor/president", earliest=5, latest=4)
    Traceback (most recent call last):
    ValueError: act/dinner: latest day 4 is before earliest day 5
    """

    ground: str
    kind: str
    source: str
    target: str
    matters: frozenset[Matter] = frozenset()
    earliest: int = NO_BEGINNING
    latest: int = NO_END
    standing: bool = False
    core: tuple[int, int] | None = None
    weight: float = 1.0
    evidence: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.latest < self.earliest:
            raise ValueError(
                f"{self.ground}: latest day {self.latest} is before earliest day {self.earliest}"
            )
        if not 0 < self.weight <= 1:
            raise ValueError(
                f"{self.ground}: weight {self.weight}, expected more than 0, at most 1"
            )
        if len(self.matters) > 1:
            bare = {Matter(matter.issue) for matter in self.matters if matter.stance is not None}
            object.__setattr__(self, "matters", self.matters - bare)

    @classmethod
    def of_checked(cls, fields: dict[str, object]) -> Hop:
        """Return a hop of fields that were checked before, in less than a third of the time.

        The mapping becomes its own, and must not be changed.

        >>> hop = Hop("act/dinner", "contact", "actor/firm", "actor/president")
        >>> Hop.of_checked(dict(vars(hop))) == hop
        True
        """
        hop = object.__new__(cls)
        object.__setattr__(hop, "__dict__", fields)
        return hop

    @property
    def days(self) -> str:
        """The span in words; an open end is left blank.

        >>> Hop("a", "contact", "b", "c", earliest=738000, latest=738000).days
        '2021-07-29'
        >>> Hop("a", "contact", "b", "c", latest=738000).days
        '/2021-07-29'
        """
        ends = [day_in_words(self.earliest), day_in_words(self.latest)]
        return ends[0] if ends[0] == ends[1] else "/".join(ends)


def day_in_words(day: int) -> str:
    """Return a day as YYYY-MM-DD; nothing where it stands for an open end."""
    return "" if day in (NO_BEGINNING, NO_END) else date.fromordinal(day).isoformat()


class Labelled(Protocol):
    """Anything that has labels for things and grounds."""

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels that there are."""


@dataclass(frozen=True)
class Network:
    """A temporal multigraph: hops, and the classes of things and of grounds."""

    hops: tuple[Hop, ...]
    classes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)

    @functools.cached_property
    def kinds(self) -> frozenset[str]:
        """The kinds of its hops."""
        return frozenset(hop.kind for hop in self.hops)

    @functools.cached_property
    def things(self) -> frozenset[str]:
        """The sources and targets of its hops."""
        return frozenset(end for hop in self.hops for end in (hop.source, hop.target))

    @functools.cached_property
    def names(self) -> frozenset[str]:
        """What a query can name: things, grounds and classes."""
        grounds = {hop.ground for hop in self.hops}
        return self.things.union(grounds, *self.classes.values())

    @functools.cached_property
    def issues(self) -> frozenset[str]:
        """The issues that its hops name."""
        return frozenset(matter.issue for hop in self.hops for matter in hop.matters)

    def is_one_of(self, thing: str, names: Collection[str]) -> bool:
        """Tell whether a thing or ground is one of the names, or a member of one of them."""
        return thing in names or not self.classes.get(thing, frozenset()).isdisjoint(names)

    def members(self, names: Iterable[str]) -> frozenset[str]:
        """Return the things that are one of the names, or a member of one of them."""
        names = frozenset(names)
        return frozenset(thing for thing in self.things if self.is_one_of(thing, names))

    def label(self, thing: str) -> str:
        """Return the label of a thing, or its IRI."""
        return self.labels.get(thing, thing)
