"""Acts and relations as columns of codes, read from a network or from Parquet files."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from trilogue.errors import TrilogueError
from trilogue.paths.network import NO_BEGINNING, NO_END, Hop, Matter, Network

Array = npt.NDArray[Any]

FIRST_DAY, OPEN_END = 2048, 65535  # days are 16 bits from a first day; 0 is an open beginning
MOST_DAYS = OPEN_END - 2 * FIRST_DAY
EPOCH = 719163  # the ordinal of 1970-01-01, from which Parquet counts days
NO_CORE = (NO_END, NO_BEGINNING)  # holds on no day
AGAIN, AGAIN_ON_ISSUE, SEVERAL, STANDING = 1, 2, 4, 8  # marks of a row, see `Rows.marks`


@dataclass
class Rows:
    """Hops, one row for each of the matters that a hop names, as codes and days.

    `marks` say that a row repeats a hop, that it repeats it on the same issue, and that its hop has
    several rows. Issue, stance and type 0 stand for none. `ground` counts from 0 where grounds are
    `texts`, and is the ground itself where they are numbers.
    """

    ground: Array
    kind: Array
    type: Array
    source: Array
    target: Array
    issue: Array
    stance: Array
    earliest: Array
    latest: Array
    core_earliest: Array
    core_latest: Array
    weight: Array
    passages: Array
    marks: Array


@dataclass
class Columns:
    """Acts and relations, and the names that their codes stand for; things are sorted."""

    acts: Rows
    relations: Rows
    things: list[bytes]
    class_of_thing: Array
    sets_of_classes: list[frozenset[str]]
    kinds: list[str]
    types: list[frozenset[str]]
    issues: list[str]
    stances: list[str]
    base: int = 0
    texts: list[str] | None = None
    digest: str = field(default="", compare=False)

    def day(self, coded: int) -> int:
        """Return the day that a coded one stands for."""
        return decoded(coded, self.base)


def decoded(coded: int, base: int) -> int:
    """Return the day that a coded one stands for.

    >>> decoded(0, 738000) == NO_BEGINNING, decoded(FIRST_DAY, 738000)
    (True, 738000)
    """
    if coded == 0:
        return NO_BEGINNING
    return NO_END if coded == OPEN_END else base + coded - FIRST_DAY


class _Codes:
    """Gives names codes in the order in which they come."""

    def __init__(self, *first: Hashable) -> None:
        self.codes: dict[Any, int] = {name: code for code, name in enumerate(first)}

    def __getitem__(self, name: Hashable) -> int:
        return self.codes.setdefault(name, len(self.codes))

    def names(self) -> list[Any]:
        return list(self.codes)


def of_network(network: Network) -> Columns:
    """Return the columns of a network; grounds count its hops."""
    things = sorted(thing.encode() for thing in network.things)
    codes = _Codes(*things)
    kinds, types, issues = _Codes(), _Codes(frozenset()), _Codes("")
    stances, classes = _Codes(""), _Codes(frozenset())
    rows: dict[bool, list[tuple[Any, ...]]] = {False: [], True: []}
    for number, hop in enumerate(network.hops):
        if len(hop.evidence) > 255:
            raise TrilogueError(f"{hop.ground}: {len(hop.evidence)} passages, expected at most 255")
        core = NO_CORE if hop.core is None else hop.core
        common = (kinds[hop.kind], types[network.classes.get(hop.ground, frozenset())])
        ends = (codes[hop.source.encode()], codes[hop.target.encode()])
        rest = (hop.earliest, hop.latest, *core, hop.weight, len(hop.evidence))
        for matter, marks in _marked(hop):
            what = (issues[matter.issue], stances[matter.stance or ""])
            rows[hop.standing].append((number, *common, *ends, *what, *rest, marks))
    base = _base([day for part in rows.values() for row in part for day in row[7:11]])
    own = [network.classes.get(thing.decode(), frozenset()) for thing in things]
    columns = Columns(
        acts=_rows(rows[False], base),
        relations=_rows(rows[True], base),
        things=things,
        class_of_thing=np.array([classes[some] for some in own], dtype=np.int64),
        sets_of_classes=classes.names(),
        kinds=kinds.names(),
        types=types.names(),
        issues=issues.names(),
        stances=stances.names(),
        base=base,
        texts=[hop.ground for hop in network.hops],
    )
    columns.digest = _digest(columns)
    return columns


def _marked(hop: Hop) -> Iterable[tuple[Matter, int]]:
    """Yield the matters of a hop and the marks of their rows."""
    matters = sorted(hop.matters, key=lambda matter: (matter.issue, matter.stance or ""))
    several = SEVERAL if len(matters) > 1 else 0
    issue = None
    for place, matter in enumerate(matters or [Matter("")]):
        again = (AGAIN if place else 0) | (AGAIN_ON_ISSUE if matter.issue == issue else 0)
        issue = matter.issue
        yield matter, several | again


def _rows(rows: list[tuple[Any, ...]], base: int) -> Rows:
    columns = list(zip(*rows, strict=True)) or [()] * 14
    whole = [np.array(column, dtype=np.int64) for column in columns]
    whole[11] = np.array(columns[11], dtype=np.float64)
    for place in range(7, 11):
        whole[place] = coded(whole[place], base)
    return Rows(*whole)


def _base(days: Sequence[int]) -> int:
    """Return the first day of all that are not open ends."""
    finite = [day for day in days if day not in (NO_BEGINNING, NO_END)]
    return base_of(min(finite, default=0), max(finite, default=0))


def base_of(first: int, last: int) -> int:
    """Return the first day, if 16 bits can count from it to the last.

    >>> base_of(1, 738000)
    Traceback (most recent call last):
    trilogue.errors.TrilogueError: days from 1 to 738000: expected at most 61439 days
    """
    if last - first >= MOST_DAYS:
        raise TrilogueError(f"days from {first} to {last}: expected at most {MOST_DAYS} days")
    return first


def coded(days: Array, base: int) -> Array:
    """Return days as 16 bits from the first; what is open stays open."""
    some = np.clip(days - base + FIRST_DAY, 1, OPEN_END - 1)
    some = np.where(days <= NO_BEGINNING, 0, np.where(days >= NO_END, OPEN_END, some))
    return some.astype(np.uint16)


def _digest(columns: Columns) -> str:
    content = hashlib.blake2b(digest_size=16)
    for part in (columns.acts, columns.relations):
        for column in vars(part).values():
            content.update(np.ascontiguousarray(column).tobytes())
    names = [columns.things, columns.kinds, columns.issues, columns.stances, columns.texts]
    sets = [[sorted(some) for some in part] for part in (columns.types, columns.sets_of_classes)]
    content.update(repr([names, sets, columns.base]).encode())
    content.update(columns.class_of_thing.tobytes())
    return content.hexdigest()


def digest_of_files(folder: Path) -> str:
    """Return a digest of what stands in the Parquet files of a folder."""
    content = hashlib.blake2b(digest_size=16)
    for name in ("acts", "relations", "things"):
        path = folder / f"{name}.parquet"
        try:
            with path.open("rb") as file:
                content.update(name.encode())
                content.update(hashlib.file_digest(file, "blake2b").digest())
        except OSError as error:
            raise TrilogueError(f"{path}: cannot be read: {error.strerror}") from error
    return content.hexdigest()
