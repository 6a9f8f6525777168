"""The path query: what is asked, and under which conditions."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from trilogue.errors import QueryError
from trilogue.paths.expression import Automaton, parse, shortened


class Order(StrEnum):
    """Whether acts must be in order in every dating that their spans allow, or in some dating."""

    possible = "possible"
    certain = "certain"


class Carry(StrEnum):
    """What the hops of a path must have in common."""

    nothing = "nothing"
    issue = "issue"
    stance = "stance"


class Score(StrEnum):
    """By what the best paths are chosen; `semantics.md` defines each."""

    earliest = "earliest"
    shortest = "shortest"
    hops = "hops"
    evidence = "evidence"
    weight = "weight"


Word = TypeVar("Word", bound=StrEnum)


def one_of(words: type[Word], text: str) -> Word:
    """Return the word that a text is; raises `QueryError` where it is none of them."""
    try:
        return words(text)
    except ValueError:
        expected = ", ".join(words)
        raise QueryError(f"{words.__name__.lower()} '{text}': expected one of {expected}") from None


@dataclass(frozen=True)
class PathQuery:
    """Which paths are asked for; `semantics.md` says what each part means.

    `origins` and `destinations` are names of things, or of classes of which all members count.
    `issues`, where given, are those of which a path must carry one. Gap and duration are in days.
    Raises `QueryError` for an expression that does not parse, or that has no bound.

    >>> PathQuery("contact/office?", frozenset({"actor/a"}), frozenset({"actor/b"})).bound
    2
    """

    expression: str
    origins: frozenset[str]
    destinations: frozenset[str]
    order: Order = Order.possible
    ties: bool = True
    carry: Carry = Carry.issue
    issues: frozenset[str] | None = None
    largest_gap: int | None = None
    largest_duration: int | None = None
    most_hops: int | None = None
    simple: bool = False

    def __post_init__(self) -> None:
        for name, words in (("order", Order), ("carry", Carry)):
            object.__setattr__(self, name, one_of(words, getattr(self, name)))
        if isinstance(self.issues, str):
            object.__setattr__(self, "issues", frozenset({self.issues}))
        for name in ("largest_gap", "largest_duration", "most_hops"):
            value, least = getattr(self, name), int(name == "most_hops")
            if value is not None and (not isinstance(value, int) or value < least):
                bound = name.replace("_", " ")
                raise QueryError(f"{bound} {value}: expected a number, {least} or more")
        if self.issues is not None and self.carry is Carry.nothing:
            raise QueryError("issues are given, but paths are to carry nothing")
        _ = self.bound

    @property
    def automaton(self) -> Automaton:
        """The automaton of the expression."""
        return parse(self.expression)

    @functools.cached_property
    def bound(self) -> int:
        """The largest number of hops of an answer."""
        bounds = [bound for bound in (self.automaton.longest, self.most_hops) if bound is not None]
        if not bounds:
            raise QueryError(
                f"expression '{shortened(self.expression)}' has no longest match: "
                "give the largest number of hops"
            )
        return min(bounds)

    @property
    def step(self) -> int:
        """The fewest days from an act to the next."""
        return 0 if self.ties else 1
