"""Acts, relations and things as columns, read from Parquet files.

`acts.parquet` and `relations.parquet` have one row a hop and matter; rows of one ground, kind,
source and target are one hop:

| Column | Holds |
| --- | --- |
| `ground` | integer or string: the act or relation |
| `kind`, `type` | strings: kind of hop; class of the ground, or null |
| `source`, `target` | strings: things, best dictionary-encoded |
| `issue`, `stance` | strings or null: the matter |
| `earliest`, `latest` | dates, null for an open end |
| `core_earliest`, `core_latest` | of relations, optional: dates; null for those of the span |
| `weight`, `passages` | optional: a number in (0, 1]; how many passages bear it out |

`things.parquet` has `thing`, a string, and `classes`, a list of strings.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from trilogue.errors import TrilogueError
from trilogue.paths.compiled.columns import (
    AGAIN,
    AGAIN_ON_ISSUE,
    EPOCH,
    SEVERAL,
    Array,
    Columns,
    Rows,
    base_of,
    coded,
    digest_of_files,
)
from trilogue.paths.network import NO_BEGINNING, NO_END

_CODED = ("kind", "type", "source", "target", "issue", "stance")


def of_folder(folder: Path) -> Columns:
    """Return the columns of `acts.parquet`, `relations.parquet` and `things.parquet`.

    A hop that names several matters stands in several rows of one ground, kind, source and target.
    """
    digest = digest_of_files(folder)
    tables = [_read(folder / f"{name}.parquet") for name in ("acts", "relations")]
    names, codes = _coded(tables)
    days = [day for table in tables for day in _days_of(table)]
    base = base_of(min(days, default=0), max(days, default=0))
    texts: list[str] | None = None
    if not pa.types.is_integer(tables[0].schema.field("ground").type):
        grounds = [table.column("ground").cast(pa.string()) for table in tables]
        texts = pa.chunked_array([c for g in grounds for c in g.chunks], pa.string()).to_pylist()
    first = 0
    parts = []
    for table, own in zip(tables, codes, strict=True):
        parts.append(_rows(table, own, base, None if texts is None else first))
        first += table.num_rows
    if texts is not None:
        _share_grounds(parts, texts)
    for part in parts:
        _mark(part, folder)
    of_things, sets = _classes(_read(folder / "things.parquet"), names["source"])
    return Columns(
        acts=parts[0],
        relations=parts[1],
        things=names["source"].cast(pa.binary()).to_pylist(),
        class_of_thing=of_things,
        sets_of_classes=sets,
        kinds=names["kind"].to_pylist(),
        types=[frozenset(), *(frozenset([name]) for name in names["type"].to_pylist())],
        issues=["", *names["issue"].to_pylist()],
        stances=["", *names["stance"].to_pylist()],
        base=base,
        texts=texts,
        digest=digest,
    )


def _read(path: Path) -> pa.Table:
    try:
        return pq.read_table(path, read_dictionary=_CODED)
    except (OSError, pa.ArrowException) as error:
        reason = str(error).splitlines()[0]
        raise TrilogueError(f"{path}: cannot be read: {reason}") from error


def _coded(tables: list[pa.Table]) -> tuple[dict[str, pa.Array], list[dict[str, Array]]]:
    """Return names by column, and the codes of the columns of each table; ends share theirs."""
    names: dict[str, pa.Array] = {}
    codes: list[dict[str, Array]] = [{} for _ in tables]
    for together in (("source", "target"), ("kind",), ("type",), ("issue",), ("stance",)):
        places = [(table, name) for table in range(len(tables)) for name in together]
        found, some = _sorted_names([tables[table].column(name) for table, name in places])
        names |= dict.fromkeys(together, found)
        for (table, name), of_rows in zip(places, some, strict=True):
            codes[table][name] = of_rows
    return names, codes


def _sorted_names(columns: list[pa.ChunkedArray]) -> tuple[pa.Array, list[Array]]:
    """Return the names that columns hold, each once, in the order of their bytes, and codes.

    The codes of a column are the places of its rows' names, -1 where there is none. Some chunks
    share a dictionary: each is looked up once.
    """
    dictionaries: dict[object, int] = {}
    every: list[pa.Array] = []
    for chunk in (chunk for column in columns for chunk in column.chunks):
        if dictionaries.setdefault(_dictionary(chunk), len(every)) == len(every):
            every.append(_names_of(chunk))
    encoded: Any = pa.chunked_array(every, pa.string()).dictionary_encode()
    names = encoded.chunk(0).dictionary if encoded.num_chunks else pa.array([], pa.string())
    order = pc.sort_indices(names)
    rank = np.empty(len(names) + 1, np.int32)
    rank[order.to_numpy()], rank[-1] = np.arange(len(names)), -1
    places = [_filled(chunk.indices, len(names)) for chunk in encoded.chunks]
    codes = rank[np.concatenate([np.zeros(0, np.int32), *places])]
    of_each = np.split(codes, np.cumsum([len(some) for some in every]))
    found = [
        [_of_rows(chunk, of_each[dictionaries[_dictionary(chunk)]]) for chunk in column.chunks]
        for column in columns
    ]
    return names.take(order), [np.concatenate([codes[:0], *some]) for some in found]


def _of_rows(chunk: Any, codes: Array) -> Array:
    """Return the codes of the rows of a chunk by those of the names in it."""
    if not _encoded(chunk.type):
        return codes
    return np.append(codes, np.int32(-1))[_filled(chunk.indices, len(codes))]


def _filled(indices: Any, absent: int) -> Array:
    """Return the places in a dictionary, and another where there is none."""
    return np.asarray(pc.fill_null(indices.cast(pa.int32()), absent).to_numpy())


def _dictionary(chunk: Any) -> object:
    """Return what is the same for chunks that share a dictionary, and for no others."""
    names = chunk.dictionary if _encoded(chunk.type) else chunk
    buffers = (0 if buffer is None else buffer.address for buffer in names.buffers())
    return (*buffers, names.offset, len(names))


def _names_of(chunk: Any) -> pa.Array:
    return (chunk.dictionary if _encoded(chunk.type) else chunk).cast(pa.string())


def _encoded(kind: pa.DataType) -> bool:
    return bool(pa.types.is_dictionary(kind))


def _days_of(table: pa.Table) -> list[int]:
    """Return the first and the last day of each column of days."""
    days: list[int] = []
    for name in ("earliest", "latest", "core_earliest", "core_latest"):
        if name in table.column_names:
            ends = pc.min_max(table.column(name).cast(pa.int32())).as_py()
            days += [end + EPOCH for end in ends.values() if end is not None]
    return days


def _rows(table: pa.Table, codes: dict[str, Array], base: int, first: int | None) -> Rows:
    number = table.num_rows
    for name in ("kind", "source", "target"):
        if number and codes[name].min() < 0:
            raise TrilogueError(f"{name}: a row without a {name}")
    days = {
        name: _days(table, name, base)
        for name in ("earliest", "latest", "core_earliest", "core_latest")
        if name in table.column_names
    }
    _no_backward_spans(days)
    return Rows(
        ground=_numbers(table, "ground") if first is None else np.arange(first, first + number),
        kind=codes["kind"],
        type=codes["type"] + 1,
        source=codes["source"],
        target=codes["target"],
        issue=codes["issue"] + 1,
        stance=codes["stance"] + 1,
        earliest=days["earliest"],
        latest=days["latest"],
        core_earliest=days.get("core_earliest", days["earliest"]),
        core_latest=days.get("core_latest", days["latest"]),
        weight=_weights(table),
        passages=_numbers(table, "passages")
        if "passages" in table.column_names
        else _zeros(number),
        marks=np.zeros(number, dtype=np.uint8),
    )


def _zeros(number: int) -> Array:
    return np.zeros(number, dtype=np.uint8)


def _weights(table: pa.Table) -> Array:
    if "weight" not in table.column_names:
        return np.ones(table.num_rows, dtype=np.float32)
    weights = _numbers(table, "weight")
    if len(weights) and not (weights.min() > 0 and weights.max() <= 1):
        raise TrilogueError("weight: expected more than 0, at most 1 in each row")
    return weights


def _numbers(table: pa.Table, name: str) -> Array:
    column = table.column(name)
    if column.null_count:
        raise TrilogueError(f"{name}: {column.null_count} rows without a {name}")
    return np.asarray(column.combine_chunks().to_numpy(zero_copy_only=False))


def _days(table: pa.Table, name: str, base: int) -> Array:
    """Return coded days; a core's end that is not given is the end of the span."""
    column = table.column(name).cast(pa.int32()).combine_chunks()
    absent = column.is_null().to_numpy(zero_copy_only=False)
    numbers = pc.fill_null(column, 0).to_numpy(zero_copy_only=False) + EPOCH
    numbers[absent] = NO_END if name.endswith("latest") else NO_BEGINNING
    found = coded(numbers, base)
    if name.startswith("core_") and absent.any():
        found[absent] = _days(table, name.removeprefix("core_"), base)[absent]
    return found


def _no_backward_spans(days: dict[str, Array]) -> None:
    wrong = np.flatnonzero(days["latest"] < days["earliest"])
    if len(wrong):
        raise TrilogueError(f"row {wrong[0] + 1}: latest day is before earliest day")


def _share_grounds(parts: list[Rows], texts: list[str]) -> None:
    """Let rows of one ground have the number of the first of them."""
    first: dict[str, int] = {}
    numbers = np.array([first.setdefault(text, place) for place, text in enumerate(texts)])
    for part in parts:
        part.ground = numbers[part.ground] if len(part.ground) else part.ground


def _mark(rows: Rows, folder: Path) -> None:
    """Mark the rows of hops that have several, leaving out matters that say nothing more."""
    number = len(rows.ground)
    if number < 2 or (np.diff(rows.ground) > 0).all():
        return
    keys = (rows.stance, rows.issue, rows.target, rows.source, rows.kind, rows.ground)
    order = np.lexsort(keys)
    same = np.ones(number - 1, dtype=bool)
    for key in keys[2:]:
        same &= key[order][1:] == key[order][:-1]
    _no_contradiction(rows, order, same, folder)
    hop = np.append(0, np.cumsum(~same))
    issue, stance = rows.issue[order], rows.stance[order]
    on_issue = same & (issue[1:] == issue[:-1])
    # Sorted so, what says nothing more comes first: no issue, then the issue without a stance.
    bare = (issue == 0) & (_last(issue, ~same) != 0)
    bare |= (stance == 0) & (_last(stance, ~on_issue) != 0)
    bare |= np.append(False, on_issue & (stance[1:] == stance[:-1]))
    kept = ~bare
    marks = np.where(np.bincount(hop[kept], minlength=hop[-1] + 1)[hop] > 1, SEVERAL, 0)
    hop_kept, issue_kept = hop[kept], issue[kept]
    again = np.append(False, hop_kept[1:] == hop_kept[:-1])
    again_on_issue = np.append(False, again[1:] & (issue_kept[1:] == issue_kept[:-1]))
    found = marks[kept] | np.where(again, AGAIN, 0) | np.where(again_on_issue, AGAIN_ON_ISSUE, 0)
    rows.marks[order[kept]] = found
    if bare.any():
        places = np.sort(order[kept])
        for name, column in vars(rows).items():
            setattr(rows, name, column[places])


def _last(values: Array, begins: Array) -> Array:
    """Return for each value the last of its group; `begins` tells of all but the first value.

    >>> _last(np.array([3, 5, 4]), np.array([False, True])).tolist()
    [5, 5, 4]
    """
    ends = np.append(np.flatnonzero(begins), len(begins))
    last: Array = values[ends][np.append(0, np.cumsum(begins))]
    return last


def _no_contradiction(rows: Rows, order: Array, same: Array, folder: Path) -> None:
    """Rows of one hop must agree in all but the matter."""
    for name in (
        "earliest",
        "latest",
        "type",
        "weight",
        "passages",
        "core_earliest",
        "core_latest",
    ):
        column = getattr(rows, name)[order]
        wrong = np.flatnonzero(same & (column[1:] != column[:-1]))
        if len(wrong):
            row = int(order[wrong[0] + 1]) + 1
            raise TrilogueError(f"{folder}: row {row} has another {name} than its hop elsewhere")


def _classes(table: pa.Table, things: pa.Array) -> tuple[Array, list[frozenset[str]]]:
    """Return for each thing the code of its set of classes, and the sets."""
    joined = pc.binary_join(
        table.column("classes").combine_chunks().cast(pa.list_(pa.string())), "\n"
    )
    encoded: Any = joined.dictionary_encode()
    sets = [frozenset(), *(frozenset(text.split("\n")) for text in encoded.dictionary.to_pylist())]
    codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64) + 1
    place = pc.index_in(things, value_set=table.column("thing").combine_chunks().cast(pa.string()))
    known = pc.fill_null(place, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    return np.where(known < 0, 0, np.append(codes, 0)[known]), sets
