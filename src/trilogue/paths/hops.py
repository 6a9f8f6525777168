"""Hops, made again from the rows of an index."""

from __future__ import annotations

import numpy as np

from trilogue.paths.columns import SEVERAL, decoded
from trilogue.paths.index import Index
from trilogue.paths.network import Hop, Matter


def hop_at(index: Index, row: int) -> Hop:
    """Return the hop of a row: an act forward, or below 0 a relation.

    The index of a network gives the network's own hop. Otherwise, passages have no locators of
    their own and are counted: the ground, # and a number.
    """
    sort, place = ("acts", row) if row >= 0 else ("relations", -1 - row)
    index.verify(f"{sort}/ground", place, place + 1)
    ground = int(index.arrays[f"{sort}/ground"][place])
    if index.network is not None:
        return index.network.hops[ground]
    rows = index.forward if row >= 0 else index.outward
    signature = _signature(index, sort, place)
    table, header = index.signatures, index.header
    name = index.name("grounds", ground) if header["texts"] else str(ground)
    core = None
    if row < 0:
        days = int(index.outward.core_earliest[place]), int(index.outward.core_latest[place])
        if days[0] <= days[1]:
            core = (decoded(days[0], header["base"]), decoded(days[1], header["base"]))
    return Hop(
        name,
        header["kinds"][table.kind[signature]],
        index.name("things", int(rows.near[place])),
        index.name("things", int(rows.far[place])),
        frozenset(_matters(index, sort, place)),
        decoded(int(rows.earliest[place]), header["base"]),
        decoded(int(rows.latest[place]), header["base"]),
        standing=row < 0,
        core=core,
        weight=weight_at(index, sort, place),
        evidence=tuple(f"{name}#{number}" for number in range(table.passages[signature])),
    )


def weight_at(index: Index, sort: str, place: int) -> float:
    """Return the weight of a row."""
    index.verify(f"{sort}/weight", place, place + 1)
    weight, weights = index.arrays[f"{sort}/weight"][place], index.arrays[f"{sort}/weights"]
    return float(weights[weight] if len(weights) else weight)


def _matters(index: Index, sort: str, place: int) -> list[Matter]:
    """Return all matters that the hop of a row names."""
    places = [place]
    if index.signatures.marks[_signature(index, sort, place)] & SEVERAL:
        several, grounds = index.arrays[f"{sort}/several"], index.arrays[f"{sort}/ground"]
        index.verify(f"{sort}/several")
        index.verify(f"{sort}/ground")
        of_ground = grounds[several]
        begin, end = np.searchsorted(of_ground, grounds[place] + np.arange(2, dtype=np.int64))
        places = [
            other
            for other in several[begin:end].tolist()
            if _ends(index, sort, other) == _ends(index, sort, place)
        ]
    named = [(_issue(index, sort, other), _signature(index, sort, other)) for other in places]
    issues, stances = index.header["issues"], index.header["stances"]
    return [
        Matter(issues[issue], stances[index.signatures.stance[signature]] or None)
        for issue, signature in named
        if issue
    ]


def _signature(index: Index, sort: str, place: int) -> int:
    rows = index.forward if sort == "acts" else index.outward
    return int(index.onward.signature[rows.code[place]])


def _ends(index: Index, sort: str, place: int) -> tuple[int, int, int]:
    rows = index.forward if sort == "acts" else index.outward
    for name in ("near", "far", "code") if sort == "acts" else ():
        index.verify(f"forward/{name}", place, place + 1)
    kind = index.signatures.kind[_signature(index, sort, place)]
    return int(rows.near[place]), int(rows.far[place]), int(kind)


def _issue(index: Index, sort: str, place: int) -> int:
    if sort == "relations":
        return int(index.outward.issue[place])
    return int(np.searchsorted(index.forward.begins, place, side="right")) - 1
