"""What is to be searched for each matter that a walk can carry."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, TypeVar

import numpy as np

from trilogue.paths.compiled import kernels, rules
from trilogue.paths.compiled.columns import Array
from trilogue.paths.compiled.index import Index
from trilogue.paths.compiled.layout import Acts, Relations
from trilogue.paths.compiled.rules import Expression, Rules
from trilogue.paths.network import Matter
from trilogue.paths.query import Carry, PathQuery

MOST_CACHED = 512
Value = TypeVar("Value")


class Naming(Enum):
    """Whether the hops of a walk name its matter: at least one, whichever do, or none."""

    some = "some"
    any = "any"
    none = "none"


class Run(NamedTuple):
    """One matter that a walk can carry, and what is to be searched for it."""

    matter: Matter | None
    rows: kernels.Matter
    rules: Rules
    acts: tuple[Acts, Acts]  # forward, backward
    relations: tuple[Relations, Relations]  # outward, inward
    expression: Expression
    key: tuple[object, ...]  # of the rules, among all of an index


@dataclass(frozen=True)
class Runs:
    """The runs of a query over an index."""

    index: Index
    query: PathQuery
    destinations: Array

    def __iter__(self) -> Iterator[Run]:
        """Yield what is to be searched for each matter that a walk can carry."""
        query, index = self.query, self.index
        issues = len(index.header["issues"])
        if query.carry is Carry.nothing:
            yield self._run(None, np.zeros(issues, np.int8), 0, Naming.none)
            return
        arrived = self._arrived()
        if query.issues is None and arrived[0]:
            yield self._unnamed()
        # Where only hops that name an issue arrive, a walk names its matter whatever else it does.
        always = query.carry is Carry.issue and not arrived[0]
        naming = Naming.any if always else Naming.some
        for issue, stance in self._matters(arrived):
            yield self._carrying(issue, stance, naming)

    def to_count(self) -> Iterator[tuple[int, Run]]:
        """Yield the same so that walks can be counted without a look at what they name.

        Those that name the matter are all but those that do not.
        """
        if self.query.carry is Carry.nothing:
            yield from ((1, run) for run in self)
            return
        arrived = self._arrived()
        matters = self._matters(arrived)
        of_issues = self.query.carry is Carry.issue
        times = int(self.query.issues is None) - (len(matters) if of_issues else 0)
        if arrived[0] and times:
            yield times, self._unnamed()
        for issue, stance in matters:
            yield 1, self._carrying(issue, stance, Naming.any)
            if not of_issues:
                yield -1, self._carrying(issue, stance, Naming.none)

    def _unnamed(self) -> Run:
        how = np.full(len(self.index.header["issues"]), -1, np.int8)
        how[0] = 0
        return self._run(None, how, 0, Naming.none)

    def _carrying(self, issue: int, stance: int, naming: Naming) -> Run:
        header = self.index.header
        how = np.full(len(header["issues"]), -1, np.int8)
        how[0], how[issue] = 0, 1
        matter = Matter(header["issues"][issue], header["stances"][stance] or None)
        return self._run(matter, how, stance, naming)

    def _arrived(self) -> Array:
        """Tell for each issue whether any hop that names it, or none, leads to a destination."""
        index = self.index
        index.verify("backward/near")
        index.verify("backward/starts")
        return cached(
            index,
            ("arrived", self.query.destinations),
            lambda: kernels.arrived_on(index.backward, index.inward, self.destinations),
        )

    def _matters(self, arrived: Array) -> list[tuple[int, int]]:
        """Return the matters that hops name and a walk can carry to a destination, as codes."""
        index, query = self.index, self.query
        named = zip(
            index.arrays["matters/issue"].tolist(),
            index.arrays["matters/stance"].tolist(),
            strict=True,
        )
        wanted = [
            (issue, stance if query.carry is Carry.stance else 0)
            for issue, stance in named
            if issue
            and (arrived[0] or arrived[issue])
            and (query.issues is None or index.header["issues"][issue] in query.issues)
        ]
        return sorted(set(wanted))

    def _run(self, matter: Matter | None, how: Array, stance: int, naming: Naming) -> Run:
        index = self.index
        issues = np.flatnonzero(how >= 0)
        issues = issues[index.forward.begins[issues + 1] > index.forward.begins[issues]]
        for issue in issues.tolist():
            index.verify_issue(issue)
        expression, found, key = self._rules(stance, naming)
        forward, backward = index.forward, index.backward
        outward, inward = index.outward, index.inward
        if expression.changed:
            own = expression.changed
            forward = forward._replace(code=own.get("forward", forward.code))
            backward = backward._replace(code=own.get("backward", backward.code))
            outward = outward._replace(code=own.get("outward", outward.code))
            inward = inward._replace(code=own.get("inward", inward.code))
        rows = kernels.Matter(how, issues.astype(np.int64))
        return Run(matter, rows, found, (forward, backward), (outward, inward), expression, key)

    def _rules(
        self, stance: int, naming: Naming
    ) -> tuple[rules.Expression, Rules, tuple[object, ...]]:
        index, query = self.index, self.query
        expression = cached(
            index,
            ("expression", query.expression),
            lambda: rules.expression_of(index, query.automaton),
        )
        leading = cached(index, ("leading",), lambda: _leading(index))
        key = ("rules", query.expression, query.bound, query.carry, stance, naming)
        found = cached(
            index,
            key,
            lambda: expression.rules(
                _admitted(expression, query, stance, naming),
                query.bound,
                int(naming is Naming.some),
            )._replace(leading=leading),
        )
        return expression, found, key


def _leading(index: Index) -> Array:
    """Return for each thing the kinds of the hops that lead to what has a relation to it."""
    incoming, near = index.arrays["things/incoming"], index.inward.near
    found = np.zeros_like(incoming)
    begins = np.flatnonzero(np.diff(near.astype(np.int64), prepend=-1))
    found[near[begins]] = np.bitwise_or.reduceat(incoming[index.inward.far], begins)
    return found


def _admitted(expression: Expression, query: PathQuery, stance: int, naming: Naming) -> Array:
    """Return how rows of each signature stand to a matter; those that name it as others may."""
    found = rules.admitted(expression, query, stance)
    if naming is Naming.some:
        return found
    return np.where(found == 2, int(naming is Naming.any), found)


def cached(index: Index, key: tuple[object, ...], make: Callable[[], Value]) -> Value:
    """Return what an index remembers, made where it does not yet."""
    with index.lock:
        found: Value | None = index.cache.get(key)
        if found is None:
            found = make()
            if len(index.cache) >= MOST_CACHED:
                index.cache.pop(next(iter(index.cache)))
            index.cache[key] = found
        return found


def members(index: Index, names: frozenset[str]) -> Array:
    """Return the codes, in order, of the things that are one of the names or a member of one."""
    codes = [code for name in sorted(names) if (code := index.code(name)) is not None]
    parts = [np.array(sorted(codes), dtype=np.int64)] if codes else []
    for name in sorted(names):
        classes = [code for code, some in enumerate(index.header["classes"]) if name in some]
        if classes:
            parts.append(cached(index, ("members", name), functools.partial(_of, index, classes)))
    if not parts:
        return np.zeros(0, dtype=np.int64)
    return parts[0] if len(parts) == 1 else np.unique(np.concatenate(parts))


def _of(index: Index, classes: list[int]) -> Array:
    wanted = np.zeros(len(index.header["classes"]), dtype=bool)
    wanted[classes] = True
    return np.flatnonzero(wanted[index.classes])
