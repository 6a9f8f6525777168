"""Tables for people who do not use RDF: one a kind of thing, one of all statements, one of hops.

A table of a kind has a row for each thing and a column for each property. A property that some
thing has several values of is a list in Parquet, and is joined by a bar in CSV.
"""

from __future__ import annotations

import csv
import functools
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyoxigraph import BlankNode, NamedNode, Quad

from trilogue import catalogue
from trilogue.namespaces import (
    INFERRED_GRAPH,
    ONTOLOGY_GRAPH,
    PROVENANCE_GRAPH,
    THINGS,
    TYPE,
    compact,
    iri_of,
)
from trilogue.publication.addresses import name_of
from trilogue.publication.source import Source
from trilogue.results import show

_BAR = " | "
_DERIVED = (INFERRED_GRAPH, ONTOLOGY_GRAPH, PROVENANCE_GRAPH)


Columns = Mapping[str, Sequence[str | list[str]]]


@dataclass(eq=False)
class Table:
    """A table: what it holds, and its columns, whose cells are texts or lists of texts.

    The columns are made when they are first asked for.
    """

    name: str
    description: str
    make: Callable[[], Columns]

    @functools.cached_property
    def columns(self) -> Columns:
        """The cells of each column."""
        return self.make()

    def csv(self) -> bytes:
        """Return the table as CSV (RFC 4180), with lists joined by a bar."""
        output = io.StringIO()
        writer = csv.writer(output)
        writer.writerow(self.columns)
        for row in zip(*self.columns.values(), strict=True):
            writer.writerow([_BAR.join(cell) if isinstance(cell, list) else cell for cell in row])
        return output.getvalue().encode()

    def parquet(self) -> bytes:
        """Return the table as Parquet."""
        import pyarrow as arrow
        from pyarrow import parquet

        arrays = {name: arrow.array(list(cells)) for name, cells in self.columns.items()}
        output = io.BytesIO()
        parquet.write_table(arrow.table(arrays), output, compression="zstd")
        return output.getvalue()


def tables(source: Source) -> list[Table]:
    """Return all tables, each ordered by its first columns."""
    whole = (
        ("statements", "Every statement with its row, pages and sources.", _statements),
        (
            "hops",
            "Acts and relations by which influence can pass, as path queries see them.",
            _hops,
        ),
    )
    return [
        *(Table(name, about, functools.partial(make, source)) for name, about, make in whole),
        *(
            Table(
                kind,
                f"All things of kind {kind}, with a column for each property.",
                functools.partial(_things, source, nodes),
            )
            for kind, nodes in source.kinds.items()
            if kind not in ("row", "graph", "ns")
        ),
    ]


def _things(source: Source, nodes: Iterable[NamedNode]) -> Columns:
    reader = source.reader
    found: list[tuple[NamedNode, dict[str, set[str]]]] = []
    for node in nodes:
        cells: dict[str, set[str]] = defaultdict(set)
        for quad in source.store.quads_for_pattern(node, None, None, None):
            if isinstance(quad.object, BlankNode) or _inferred_type(quad):
                continue
            cells[_column(quad)].add(show(quad.object))
            cells["evidence"] |= set(reader.literals(quad.graph_name, "tlg:locator"))
        found.append((node, cells))
    names = sorted({name for _, cells in found for name in cells} - {"evidence"})
    several = {name for _, cells in found for name in cells if len(cells[name]) > 1}
    columns: dict[str, list[Any]] = {
        "key": [node.value.removeprefix(THINGS) for node, _ in found],
        "iri": [node.value for node, _ in found],
    }
    for name in (*names, "evidence"):
        listed = name in several or name == "evidence"
        columns[name] = [
            sorted(cells[name]) if listed else next(iter(cells[name]), "") for _, cells in found
        ]
    return columns


def _inferred_type(quad: Quad) -> bool:
    return bool(quad.predicate == TYPE and quad.graph_name == INFERRED_GRAPH)


def _column(quad: Quad) -> str:
    """Return the name of a property's column: its short name, with the language of a text."""
    name = compact(quad.predicate.value).removeprefix("tlg:")
    language = getattr(quad.object, "language", None)
    return f"{name}@{language}" if language else name


def _statements(source: Source) -> Columns:
    """Return every statement of every row, with its pages, basis and sources."""
    reader = source.reader
    rows = []
    for quad in source.quads:
        if quad.graph_name in _DERIVED or name_of(iri_of(quad.graph_name)) is None:
            continue
        row = quad.graph_name
        bases = [show(node) for node in reader.objects(row, "tlg:hasBasis")]
        sources = [show(node) for node in reader.objects(row, "prov:hadPrimarySource")]
        datatype = getattr(quad.object, "datatype", None)
        rows.append(
            (
                show(quad.subject),
                show(quad.predicate),
                show(quad.object),
                getattr(quad.object, "language", None) or "",
                compact(datatype.value) if datatype else "",
                show(row),
                _BAR.join(reader.literals(row, "tlg:locator")),
                _BAR.join(bases),
                sources,
            )
        )
    names = (
        "subject", "property", "value", "language", "datatype", "row", "evidence", "basis",
        "sources",
    )  # fmt: skip
    return _of_rows(names, rows)


def _hops(source: Source) -> Columns:
    """Return the hops that the queries of `queries/hops/` find."""
    found = []
    for query in catalogue.read(source.project, "hops"):
        for binding in source.graph.query(query):
            found.append({"kind": query.name, **{k: show(v) for k, v in binding.items()}})
    names = list(dict.fromkeys(name for row in found for name in row))
    rows = [tuple(row.get(name, "") for name in names) for row in found]
    return _of_rows(names, rows)


def _of_rows(names: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> Columns:
    cells = list(zip(*sorted(rows), strict=True)) or [()] * len(names)
    return dict(zip(names, cells, strict=True))
