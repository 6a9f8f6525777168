"""The ledger of passages is that of the rows, and says so where it is not."""

from __future__ import annotations

import csv
import re

import pytest
from conftest import Run

from trilogue import coverage, tables
from trilogue.errors import DataError
from trilogue.project import Project


def lines(project: Project) -> dict[str, dict[str, str]]:
    with project.coverage.open(encoding="utf-8", newline="") as file:
        return {line["key"]: line for line in csv.DictReader(file)}


def drop(project: Project, table: str, key: str) -> None:
    path = project.root / "data" / "thesis" / f"{table}.csv"
    kept = [
        line
        for line in path.read_text("utf-8").splitlines(keepends=True)
        if not line.startswith(f"{key},")
    ]
    path.write_text("".join(kept), "utf-8")


def test_every_page_note_and_table_of_the_thesis_has_a_line(project: Project) -> None:
    ledger = lines(project)
    assert sum("-" not in key for key in ledger) == 67  # the abstract and 66 pages
    assert sum("-n" in key for key in ledger) == 214
    assert all(bool(line["rows"]) != bool(line["reason"]) for line in ledger.values())


def test_the_ledger_is_that_of_the_rows(project: Project) -> None:
    coverage.check(project)
    assert "acts-elysee-dinner" in lines(project)["p43-n4"]["rows"].split()


def test_a_row_that_is_gone_is_missed(checkout: Project) -> None:
    drop(checkout, "limitations", "documents-incomplete")
    with pytest.raises(DataError) as raised:
        coverage.check(checkout)
    message = (
        r"data/coverage\.csv:\d+:2 rows: 'limitations-documents-incomplete' does not come from p62"
    )
    assert re.match(message, str(raised.value))


def test_a_row_that_no_line_lists_is_named(checkout: Project) -> None:
    text = checkout.coverage.read_text("utf-8")
    checkout.coverage.write_text(text.replace(" limitations-documents-incomplete", ""), "utf-8")
    with pytest.raises(DataError, match="'limitations-documents-incomplete' is missing for p62"):
        coverage.check(checkout)


def test_a_passage_without_a_line_is_named(checkout: Project) -> None:
    text = checkout.coverage.read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in text if not line.startswith("p43-n4,")]
    checkout.coverage.write_text("".join(kept), "utf-8")
    with pytest.raises(DataError, match=r"data/coverage\.csv key: no line for p43-n4"):
        coverage.check(checkout)


def test_writing_the_ledger_keeps_the_reasons(checkout: Project) -> None:
    drop(checkout, "limitations", "documents-incomplete")
    before = lines(checkout)
    coverage.update(checkout)
    coverage.check(checkout)
    after = lines(checkout)
    assert {key: line["reason"] for key, line in after.items()} == {
        key: line["reason"] for key, line in before.items()
    }
    assert "limitations-documents-incomplete" not in str(after)


def test_a_line_for_a_page_that_does_not_exist_stops_the_build(checkout: Project, run: Run) -> None:
    with checkout.coverage.open("a", encoding="utf-8") as file:
        file.write("p67,,Nothing there.\n")
    result = run("build", cwd=checkout.root)
    assert result.returncode == 1
    assert "unknown key 'p67': expected a key of passages.csv" in result.stderr


def test_rows_are_counted_once_for_each_passage(project: Project) -> None:
    for passage, names in coverage.rows_by_passage(tables.read(project)).items():
        assert len(names) == len(set(names)), passage


def test_a_page_without_rows_and_without_a_reason_stops_the_build(
    checkout: Project, run: Run
) -> None:
    text = checkout.coverage.read_text("utf-8")
    kept = [line for line in text.splitlines(keepends=True) if not line.startswith("p30-t4,")]
    checkout.coverage.write_text("".join(kept), "utf-8")
    result = run("build", cwd=checkout.root)
    assert result.returncode == 1
    assert "data/thesis/passages.csv:150:1 key: 'p30-t4' gave no row: expected one" in result.stderr
