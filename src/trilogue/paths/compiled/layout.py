"""How the index orders acts and relations, so that a search reads little.

Acts stand twice. Forward, in the order of issue, source and day: with their grounds and weights.
Backward, in the order of issue, target and day, each with its place in the forward order. What
names no issue stands first. So a search that carries an issue touches two parts of each order.
What kind, class, stance, passages and marks a row has is its signature; that and the classes of the
thing at its far end are one code, so that a row can be judged without a look at the thing.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from trilogue.errors import TrilogueError
from trilogue.paths.compiled.columns import SEVERAL, STANDING, Array, Columns, Rows
from trilogue.paths.compiled.sorting import places_in_order

MOST_SIGNATURES = MOST_ISSUES = 1 << 16
BITS_OF_KINDS = 16
_TABLE = 1 << 26  # combinations that are looked up in a table rather than sorted


class Acts(NamedTuple):
    """The acts in one order; `begins` are the places where each issue begins.

    Forward, `near` is the source of each act, and `far` its target. Backward, `near` are the
    targets of each issue, once each, from `groups` on, and `starts` says where each begins.
    """

    begins: Array
    groups: Array
    starts: Array
    near: Array
    far: Array
    earliest: Array
    latest: Array
    code: Array
    row: Array


class Relations(NamedTuple):
    """The relations in one order: by source, or by target with the place in the order by source."""

    near: Array
    far: Array
    issue: Array
    earliest: Array
    latest: Array
    core_earliest: Array
    core_latest: Array
    code: Array
    row: Array


class Signatures(NamedTuple):
    """What a signature stands for, as codes."""

    kind: Array
    type: Array
    stance: Array
    passages: Array
    marks: Array


class Codes(NamedTuple):
    """What the codes of two orders stand for: the signature, and the class of the far thing."""

    signature: Array
    classes: Array


def sections(columns: Columns) -> dict[str, Array]:
    """Return all arrays of the index by name."""
    if len(columns.issues) > MOST_ISSUES:
        raise TrilogueError(f"{len(columns.issues)} issues, expected at most {MOST_ISSUES}")
    if len(columns.sets_of_classes) > MOST_SIGNATURES // 2:
        raise TrilogueError(
            f"things have {len(columns.sets_of_classes)} sets of classes, "
            f"expected at most {MOST_SIGNATURES // 2}"
        )
    acts, relations = columns.acts, columns.relations
    signature, signatures = _signatures(columns)
    made = {f"signatures/{name}": part for name, part in signatures._asdict().items()}
    code, codes = _codes(signature, columns, "target")
    order, forward = _forward(acts, code[: len(acts.ground)], len(columns.issues))
    order_of_relations, outward = _outward(relations, code[len(acts.ground) :])
    made |= {f"onward/{name}": part for name, part in codes._asdict().items()}
    code, codes = _codes(signature, columns, "source")
    backward = _backward(acts, code[: len(acts.ground)], order, len(columns.issues))
    inward = _inward(outward, code[len(acts.ground) :][order_of_relations])
    made |= {f"back/{name}": part for name, part in codes._asdict().items()}
    orders: dict[str, Acts | Relations]
    orders = {"forward": forward, "backward": backward, "outward": outward, "inward": inward}
    for name, part in orders.items():
        made |= {f"{name}/{field}": column for field, column in part._asdict().items()}
    for name, rows, place in (("acts", acts, order), ("relations", relations, order_of_relations)):
        made[f"{name}/ground"] = _narrow(rows.ground[place])
        made[f"{name}/weight"], made[f"{name}/weights"] = _weights(rows.weight[place])
        several = np.flatnonzero(rows.marks[place] & SEVERAL)
        by_ground = several[np.argsort(made[f"{name}/ground"][several], kind="stable")]
        made[f"{name}/several"] = by_ground.astype(np.uint32)
    made["things/text"], made["things/ends"] = text(columns.things)
    made["things/incoming"] = _incoming(columns)
    made["things/classes"] = columns.class_of_thing.astype(np.uint16)
    matters = [part.issue.astype(np.int64) << 32 | part.stance for part in (acts, relations)]
    named = np.unique(np.concatenate(matters)) if sum(map(len, matters)) else np.zeros(0, int)
    made["matters/issue"], made["matters/stance"] = named >> 32, named & 0xFFFFFFFF
    if columns.texts is not None:
        grounds = [ground.encode() for ground in columns.texts]
        made["grounds/text"], made["grounds/ends"] = text(grounds)
    return made


def _incoming(columns: Columns) -> Array:
    """Return for each thing the kinds of the hops that lead to it, one bit each, some of a bit."""
    found = np.zeros(len(columns.things), dtype=np.uint16)
    for rows in (columns.acts, columns.relations):
        for kind in range(len(columns.kinds)):
            found[rows.target[rows.kind == kind]] |= np.uint16(1 << kind % BITS_OF_KINDS)
    return found


def text(names: list[bytes]) -> tuple[Array, Array]:
    """Return names one after another, and where each ends."""
    ends = np.cumsum(np.fromiter(map(len, names), dtype=np.int64, count=len(names)))
    return np.frombuffer(b"".join(names), dtype=np.uint8), _narrow(ends)


def _narrow(numbers: Array) -> Array:
    """Return numbers in 32 bits, where they fit."""
    if len(numbers) and (numbers.min() < 0 or numbers.max() >= 1 << 32):
        return numbers.astype(np.int64)
    return numbers.astype(np.uint32)


def _weights(weights: Array) -> tuple[Array, Array]:
    """Return codes and the weights that they stand for, or many different weights as they are."""
    some = np.unique(weights[:: max(1, len(weights) // MOST_SIGNATURES)])
    places = np.clip(np.searchsorted(some, weights), 0, max(len(some) - 1, 0))
    if len(some) < MOST_SIGNATURES and len(weights) and not (some[places] == weights).all():
        some = np.unique(weights)
        places = np.searchsorted(some, weights)
    if len(some) < MOST_SIGNATURES:
        return places.astype(np.uint16), some.astype(np.float64)
    return weights, np.zeros(0)


def _signatures(columns: Columns) -> tuple[Array, Signatures]:
    """Return the signature of each act and each relation after these."""
    both = (columns.acts, columns.relations)
    standing = [np.zeros(len(both[0].marks), int), np.full(len(both[1].marks), STANDING)]
    marks = [part.marks | mark for part, mark in zip(both, standing, strict=True)]
    names = ("kind", "type", "stance", "passages")
    parts = [np.concatenate([getattr(part, name) for part in both]) for name in names]
    parts.append(np.concatenate(marks))
    code, table = np.zeros(len(marks[0]) + len(marks[1]), dtype=np.int64), np.zeros((1, 0), int)
    for part in parts:
        size = int(part.max(initial=0)) + 1
        found, code = _distinct(code * size + part, len(table) * size)
        table = np.column_stack([table[found // size], found % size])
    if len(table) > MOST_SIGNATURES:
        raise TrilogueError(
            f"{len(table)} combinations of kind, class, stance and passages, "
            f"expected at most {MOST_SIGNATURES}"
        )
    return code, Signatures(*(column.astype(np.int32) for column in table.T))


def _codes(signature: Array, columns: Columns, far: str) -> tuple[Array, Codes]:
    """Return the code of each act and each relation after these, and what codes stand for."""
    things = [getattr(columns.acts, far), getattr(columns.relations, far)]
    classes = columns.class_of_thing[np.concatenate(things)]
    size = len(columns.sets_of_classes)
    most = int(signature.max(initial=0)) + 1
    found, code = _distinct(signature * np.int64(size) + classes, most * size)
    kind = np.uint16 if len(found) <= MOST_SIGNATURES else np.uint32
    return code.astype(kind), Codes(found // size, found % size)


def _distinct(numbers: Array, size: int) -> tuple[Array, Array]:
    """Return the different numbers, and the place of each number among them."""
    if size > _TABLE:
        found, places = np.unique(numbers, return_inverse=True)
        return found, places
    seen = np.zeros(size, dtype=bool)
    seen[numbers] = True
    return np.flatnonzero(seen), (np.cumsum(seen) - 1)[numbers]


def _sorted_by(issue: Array, thing: Array, day: Array) -> Array:
    key = issue.astype(np.uint64) * np.uint64(int(thing.max(initial=0)) + 1)
    key += thing.astype(np.uint64)
    key <<= np.uint64(16)
    key |= day.astype(np.uint64)
    return places_in_order(key)


def _forward(acts: Rows, code: Array, issues: int) -> tuple[Array, Acts]:
    order = _sorted_by(acts.issue, acts.source, acts.earliest)
    return order, Acts(
        begins=_begins(acts.issue, issues),
        groups=np.zeros(0, dtype=np.int64),
        starts=np.zeros(0, dtype=np.uint32),
        near=acts.source[order].astype(np.uint32),
        far=acts.target[order].astype(np.uint32),
        earliest=acts.earliest[order],
        latest=acts.latest[order],
        code=code[order],
        row=np.zeros(0, dtype=np.uint32),
    )


def _begins(issue: Array, issues: int) -> Array:
    return np.append(0, np.cumsum(np.bincount(issue, minlength=issues))).astype(np.int64)


def _backward(acts: Rows, code: Array, forward: Array, issues: int) -> Acts:
    order = _sorted_by(acts.issue, acts.target, acts.earliest)
    place = np.empty(len(order), dtype=np.uint32)
    place[forward] = np.arange(len(order), dtype=np.uint32)
    begins = _begins(acts.issue, issues)
    target = acts.target[order]
    another = np.ones(len(order), dtype=bool)
    another[1:] = target[1:] != target[:-1]
    another[begins[begins < len(order)]] = True
    starts = np.flatnonzero(another)
    return Acts(
        begins=begins,
        groups=np.searchsorted(starts, begins).astype(np.int64),
        starts=np.append(starts, len(order)).astype(np.uint32),
        near=target[starts].astype(np.uint32),
        far=acts.source[order].astype(np.uint32),
        earliest=acts.earliest[order],
        latest=acts.latest[order],
        code=code[order],
        row=place[order],
    )


def _outward(relations: Rows, code: Array) -> tuple[Array, Relations]:
    order = np.argsort(relations.source, kind="stable")
    return order, Relations(
        near=relations.source[order].astype(np.uint32),
        far=relations.target[order].astype(np.uint32),
        issue=relations.issue[order].astype(np.uint16),
        earliest=relations.earliest[order],
        latest=relations.latest[order],
        core_earliest=relations.core_earliest[order],
        core_latest=relations.core_latest[order],
        code=code[order],
        row=np.arange(len(order), dtype=np.uint32),
    )


def _inward(outward: Relations, code: Array) -> Relations:
    order = np.argsort(outward.far, kind="stable")
    outward = outward._replace(code=code)
    columns: dict[str, Any] = {name: column[order] for name, column in outward._asdict().items()}
    columns["near"], columns["far"] = columns["far"], columns["near"]
    return Relations(**columns)
