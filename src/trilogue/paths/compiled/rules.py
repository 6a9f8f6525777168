"""An expression over the codes of an index: which hops lead from which state to which."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from trilogue.errors import QueryError
from trilogue.paths.compiled.columns import AGAIN, AGAIN_ON_ISSUE, STANDING, Array
from trilogue.paths.compiled.index import Index
from trilogue.paths.compiled.layout import BITS_OF_KINDS, MOST_SIGNATURES, Codes
from trilogue.paths.expression import ANY, Atom, Automaton, Condition
from trilogue.paths.query import Carry, PathQuery

MOST_STATES = 10_000


class Rules(NamedTuple):
    """What compiled code asks of an expression.

    A state is a set of positions, whether the matter has been named, whether there has been an act,
    and the number of hops where that bounds them. States are numbered so that hops lead upward.
    A letter is all that the automaton sees of a hop: which atoms it matches, whether it names the
    matter, whether it stands. Two tables give the letter of a row, by how it stands to the matter,
    the class of its near end and its code; -1 leads nowhere.
    """

    following: Array  # state, letter: the next state
    preceding: Array  # state, letter: where its states begin in `before`
    before: Array
    acted: Array
    accepting: Array
    onward: Array
    back: Array
    source: Array  # set of classes of a thing: its class as a source
    target: Array  # set of classes of a thing: its class as a target
    classes: Array  # thing: set of classes
    to_acts: Array  # state: whether an act can follow
    to_relations: Array
    from_acts: Array  # how a row stands, state: whether it can lead to it from after an act
    from_relations: Array  # state: whether a relation can lead to it from after an act
    begun: Array  # how a row stands, state: whether it can lead to it from the start
    arriving: Array  # state: the kinds of the hops that lead to it, as bits
    incoming: Array  # thing: the same
    leading: Array  # thing: the same of all things from which relations lead to it


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
    origin: Array  # the signatures of the index, to which those of the expression go back
    classes: Array
    sets: list[frozenset[str]]
    onward: Codes
    back: Codes
    changed: dict[str, Array]  # codes by order, where a thing or a ground that is named has its own

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
        table = np.full((len(found) + 1, len(sources), len(targets)), -1, dtype=np.int32)
        for place in np.ndindex(len(found), len(sources), len(targets)):
            mask, names, standing = found[place[0]]
            mask &= sources[place[1]] & targets[place[2]]
            if mask:
                table[place] = letters.setdefault((mask, names, standing), len(letters))
        states, following = self._states(list(letters), bound, named)
        of_target, of_source = target[0][self.onward.classes], source[0][self.back.classes]
        onward, back = signature[:, self.onward.signature], signature[:, self.back.signature]
        # The last row of the table is that of no class.
        tables = (_last(table[onward, :, of_target]), _last(table[back, of_source]))
        classes = (source[0], target[0], self.classes)
        automaton = (states, following, list(letters))
        made = _rules(automaton, self._accepting(states, named), tables, classes)
        return made._replace(
            arriving=self._arriving(made), incoming=self.index.arrays["things/incoming"]
        )

    def _arriving(self, made: Rules) -> Array:
        """Return for each state the kinds of the hops that lead to it, as bits."""
        kind = self.index.signatures.kind[self.origin[self.onward.signature]]
        bits = np.broadcast_to(1 << kind % BITS_OF_KINDS, made.onward.shape)
        of_letter = np.zeros(made.following.shape[1] + 1, dtype=np.int64)
        np.bitwise_or.at(of_letter, made.onward.ravel(), bits.ravel())
        of_state = np.zeros(len(made.acted), dtype=np.int64)
        for place, letter in np.argwhere(made.following >= 0):
            of_state[made.following[place, letter]] |= of_letter[letter]
        return of_state

    def _accepting(self, states: list[State], named: int) -> Array:
        return np.array(
            [self.automaton.accepts(state[0]) and state[1] == named for state in states], np.uint8
        )

    def _states(
        self, letters: list[tuple[int, int, int]], bound: int, named: int
    ) -> tuple[list[State], list[dict[int, State]]]:
        """Return the states from which the expression can be matched, and the hops between."""
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


def _numbered(lists: Sequence[Sequence[object]]) -> tuple[list, Array]:  # type: ignore[type-arg]
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


def _last(table: Array) -> Array:
    """Return a table of how rows stand, code and class with the codes last."""
    return np.ascontiguousarray(table.transpose(0, 2, 1))


def _rules(
    automaton: tuple[list[State], list[dict[int, State]], list[tuple[int, int, int]]],
    accepting: Array,
    tables: tuple[Array, Array],
    classes: tuple[Array, Array, Array],
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
    into = np.zeros((3, 2, len(states)), dtype=bool)
    seen = [np.isin(np.arange(len(standing)), tables[0][how]) for how in (0, 1)]
    for place, letter in np.argwhere(leads):
        part = int(standing[letter]) if acted[place] else 2
        if acted[place] or not standing[letter]:
            into[part, [how for how in (0, 1) if seen[how][letter]], following[place, letter]] = (
                True
            )
    return Rules(
        following,
        preceding,
        np.array(before, dtype=np.int32),
        acted,
        accepting,
        *tables,
        *classes,
        (leads & ~standing).any(axis=1),
        (leads & standing).any(axis=1),
        into[0],
        into[1].any(axis=0),
        into[2],
        np.zeros(0, dtype=np.int64),
        np.zeros(0, dtype=np.uint16),
        np.zeros(0, dtype=np.uint16),
    )


def expression_of(index: Index, automaton: Automaton) -> Expression:
    """Return an automaton with the codes of an index.

    A thing that a condition names gets a set of classes of its own, a ground its own signature.
    """
    classes, of_class, things = _classes_with(index, _named(automaton, ("from", "to")))
    signature, of_ground = _signatures_with(index, _named(automaton, ("type",)))
    changed: dict[str, Array] = {}
    onward = _changed(
        index, "forward", "outward", (index.onward, classes, things, of_ground), changed
    )
    back = _changed(index, "backward", "inward", (index.back, classes, things, of_ground), changed)
    table, kinds = index.signatures, index.header["kinds"]
    origin = np.array([code for code, _ in signature], dtype=np.int64)
    masks = Masks(
        [_mask(automaton, kinds[table.kind[code]], {"type": own}) for code, own in signature],
        [_mask(automaton, None, {"from": own}) for own in of_class],
        [_mask(automaton, None, {"to": own}) for own in of_class],
        (table.marks[origin] & STANDING) > 0,
    )
    return Expression(automaton, index, masks, origin, classes, of_class, onward, back, changed)


def _named(automaton: Automaton, aspects: tuple[str, ...]) -> list[str]:
    """Return the names in the conditions on some aspects."""
    conditions = [condition for atom in automaton.atoms for condition in atom.conditions]
    return sorted({name for some in conditions if some.aspect in aspects for name in some.names})


def _mask(automaton: Automaton, kind: str | None, own: dict[str, frozenset[str]]) -> int:
    """Return the positions whose conditions on some aspects are met."""
    return sum(
        1 << position
        for position, atom in enumerate(automaton.atoms)
        if (kind is None or atom.kind in (ANY, kind)) and _meets(atom, own)
    )


def _meets(atom: Atom, own: dict[str, frozenset[str]]) -> bool:
    return all(
        _met(condition, own[condition.aspect])
        for condition in atom.conditions
        if condition.aspect in own
    )


def _met(condition: Condition, own: frozenset[str]) -> bool:
    return any(name in own for name in condition.names) is not condition.negated


def _classes_with(index: Index, names: list[str]) -> tuple[Array, list[frozenset[str]], list[int]]:
    """Return the set of classes of each thing, the sets, and the things that have their own."""
    sets = [frozenset(some) for some in index.header["classes"]]
    classes = index.classes
    named = [(name, code) for name in names if (code := index.code(name)) is not None]
    if named:
        classes = classes.copy()
    for name, code in named:
        sets.append(sets[classes[code]] | {name})
        classes[code] = len(sets) - 1
    return classes, sets, [code for _, code in named]


Signature = tuple[int, frozenset[str]]  # that of the index, and classes and name of the ground
OfGround = dict[tuple[str, int], int]  # by sort and row, the signature


def _signatures_with(index: Index, names: list[str]) -> tuple[list[Signature], OfGround]:
    """Return what each signature stands for, and the rows that have one of their own."""
    types = [frozenset(some) for some in index.header["types"]]
    signatures = [(code, types[kind]) for code, kind in enumerate(index.signatures.type)]
    changed: OfGround = {}
    for name in names:
        for sort, order in (("acts", "forward"), ("relations", "outward")):
            for row in rows_of_ground(index, sort, name).tolist():
                index.verify(f"{order}/code", row, row + 1)
                known = int(index.onward.signature[index.arrays[f"{order}/code"][row]])
                code, own = signatures[changed.get((sort, row), known)]
                signatures.append((code, own | {name}))
                changed[sort, row] = len(signatures) - 1
    return signatures, changed


def _changed(
    index: Index,
    of_acts: str,
    of_relations: str,
    given: tuple[Codes, Array, list[int], OfGround],
    changed: dict[str, Array],
) -> Codes:
    """Give rows codes of their own where a condition names their ground or their far thing."""
    codes, classes, things, of_ground = given
    pairs = {
        pair: code for code, pair in enumerate(zip(*(part.tolist() for part in codes), strict=True))
    }
    for sort, order in (("acts", of_acts), ("relations", of_relations)):
        own = {row: code for (some, row), code in of_ground.items() if some == sort}
        far, rows = index.arrays[f"{order}/far"], index.arrays[f"{order}/row"]
        if not things and not own:
            continue
        for name in ("far", "code", "row"):
            index.verify(f"{order}/{name}")
        here = rows if len(rows) else np.arange(len(far))
        places = np.flatnonzero(np.isin(far, things) | np.isin(here, list(own)))
        found = index.arrays[f"{order}/code"].astype(np.uint32)
        for place in places.tolist():
            signature = own.get(int(here[place]), int(codes.signature[found[place]]))
            pair = (signature, int(classes[far[place]]))
            found[place] = pairs.setdefault(pair, len(pairs))
        changed[order] = found
    for order in (of_acts, of_relations) if len(pairs) <= MOST_SIGNATURES else ():
        if order in changed:
            changed[order] = changed[order].astype(np.uint16)
    table = np.array(list(pairs), dtype=np.int64).reshape(-1, 2)
    return Codes(table[:, 0], table[:, 1])


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
    table, codes = expression.index.signatures, expression.origin
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
