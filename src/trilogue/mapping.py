"""Rows to statements: each row becomes a named graph, and that graph has its evidence.

The CSVW metadata drives the whole mapping, as *Generating RDF from Tabular Data on the Web*
describes it: `aboutUrl`, `propertyUrl`, `valueUrl`, `lang`, `datatype`, virtual columns; a
`propertyUrl` may be a template that names another cell. Five things are added, each as a common
property or a documented reading of the standard:

- `tlg:graph` of a table is the IRI template of a row's named graph;
- a cell whose subject is that graph speaks of the row itself, and goes to the provenance graph;
- a cell with a separator gives one statement an item, also where it has a `valueUrl`;
- `tlg:bounds` of a column says which ends of an interval its partial date gives;
- `tlg:isNotBelow` of a column names the column whose value its own must reach.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyoxigraph import Literal, NamedNode, Quad
from uritemplate import URITemplate

from trilogue import namespaces, passages, spans, tables
from trilogue.errors import DataError, Problem, nearest
from trilogue.namespaces import PROVENANCE_GRAPH, TERMS, XSD, term
from trilogue.project import Project, is_newer, written_aside
from trilogue.tables import Row, cell_items

if TYPE_CHECKING:
    from csvw.metadata import Column

_PARTIAL_DATE = TERMS + "PartialDate"
_CSVW_PREFIXES = {**namespaces.PREFIXES, "dc": "http://purl.org/dc/terms/"}


@dataclass(frozen=True)
class Statement:
    """One quad, with the row and the column that it comes from."""

    quad: Quad
    row: Row
    column: str


def row_graph(row: Row) -> NamedNode:
    """Return the named graph of a row."""
    return NamedNode(_expand(row.table.common_props[TERMS + "graph"], row.cells))


def places_of(project: Project) -> dict[str, str]:
    """Return `file:line` of each row's named graph.

    As `keep_places` wrote them, where no row has been touched since; to read all rows takes longer.
    """
    if is_newer(project.places, [project.mapping, *project.rows]):
        found: dict[str, str] = json.loads(project.places.read_text("utf-8"))
        return found
    return _places(tables.read(project))


def keep_places(project: Project) -> None:
    """Write where each row stands."""
    content = json.dumps(_places(tables.read(project)))
    with written_aside(project.places) as file:
        file.write(content.encode())


def _places(rows: Iterable[Row]) -> dict[str, str]:
    return {row_graph(row).value: f"{row.file}:{row.line}" for row in rows}


def statements(rows: list[Row]) -> list[Statement]:
    """Return the statements of all rows; linear in the number of cells.

    Raises `DataError` for impossible or reversed dates, and for references to things that
    no row and no vocabulary (see `unknown_references`) could hold.
    """
    found: list[Statement] = []
    problems: list[Problem] = []
    for row in rows:
        try:
            found.extend(_of_row(row))
        except _CellError as error:
            problems.append(row.problem(error.column, str(error)))
    if problems:
        raise DataError(problems)
    return found


class _CellError(ValueError):
    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


def _of_row(row: Row) -> Iterator[Statement]:
    graph = row_graph(row)
    bounds: dict[str, spans.Span] = {}
    for column in row.table.tableSchema.columns:
        if column.suppressOutput:
            continue
        about = NamedNode(_expand(column.inherit("aboutUrl").uri, row.cells))
        home = PROVENANCE_GRAPH if about == graph else graph
        for item in [None] if column.virtual else cell_items(row.cells[column.header]):
            predicate = _predicate(column, row)
            value = _value(column, item, row)
            yield Statement(Quad(about, predicate, value, home), row, column.header)
        _reach(column, row)
        side = column.common_props.get(TERMS + "bounds")
        if side and row.cells[column.header]:
            bounds[side] = _span(column, row.cells[column.header])
    thing = NamedNode(_expand(row.table.tableSchema.aboutUrl.uri, row.cells))
    for name, day in _interval(bounds):
        literal = Literal(day, datatype=NamedNode(XSD + "date"))
        yield Statement(Quad(thing, term(name), literal, graph), row, "key")
    yield Statement(Quad(graph, namespaces.TYPE, term("Row"), PROVENANCE_GRAPH), row, "key")
    keys = sorted(row.cells.get("passage") or [], key=passages.place)
    locator = "; ".join(map(passages.locator, keys))
    if locator:
        yield Statement(
            Quad(graph, term("locator"), Literal(locator), PROVENANCE_GRAPH), row, "passage"
        )


def _reach(column: Column, row: Row) -> None:
    """Check that a value reaches that of another column, where the metadata ask for it."""
    other = column.common_props.get(TERMS + "isNotBelow")
    if other and row.cells[column.header] < row.cells[other]:
        value, least = row.cells[column.header], row.cells[other]
        raise _CellError(column.header, f"{value}: expected {other} ({least}) or more")


def _interval(bounds: dict[str, spans.Span]) -> Iterator[tuple[str, str]]:
    """Return the earliest and the latest day that the dates of a row allow."""
    start = bounds.get("from", bounds.get("both"))
    end = bounds.get("to", bounds.get("both"))
    if start and end and end.latest < start.earliest:
        raise _CellError(
            "end" if "both" in bounds else "until",
            f"ends {end.latest}, before it begins ({start.earliest})",
        )
    if start:
        yield "earliest", start.earliest.isoformat()
    if end:
        yield "latest", end.latest.isoformat()


def _predicate(column: Column, row: Row) -> NamedNode:
    """Return the property of a column, which another cell of the row may name."""
    iri = _expand(column.propertyUrl.uri, row.cells)
    if not iri:
        name = column.propertyUrl.uri.strip("{+}")
        raise _CellError(name, f"empty cell: expected a value, since {column.header} has one")
    return NamedNode(iri)


def _span(column: Column, text: str) -> spans.Span:
    try:
        return spans.Span.parse(text)
    except ValueError as error:
        raise _CellError(column.header, str(error)) from None


def _value(column: Column, item: Any, row: Row) -> NamedNode | Literal:
    """Return the object that a cell, or an item of a list cell, stands for."""
    if column.valueUrl:
        variables = row.cells if column.virtual else {**row.cells, column.name: item}
        return NamedNode(_expand(column.valueUrl.uri, variables))
    datatype = column.inherit("datatype")
    if datatype and datatype.at_props.get("id") == _PARTIAL_DATE:
        _span(column, item)
        return Literal(item, datatype=NamedNode(XSD + spans.datatype(item)))
    base = datatype.base if datatype else "string"
    if base in ("boolean", "decimal", "integer"):
        text = f"{item:f}" if base == "decimal" else str(item).lower()
        return Literal(text, datatype=NamedNode(XSD + base))
    if base == "anyURI":
        return Literal(item.unsplit(), datatype=NamedNode(XSD + "anyURI"))
    language = column.inherit("lang")
    return Literal(item, language=language) if language != "und" else Literal(item)


@functools.lru_cache
def _template(text: str) -> URITemplate:
    return URITemplate(text)


def _expand(template: str, variables: Any) -> str:
    """Expand a URI template (RFC 6570), then a prefixed name if the outcome is one."""
    iri = str(_template(template).expand(dict(variables)))
    prefix, colon, local = iri.partition(":")
    if colon and not local.startswith("//") and prefix in _CSVW_PREFIXES:
        return _CSVW_PREFIXES[prefix] + local
    return iri


def unknown_references(found: list[Statement], declared: set[str]) -> list[Problem]:
    """Return a problem for each reference to a thing or term that nothing declares.

    `declared` holds the IRIs of the ontology and its vocabularies; rows declare what they
    give a type to.
    """
    known = declared | {
        namespaces.iri_of(statement.quad.subject)
        for statement in found
        if statement.quad.predicate == namespaces.TYPE
    }
    problems = []
    for statement in found:
        subject_column = list(statement.row.cells)[1]
        for node, column in (
            (statement.quad.subject, subject_column),
            (statement.quad.object, statement.column),
        ):
            iri = namespaces.iri_of(node)
            if iri.startswith((namespaces.THINGS, namespaces.TERMS)) and iri not in known:
                problems.append(statement.row.problem(column, _undeclared(iri, known)))
    return problems


def _undeclared(iri: str, known: set[str]) -> str:
    kind = iri.rpartition("/")[0] + "/"
    same_kind = {name.removeprefix(kind) for name in known if name.startswith(kind)}
    return f"nothing declares '{namespaces.compact(iri)}'" + nearest(
        iri.removeprefix(kind), same_kind
    )
