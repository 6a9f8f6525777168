"""Answers of a query: bindings, in the forms in which people want them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pyoxigraph import (
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    parse_query_results,
    serialize,
)

from trilogue import namespaces
from trilogue.errors import QueryError

if TYPE_CHECKING:
    import pandas

RESULT_FORMATS = {
    "csv": QueryResultsFormat.CSV,
    "json": QueryResultsFormat.JSON,
    "tsv": QueryResultsFormat.TSV,
    "xml": QueryResultsFormat.XML,
}
GRAPH_FORMATS = {
    "jsonld": RdfFormat.JSON_LD,
    "nt": RdfFormat.N_TRIPLES,
    "rdfxml": RdfFormat.RDF_XML,
    "turtle": RdfFormat.TURTLE,
}

_NUMBERS = {namespaces.XSD + name for name in ("integer", "decimal", "double")}


@dataclass(frozen=True)
class Bindings:
    """The answers of a SELECT query, read once and kept.

    `rows` hold one term a variable, or `None` where the variable is unbound.
    """

    variables: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...] = field(repr=False)
    serialized: bytes = field(repr=False)

    @classmethod
    def of(cls, solutions: QuerySolutions) -> Bindings:
        """Read all solutions of a store."""
        serialized = solutions.serialize(format=QueryResultsFormat.JSON)
        assert serialized is not None
        return cls.from_json(serialized)

    @classmethod
    def from_json(cls, content: bytes) -> Bindings:
        """Read SPARQL 1.1 Query Results JSON; raises `SyntaxError` where it is none."""
        solutions = parse_query_results(content, format=QueryResultsFormat.JSON)
        if isinstance(solutions, QueryBoolean):
            raise SyntaxError("a boolean where bindings were expected")
        names = tuple(variable.value for variable in solutions.variables)
        rows = tuple(tuple(solution[name] for name in names) for solution in solutions)
        return cls(names, rows, content)

    @classmethod
    def of_text(cls, variables: Sequence[str], rows: Iterable[Sequence[str]]) -> Bindings:
        """Return bindings of plain literals.

        >>> Bindings.of_text(["name"], [["table-3"]]).values()
        [('table-3',)]
        """
        bindings = [
            {
                name: {"type": "literal", "value": text}
                for name, text in zip(variables, row, strict=True)
            }
            for row in rows
        ]
        document = {"head": {"vars": list(variables)}, "results": {"bindings": bindings}}
        return cls.from_json(json.dumps(document).encode())

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        """Yield each row as a mapping of variable to term."""
        for row in self.rows:
            yield dict(zip(self.variables, row, strict=True))

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def values(self) -> list[tuple[Any, ...]]:
        """Return the rows as Python values: numbers, strings, IRIs in full, `None`."""
        return [tuple(_value(term) for term in row) for row in self.rows]

    def frame(self) -> pandas.DataFrame:
        """Return the rows as a DataFrame, one column a variable."""
        import pandas as pd

        return pd.DataFrame(self.values(), columns=list(self.variables))

    def serialize(self, form: str) -> str:
        """Return the bindings as SPARQL 1.1 CSV, TSV, JSON or XML.

        Raises `QueryError` for another form.
        """
        if form not in RESULT_FORMATS:
            raise QueryError(f"format '{form}': expected one of {', '.join(RESULT_FORMATS)}")
        solutions = parse_query_results(self.serialized, format=QueryResultsFormat.JSON)
        content = solutions.serialize(format=RESULT_FORMATS[form])
        assert content is not None
        return content.decode().replace("\r\n", "\n")


def _value(term: Any) -> Any:
    if isinstance(term, Literal):
        return _number(term.value) if term.datatype.value in _NUMBERS else term.value
    return term.value if isinstance(term, NamedNode) else None if term is None else str(term)


def _number(text: str) -> int | float:
    return int(text) if text.lstrip("+-").isdigit() else float(text)


def show(term: Any) -> str:
    """Return a term for reading: literals as they are, IRIs shortened.

    >>> show(NamedNode("https://w3id.org/trilogue/id/actor/france"))
    'actor/france'
    """
    if term is None:
        return ""
    return namespaces.compact(term.value) if isinstance(term, NamedNode) else str(term.value)


def serialize_boolean(value: bool, form: str) -> str:
    """Return the answer of an ASK query as SPARQL 1.1 JSON, XML, CSV or TSV; as a word otherwise.

    >>> serialize_boolean(True, "json"), serialize_boolean(False, "table")
    ('{"head":{},"boolean":true}', 'false')
    """
    word = str(value).lower()
    if form not in RESULT_FORMATS:
        return word
    source = f'{{"head":{{}},"boolean":{word}}}'
    result = parse_query_results(source, format=QueryResultsFormat.JSON)
    assert isinstance(result, QueryBoolean)
    content = result.serialize(format=RESULT_FORMATS[form])
    assert content is not None
    return content.decode()


def serialize_triples(triples: QueryTriples, form: str) -> str:
    """Return the triples of a CONSTRUCT or DESCRIBE query in an RDF format.

    Raises `QueryError` for another format.
    """
    if form not in GRAPH_FORMATS:
        raise QueryError(f"format '{form}': expected one of {', '.join(GRAPH_FORMATS)}")
    output = io.BytesIO()
    prefixes = namespaces.PREFIXES if form in ("turtle", "rdfxml") else None
    serialize(triples, output, format=GRAPH_FORMATS[form], prefixes=prefixes)
    return output.getvalue().decode()
