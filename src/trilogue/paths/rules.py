"""An expression over the codes of an index: which hops lead from which state to which."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from trilogue.errors import QueryError
from trilogue.paths.columns import AGAIN, AGAIN_ON_ISSUE, STANDING, Array
from trilogue.paths.expression import ANY, Atom, Automaton, Condition
from trilogue.paths.index import Index
from trilogue.paths.layout import MOST_SIGNATURES
from trilogue.paths.query import Carry, PathQuery

MOST_STATES = 10_000


class Rules(NamedTuple):
    """What compiled code asks of an expression.

    A state is a set of positions, whether the matter has been named, whether there has been an act,
    and the number of hops where that bounds them. States are numbered so that hops lead upward.
    A letter is all that the automaton sees of a hop: which atoms it matches, whether it names the
    matter, whether it stands. `letter[x, y, z]` is that of a hop whose signature has class *x*, its
    source class *y* and its target class *z*; -1 leads nowhere.
    """

    following: Array  # state, letter: the next state
    preceding: Array  # state, letter: where its states begin in `before`
    before: Array
    acted: Array
    accepting: Array
    letter: Array
    signature: Array  # how a row stands to the matter, signature: class x
    source: Array  # class of thing: class y
    target: Array  # class of thing: class z
    classes: Array  # thing: class of thing
    to_acts: Array  # state: whether an act can follow
    to_relations: Array
    from_acts: Array  # state: whether an act can lead to it from a state after an act
    from_relations: Array


State = tuple[int, int, int, int]  # positions, named, acted, hops


@dataclass(frozen=True)
class Masks:
    """Which atoms each signature and each class of thing matches, by its own conditions."""

    signature: list[int]
    source: list[int]
    target: list[int]
    standing: Array


@dataclass(frozen=True)
class Expression:
    """An automaton with the codes of one index, for all matters."""

    automaton: Automaton
    index: Index
    masks: Masks
    codes: Array  # the signatures of the index, to which those of the expression go back
    classes: Array
    signatures: dict[str, Array]  # by order, where a ground that is named has one of its own

    def rules(self, admitted: Array, bound: int, named: int) -> Rules:
        """Return the rules, where `admitted[r, s]` says of rows that stand to the matter as *r*.

        0: signature *s* is not admitted, 1: it is, 2: it names the matter. `named` says whether the
        matter must be named.
        """
        masks = self.masks
        found, signature = _numbered(
            [
                [
                    (mask, int(how == 2), int(standing)) if how and mask else None
                    for how, mask, standing in zip(
                        row, masks.signature, masks.standing, strict=True
                    )
                ]
                for row in admitted.tolist()
            ]
        )
        sources, source = _numbered([masks.source])
        targets, target = _numbered([masks.target])
        letters: dict[tuple[int, int, int], int] = {}
        table = np.full((len(found), len(sources), len(targets)), -1, dtype=np.int32)
        for place in np.ndindex(table.shape):
            mask, names, standing = found[place[0]]
            mask &= sources[place[1]] & targets[place[2]]
            if mask:
                table[place] = letters.setdefault((mask, names, standing), len(letters))
        states, following = self._states(list(letters), bound, named)
        return _rules(
            (states, following, list(letters)),
            self._accepting(states, named),
            (table, signature, source[0], target[0], self.classes),
        )

    def _accepting(self, states: list[State], named: int) -> Array:
        return np.array(
            [self.automaton.accepts(state[0]) and state[1] == named for state in states], np.uint8
        )

    def _states(
        self, letters: list[tuple[int, int, int]], bound: int, named: int
    ) -> tuple[list[State], list[dict[int, State]]]:
        """Return the states from which the expression can still be matched, and the hops between."""
        counted = self.automaton.longest is None or bound < self.automaton.longest
        start: State = (self.automaton.start, 0, 0, 0)
        following: dict[State, dict[int, State]] = {}
        waiting = [start]
        while waiting:
            state = waiting.pop()
            if state in following:
                continue
            following[state] = {}
            if len(following) > MOST_STATES:
                raise QueryError(f"an expression of more than {MOST_STATES} states")
            if counted and state[3] == bound:
                continue
            for number, (mask, names, standing) in enumerate(letters):
                positions = self.automaton.step(state[0], mask)
                if positions:
                    acted = state[2] | (not standing)
                    other = (positions, state[1] | names, acted, state[3] + counted)
                    following[state][number] = other
                    waiting.append(other)
        order = _in_order(start, following)
        alive: set[State] = set()
        for state in reversed(order):
            accepts = self.automaton.accepts(state[0]) and state[1] == named
            if accepts or any(other in alive for other in following[state].values()):
                alive.add(state)
        alive.add(start)
        states = [state for state in order if state in alive]
        kept = [
            {letter: other for letter, other in following[state].items() if other in alive}
            for state in states
        ]
        return states, kept


def _numbered(lists: list[list[object]]) -> tuple[list, Array]:  # type: ignore[type-arg]
    """Return the different values but nothing, and their numbers; -1 for nothing."""
    numbers: dict[object, int] = {}
    for values in lists:
        for value in values:
            if value is not None:
                numbers.setdefault(value, len(numbers))
    places = [[-1 if value is None else numbers[value] for value in part] for part in lists]
    return list(numbers), np.array(places, dtype=np.int32).reshape(len(lists), -1)


def _in_order(start: State, following: dict[State, dict[int, State]]) -> list[State]:
    """Return the states so that each comes before those that follow it."""
    incoming = dict.fromkeys(following, 0)
    for hops in following.values():
        for other in set(hops.values()):
            incoming[other] += 1
    ready, order = [start], []
    while ready:
        state = heapq.heappop(ready)
        order.append(state)
        for other in set(following[state].values()):
            incoming[other] -= 1
            if not incoming[other]:
                heapq.heappush(ready, other)
    return order


def _rules(
    automaton: tuple[list[State], list[dict[int, State]], list[tuple[int, int, int]]],
    accepting: Array,
    tables: tuple[Array, Array, Array, Array, Array],
) -> Rules:
    states, hops, letters = automaton
    number = {state: place for place, state in enumerate(states)}
    following = np.full((len(states), max(len(letters), 1)), -1, dtype=np.int32)
    for place, some in enumerate(hops):
        for letter, other in some.items():
            following[place, letter] = number[other]
    before: list[int] = []
    preceding = np.zeros(following.size + 1, dtype=np.int32)
    for cell, (state, letter) in enumerate(np.ndindex(following.shape)):
        before += np.flatnonzero(following[:, letter] == state).tolist()
        preceding[cell + 1] = len(before)
    acted = np.array([state[2] for state in states], dtype=np.uint8)
    standing = np.array([letter[2] for letter in letters] or [0], dtype=bool)
    leads = following >= 0
    into = np.zeros((2, len(states)), dtype=bool)
    for place, letter in np.argwhere(leads & (acted == 1)[:, None]):
        into[int(standing[letter]), following[place, letter]] = True
    table, signature, source, target, classes = tables
    return Rules(
        following,
        preceding,
        np.array(before, dtype=np.int32),
        acted,
        accepting,
        table,
        signature,
        source,
        target,
        classes,
        (leads & ~standing).any(axis=1),
        (leads & standing).any(axis=1),
        into[0],
        into[1],
    )


def expression_of(index: Index, automaton: Automaton) -> Expression:
    """Return an automaton with the codes of an index.

    A thing or a ground that a condition names gets a class, or a signature, of its own.
    """
    names = {
        aspect: {
            name
            for atom in automaton.atoms
            for condition in atom.conditions
            if (condition.aspect == "type") is (aspect == "type")
            for name in condition.names
        }
        for aspect in ("type", "thing")
    }
    classes, of_class = _classes_with(index, names["thing"])
    of_signature, signatures = _signatures_with(index, names["type"])
    kinds = index.header["kinds"]
    table = index.signatures
    codes = np.array([code for code, _ in of_signature], dtype=np.int64)
    signature = [
        _mask(automaton, kinds[table.kind[code]], {"type": types}) for (code, types) in of_signature
    ]
    masks = Masks(
        signature,
        [_mask(automaton, None, {"from": own}) for own in of_class],
        [_mask(automaton, None, {"to": own}) for own in of_class],
        (table.marks[codes] & STANDING) > 0,
    )
    return Expression(automaton, index, masks, codes, classes, signatures)


def _mask(automaton: Automaton, kind: str | None, own: dict[str, frozenset[str]]) -> int:
    """Return the positions whose conditions on some aspects are met."""
    return sum(
        1 << position
        for position, atom in enumerate(automaton.atoms)
        if (kind is None or atom.kind in (ANY, kind)) and _meets(atom, own)
    )


def _meets(atom: Atom, own: dict[str, frozenset[str]]) -> bool:
    return all(
        _met(condition, own[c]) for condition in atom.conditions if (c := condition.aspect) in own
    )


def _met(condition: Condition, own: frozenset[str]) -> bool:
    return any(name in own for name in condition.names) is not condition.negated


def _classes_with(index: Index, names: set[str]) -> tuple[Array, list[frozenset[str]]]:
    sets = [frozenset(some) for some in index.header["classes"]]
    classes = index.classes
    named = [(name, code) for name in sorted(names) if (code := index.code(name)) is not None]
    if named:
        classes = classes.copy()
    for name, code in named:
        sets.append(sets[classes[code]] | {name})
        classes[code] = len(sets) - 1
    return classes, sets


def _signatures_with(
    index: Index, names: set[str]
) -> tuple[list[tuple[int, frozenset[str]]], dict[str, Array]]:
    """Return what each signature stands for, and signatures by order where they are others."""
    types = [frozenset(some) for some in index.header["types"]]
    stand_for = [(code, types[kind]) for code, kind in enumerate(index.signatures.type)]
    changed: dict[str, Array] = {}
    for name in sorted(names):
        for sort, first, second in ORDERS:
            places = rows_of_ground(index, sort, name)
            if len(places):
                index.verify(f"{first}/signature")
                own = changed.setdefault(first, index.arrays[f"{first}/signature"].copy())
                for place in places:
                    code, classes = stand_for[own[place]]
                    stand_for.append((code, classes | {name}))
                    own[place] = len(stand_for) - 1
    for _, first, second in ORDERS:
        if first in changed:
            index.verify(f"{second}/row")
            changed[second] = changed[first][index.arrays[f"{second}/row"]]
    if len(stand_for) > MOST_SIGNATURES:
        raise QueryError(f"conditions on grounds that have more than {MOST_SIGNATURES} rows")
    return stand_for, changed


ORDERS = (("acts", "forward", "backward"), ("relations", "outward", "inward"))


def rows_of_ground(index: Index, sort: str, name: str) -> Array:
    """Return the places of the rows that rest on a ground."""
    index.verify(f"{sort}/ground")
    grounds = index.arrays[f"{sort}/ground"]
    if not index.header["texts"]:
        return np.flatnonzero(grounds == int(name)) if name.isdecimal() else np.zeros(0, int)
    index.verify("grounds/text")
    index.verify("grounds/ends")
    ends = index.arrays["grounds/ends"].astype(np.int64)
    begins = np.append(0, ends)[:-1]
    content = name.encode()
    some = np.flatnonzero(ends - begins == len(content))
    found = [code for code in some if index.text("grounds", int(code)) == content]
    return np.flatnonzero(np.isin(grounds, found))


def admitted(expression: Expression, query: PathQuery, stance: int) -> Array:
    """Return how rows of each signature stand to a matter, see `Expression.rules`."""
    table, codes = expression.index.signatures, expression.codes
    marks = table.marks[codes]
    rows = np.zeros((2, len(codes)), dtype=np.uint8)
    if query.carry is Carry.nothing:
        rows[0] = marks & AGAIN == 0
    else:
        rows[0] = 1
        if query.carry is Carry.issue:
            rows[1] = np.where(marks & AGAIN_ON_ISSUE, 0, 2)
        else:
            own = table.stance[codes]
            rows[1] = np.where(own == stance, 2, np.where(own == 0, 1, 0))
    return rows
