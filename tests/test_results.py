"""Bindings are the same in every form."""

from __future__ import annotations

import csv
import io

import pytest
from pyoxigraph import (
    Literal,
    NamedNode,
    QueryResultsFormat,
    QuerySolutions,
    Store,
    parse_query_results,
)

from trilogue.errors import QueryError
from trilogue.results import Bindings


def bindings(query: str) -> Bindings:
    solutions = Store().query(query)
    assert isinstance(solutions, QuerySolutions)
    return Bindings.of(solutions)


def test_values_become_numbers_strings_and_none() -> None:
    found = bindings('SELECT ?a ?b ?c ?d { VALUES (?a ?b ?c ?d) { (1 2.5 "x"@en UNDEF) } }')
    assert found.values() == [(1, 2.5, "x", None)]
    assert len(found) == 1


def test_every_form_reads_back_to_the_same_rows() -> None:
    found = bindings('SELECT ?a ?b { VALUES (?a ?b) { ("x,\\"y\\"\\n"@en <urn:a>) (UNDEF "z") } }')
    for form in (QueryResultsFormat.JSON, QueryResultsFormat.XML, QueryResultsFormat.TSV):
        name = {"sparql-results+json": "json", "sparql-results+xml": "xml"}.get(
            form.media_type.rpartition("/")[2], "tsv"
        )
        again = parse_query_results(found.serialize(name), format=form)
        assert isinstance(again, QuerySolutions)
        assert [tuple(row[item] for item in found.variables) for row in again] == list(found.rows)
    rows = list(csv.reader(io.StringIO(found.serialize("csv"))))
    assert rows == [["a", "b"], ['x,"y"\n', "urn:a"], ["", "z"]]


def test_rows_are_terms_by_name() -> None:
    found = bindings("SELECT ?a ?b { VALUES (?a ?b) { (<urn:a> 'b') } }")
    assert [dict(row) for row in found] == [{"a": NamedNode("urn:a"), "b": Literal("b")}]


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(QueryError, match="expected one of csv, json, tsv, xml"):
        bindings("SELECT * {}").serialize("pdf")


def test_a_boolean_is_no_table_of_bindings() -> None:
    with pytest.raises(SyntaxError):
        Bindings.from_json(b'{"head": {}, "boolean": true}')
