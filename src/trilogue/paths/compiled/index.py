"""The index of a network: columns in a file that is mapped, and never read as a whole.

The file is a line that says what it is, a header, checksums, and the columns. Header and checksums
are verified when it is opened; a block of a column before a search first reads it. So damage is
found before it can give a wrong answer, and opening costs little. An index that is damaged, or
older than its data, is built again. Whether it is older is told by a digest of the content of the
data.
"""

from __future__ import annotations

import json
import threading
import zlib
from bisect import bisect_left
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from trilogue.errors import TrilogueError
from trilogue.paths.compiled import columns as reading
from trilogue.paths.compiled.columns import OPEN_END, Array, Columns
from trilogue.paths.compiled.layout import Acts, Codes, Relations, Signatures, sections
from trilogue.paths.network import Network
from trilogue.project import written_aside

MAGIC = b"Trilogue index of paths, version 1\n"
BLOCK = 1 << 14
ALIGNED = 64
NUMBER = 8  # bytes of each number between line and header

Read = Callable[[], Columns]


class DamageError(TrilogueError):
    """An index file that is not what was written."""


class Index:
    """The columns of a network, and the names that its codes stand for."""

    def __init__(self, arrays: dict[str, Array], header: dict[str, Any], network: Network | None):
        self.network = network
        self.header = header
        self.path: Path | None = None
        self._read: Read | None = None
        self.lock = threading.RLock()
        self.cache: dict[Any, Any] = {}
        self._give(arrays)

    @classmethod
    def of_network(cls, network: Network, path: Path | None = None) -> Index:
        """Return the index of a network: from a file where a path is given, else in memory."""
        columns = reading.of_network(network)
        if path is None:
            return cls(sections(columns), _names(columns), network)
        return cls._current(path, columns.digest, lambda: columns, network)

    @classmethod
    def of_folder(cls, folder: Path, path: Path | None = None) -> Index:
        """Return the index of a folder of Parquet files, `paths.index` in it unless told."""

        def read() -> Columns:
            from trilogue.paths.compiled import parquet

            return parquet.of_folder(folder)

        digest = reading.digest_of_files(folder)
        return cls._current(path or folder / "paths.index", digest, read, None)

    @classmethod
    def at(cls, path: Path) -> Index:
        """Return the index in a file, whatever has become of its data."""
        header, arrays, checks = _mapped(path)
        index = cls(arrays, header, None)
        index._checks(path, checks)
        return index

    @classmethod
    def _current(cls, path: Path, digest: str, read: Read, network: Network | None) -> Index:
        try:
            index = cls.at(path)
        except TrilogueError:
            index = None
        if index is None or index.header["digest"] != digest:
            from trilogue.paths.compiled.search import compile_ahead

            _write(path, read())
            compile_ahead()
            index = cls.at(path)
        index.network = network
        index._read = read
        return index

    def _give(self, arrays: dict[str, Array]) -> None:
        self.arrays = arrays
        parts = [_part(arrays, name) for name in ("forward", "backward")]
        self.forward, self.backward = (Acts(**part) for part in parts)
        parts = [_part(arrays, name) for name in ("outward", "inward")]
        self.outward, self.inward = (Relations(**part) for part in parts)
        self.signatures = Signatures(**_part(arrays, "signatures"))
        self.onward, self.back = (Codes(**_part(arrays, name)) for name in ("onward", "back"))
        self.classes = arrays["things/classes"]
        self._verified: dict[str, Array] = {}
        self._issues: set[int] = set()
        self._sums: dict[str, Array] = {}

    def _checks(self, path: Path, checks: dict[str, Array]) -> None:
        self.path, self._sums = path, checks
        self._verified = {name: np.zeros(len(some), bool) for name, some in checks.items()}
        for name in self.arrays:
            if name in _READ_FIRST or not name.startswith(_READ_IN_PARTS):
                self.verify(name)

    def verify(self, name: str, begin: int = 0, end: int | None = None) -> None:
        """Make sure that a part of a column is what was written; each block is read for it once.

        Where it is not, the index is built again, or without its data `DamageError` raised.
        """
        if self.path is None:
            return
        array, verified = self.arrays[name], self._verified[name]
        first = begin * array.itemsize // BLOCK
        last = -(-(len(array) if end is None else end) * array.itemsize // BLOCK)
        if verified[first] if last == first + 1 else verified[first:last].all():
            return
        for block in (np.flatnonzero(~verified[first:last]) + first).tolist():
            if _sum(array, block) != self._sums[name][block]:
                self._again()
                return
            verified[block] = True

    def verify_places(self, name: str, places: Array) -> None:
        """Make sure that some places of a column are what was written."""
        if self.path is None or not len(places):
            return
        array = self.arrays[name]
        blocks = places.astype(np.int64) * array.itemsize // BLOCK
        for block in np.unique(blocks[~self._verified[name][blocks]]).tolist():
            place = block * BLOCK // array.itemsize
            self.verify(name, place, place + 1)

    def verify_issue(self, issue: int) -> None:
        """Make sure of all acts on an issue, in both orders."""
        if self.path is None or issue in self._issues:
            return
        begin, end = self.forward.begins[issue : issue + 2].tolist()
        groups = self.backward.groups[issue : issue + 2].tolist()
        for order in ("forward", "backward"):
            for name in ("near", "far", "earliest", "latest", "code", "row"):
                some = len(self.arrays[f"{order}/{name}"]) > 0
                if order == "backward" and name == "near":
                    self.verify("backward/near", *groups)
                    self.verify("backward/starts", groups[0], groups[1] + 1)
                elif some:
                    self.verify(f"{order}/{name}", begin, end)
        self._issues.add(issue)

    def _again(self) -> None:
        if self._read is None or self.path is None:
            raise DamageError(f"{self.path}: damaged; build it again from its data")
        path, read = self.path, self._read
        _write(path, read())
        header, arrays, checks = _mapped(path)
        self.header = header
        self.cache.clear()
        self._give(arrays)
        self._checks(path, checks)

    def code(self, thing: str) -> int | None:
        """Return the code of a thing, if it has a hop."""
        place = bisect_left(_Names(self, "things"), thing.encode())
        found = place < len(self.classes) and self.name("things", place) == thing
        return place if found else None

    def name(self, sort: str, code: int) -> str:
        """Return the name that a code stands for, of the `things` or the `grounds`."""
        return self.text(sort, code).decode()

    def text(self, sort: str, code: int) -> bytes:
        """Return the bytes of a name."""
        ends = self.arrays[f"{sort}/ends"]
        self.verify(f"{sort}/ends", max(code - 1, 0), code + 1)
        begin, end = int(ends[code - 1]) if code else 0, int(ends[code])
        self.verify(f"{sort}/text", begin, end)
        return self.arrays[f"{sort}/text"][begin:end].tobytes()


class _Names(Sequence[bytes]):
    """The names of an index as a sequence that can be searched."""

    def __init__(self, index: Index, sort: str) -> None:
        self.names, self.sort = index, sort

    def __len__(self) -> int:
        return len(self.names.arrays[f"{self.sort}/ends"])

    def __getitem__(self, code: Any) -> Any:
        return self.names.text(self.sort, code)


_READ_IN_PARTS = ("forward/", "backward/", "acts/", "things/text", "things/ends", "grounds/")
_READ_FIRST = ("forward/begins", "backward/begins", "backward/groups")


def _part(arrays: dict[str, Array], name: str) -> dict[str, Array]:
    prefix = f"{name}/"
    return {
        key.removeprefix(prefix): some for key, some in arrays.items() if key.startswith(prefix)
    }


def _names(columns: Columns) -> dict[str, Any]:
    return {
        "digest": columns.digest,
        "base": columns.base,
        "last": _last_beginning(columns),
        "kinds": columns.kinds,
        "types": [sorted(some) for some in columns.types],
        "issues": columns.issues,
        "stances": columns.stances,
        "classes": [sorted(some) for some in columns.sets_of_classes],
        "texts": columns.texts is not None,
    }


def _last_beginning(columns: Columns) -> int:
    """Return the last coded day on which an act or a relation can begin."""
    parts = (columns.acts.earliest, columns.relations.earliest, columns.relations.core_earliest)
    return max(int(part[part < OPEN_END].max(initial=0)) for part in parts)


def _sum(array: Array, block: int) -> int:
    """Return the checksum of a block of a column."""
    content = array.view(np.uint8)[block * BLOCK : (block + 1) * BLOCK]
    return zlib.crc32(content.data)


def _write(path: Path, columns: Columns) -> None:
    """Write the index beside its place, and move it there when it is whole."""
    arrays = {name: np.ascontiguousarray(some) for name, some in sections(columns).items()}
    sums = [
        np.array([_sum(some, block) for block in range(_blocks(some.nbytes))], dtype=np.uint32)
        for some in arrays.values()
    ]
    checks = np.concatenate(sums).tobytes()
    header = _names(columns)
    header["sections"] = [[name, some.dtype.str, len(some)] for name, some in arrays.items()]
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    numbers = [len(text), len(checks), zlib.crc32(checks, zlib.crc32(text))]
    with written_aside(path) as file:
        file.write(MAGIC)
        file.write(b"".join(number.to_bytes(NUMBER, "little") for number in numbers))
        file.write(text)
        file.write(checks)
        for some in arrays.values():
            file.write(b"\0" * (-file.tell() % ALIGNED))
            file.write(some.data)


def _blocks(size: int) -> int:
    return -(-size // BLOCK)


def _mapped(path: Path) -> tuple[dict[str, Any], dict[str, Array], dict[str, Array]]:
    """Map an index file; return its header, its columns and their checksums."""
    try:
        # Copied on writing, though nothing writes: compiled code knows one sort of array.
        whole = np.asarray(np.memmap(path, dtype=np.uint8, mode="c"))
    except (OSError, ValueError) as error:
        raise DamageError(f"{path}: cannot be read: {error}") from error
    begin = len(MAGIC) + 3 * NUMBER
    if whole[: len(MAGIC)].tobytes() != MAGIC or len(whole) < begin:
        raise DamageError(f"{path}: not an index of paths of this version")
    numbers = whole[len(MAGIC) : begin].view("<u8").tolist() if begin <= len(whole) else []
    middle, end = begin + numbers[0], begin + numbers[0] + numbers[1]
    text, checks = whole[begin:middle].tobytes(), whole[middle:end].tobytes()
    if not text or end > len(whole) or zlib.crc32(checks, zlib.crc32(text)) != numbers[2]:
        raise DamageError(f"{path}: damaged header")
    header = json.loads(text)
    arrays, sums = {}, {}
    every = np.frombuffer(checks, dtype=np.uint32)
    for name, kind, length in header["sections"]:
        end += -end % ALIGNED
        size = length * np.dtype(kind).itemsize
        if end + size > len(whole):
            raise DamageError(f"{path}: {len(whole)} bytes, expected more")
        arrays[name] = whole[end : end + size].view(kind)
        sums[name], every = np.split(every, [_blocks(size)])
        end += size
    if end != len(whole):
        raise DamageError(f"{path}: {len(whole)} bytes, expected {end}")
    return header, arrays, sums
