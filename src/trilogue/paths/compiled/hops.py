"""Hops, made again from the rows of an index, many at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from trilogue.paths.compiled.columns import SEVERAL, Array, decoded
from trilogue.paths.compiled.index import BLOCK, Index
from trilogue.paths.network import Hop, Matter

# The columns of acts and relations that say what a hop is.
_OF_ACTS = ("near", "far", "earliest", "latest", "code")
_OF_RELATIONS = (*_OF_ACTS, "issue", "core_earliest", "core_latest")


class Hops(dict[int, Hop]):
    """The hops of an index by row: an act's place forward, or below 0 a relation's.

    The index of a network gives the network's own hops. Otherwise, passages have no locators of
    their own and are counted: the ground, # and a number.
    """

    def __init__(self, index: Index) -> None:
        super().__init__()
        self.index = index
        self._things: dict[int, str] = {}

    def make(self, rows: Array) -> None:
        """Make the hops of rows, where they are not made yet."""
        some = np.array([row for row in np.unique(rows).tolist() if row not in self], np.int64)
        for sort, places in (("acts", some[some >= 0]), ("relations", -1 - some[some < 0])):
            grounds = self._column(f"{sort}/ground", places).tolist()
            if self.index.network is not None:
                made: Iterator[Hop] = (self.index.network.hops[ground] for ground in grounds)
            else:
                made = self._made(sort, places, grounds)
            keys = places if sort == "acts" else -1 - places
            self.update(zip(keys.tolist(), made, strict=True))

    def _made(self, sort: str, places: Array, grounds: list[int]) -> Iterator[Hop]:
        index, base = self.index, self.index.header["base"]
        order, names = ("forward", _OF_ACTS) if sort == "acts" else ("outward", _OF_RELATIONS)
        columns = {name: self._column(f"{order}/{name}", places) for name in names}
        signatures = index.onward.signature[columns["code"]]
        self._name_things(np.concatenate([columns["near"], columns["far"]]))
        kinds = [index.header["kinds"][kind] for kind in index.signatures.kind[signatures].tolist()]
        passages = index.signatures.passages[signatures].tolist()
        weights, matters = self._weights(sort, places), self._matters(sort, places, signatures)
        cores = self._cores(columns) if sort == "relations" else [None] * len(places)
        lists = [columns[name].tolist() for name in ("near", "far", "earliest", "latest")]
        values = zip(grounds, kinds, *lists, matters, cores, weights, passages, strict=True)
        things, texts, standing = self._things, index.header["texts"], sort == "relations"
        for ground, kind, near, far, earliest, latest, about, core, weight, number in values:
            name = index.name("grounds", ground) if texts else str(ground)
            yield Hop.of_checked(
                {
                    "ground": name,
                    "kind": kind,
                    "source": things[near],
                    "target": things[far],
                    "matters": about,
                    "earliest": decoded(earliest, base),
                    "latest": decoded(latest, base),
                    "standing": standing,
                    "core": core,
                    "weight": weight,
                    "evidence": tuple([f"{name}#{passage}" for passage in range(number)]),
                }
            )

    def _column(self, name: str, places: Array) -> Array:
        self.index.verify_places(name, places)
        return self.index.arrays[name][places]

    def _name_things(self, codes: Array) -> None:
        """Read the names of things that are not known yet."""
        some = np.unique(codes)
        index, text = self.index, self.index.arrays["things/text"]
        begins = np.where(some > 0, self._column("things/ends", np.maximum(some, 1) - 1), 0)
        ends = self._column("things/ends", some)
        if (ends - begins).max(initial=0) > BLOCK:
            index.verify("things/text")
        index.verify_places("things/text", np.concatenate([begins, np.maximum(ends, 1) - 1]))
        for code, begin, end in zip(some.tolist(), begins.tolist(), ends.tolist(), strict=True):
            if code not in self._things:
                self._things[code] = text[begin:end].tobytes().decode()

    def _weights(self, sort: str, places: Array) -> list[float]:
        weights = self.index.arrays[f"{sort}/weights"]
        found = self._column(f"{sort}/weight", places)
        return [float(weight) for weight in (weights[found] if len(weights) else found).tolist()]

    def _cores(self, columns: dict[str, Array]) -> list[tuple[int, int] | None]:
        base = self.index.header["base"]
        days = zip(columns["core_earliest"].tolist(), columns["core_latest"].tolist(), strict=True)
        return [
            (decoded(begin, base), decoded(end, base)) if begin <= end else None
            for begin, end in days
        ]

    def _matters(self, sort: str, places: Array, signatures: Array) -> list[frozenset[Matter]]:
        """Return the matters that hops name."""
        index = self.index
        several = (index.signatures.marks[signatures] & SEVERAL > 0).tolist()
        stances = index.signatures.stance[signatures].tolist()
        one: dict[tuple[int, int], frozenset[Matter]] = {}
        found = []
        for place, key in enumerate(zip(self._issues(sort, places), stances, strict=True)):
            if several[place]:
                found.append(self._all_matters(sort, int(places[place])))
                continue
            if key not in one:
                one[key] = self._matters_of([key])
            found.append(one[key])
        return found

    def _issues(self, sort: str, places: Array) -> list[int]:
        if sort == "relations":
            found: list[int] = self.index.outward.issue[places].tolist()
            return found
        begins = self.index.forward.begins
        return [int(issue) - 1 for issue in np.searchsorted(begins, places, side="right")]

    def _matters_of(self, codes: Iterable[tuple[int, int]]) -> frozenset[Matter]:
        """Return what codes of issues and stances stand for."""
        issues, stances = self.index.header["issues"], self.index.header["stances"]
        return frozenset(
            Matter(issues[issue], stances[stance] or None) for issue, stance in codes if issue
        )

    def _all_matters(self, sort: str, place: int) -> frozenset[Matter]:
        """Return all matters that the hop of a row names, which has several rows."""
        index = self.index
        several, grounds = index.arrays[f"{sort}/several"], index.arrays[f"{sort}/ground"]
        index.verify(f"{sort}/several")
        index.verify(f"{sort}/ground")
        begin, end = np.searchsorted(
            grounds[several], grounds[place] + np.arange(2, dtype=np.int64)
        )
        others = several[begin:end].astype(np.int64)
        ends = self._ends(sort, others)
        others = others[(ends == self._ends(sort, np.array([place]))).all(axis=0)]
        rows = index.forward if sort == "acts" else index.outward
        stances = index.signatures.stance[index.onward.signature[rows.code[others]]].tolist()
        return self._matters_of(zip(self._issues(sort, others), stances, strict=True))

    def _ends(self, sort: str, places: Array) -> Array:
        """Return source, target and kind of the hops of some rows."""
        order = "forward" if sort == "acts" else "outward"
        near, far, code = (
            self._column(f"{order}/{name}", places) for name in ("near", "far", "code")
        )
        kind = self.index.signatures.kind[self.index.onward.signature[code]]
        return np.stack([near, far, kind])
