"""The report measures each bar, and fails where one is missed."""

from __future__ import annotations

import csv
import io

import pytest
from conftest import Run
from typer.testing import CliRunner

from trilogue import report
from trilogue.cli.app import app
from trilogue.project import Project


def test_every_bar_is_met_and_says_what_was_measured(run: Run) -> None:
    result = run("report", "--format", "csv")
    assert result.returncode == 0, result.stdout
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert tuple(rows[0]) == report.COLUMNS
    assert {row["passed"] for row in rows} == {"true"}
    bars = {row["bar"]: row["measured"] for row in rows}
    assert bars["OWL 2 DL profile"] == "0 violations"
    assert bars["consistency of the resolved layer"] == "consistent"
    for checker in ("FOOPS!", "OOPS!", "ROBOT", "Skosify", "qSKOS"):
        assert "0 ERROR, 0 WARN" in bars[f"checks of {checker}"]
    clean, _, total = bars["checks of FOOPS!"].partition(" tests")[0].partition(" of ")
    assert int(clean) == int(total) - 3, "it has no DOI, and no catalogue lists it"
    assert "3 INFO" in bars["checks of FOOPS!"]
    assert bars["dereferencing (FOOPS! on the Web)"] == "5 of 5 tests passed"
    assert bars["rules for w3id.org"] == "0 names led astray"
    for name in ("VOID", "DCAT", "PROF"):
        assert bars[f"description in {name}"] == "0 findings"


def test_a_missed_bar_is_named_and_the_exit_code_says_so(
    checkout: Project, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = checkout.root / "data" / "resolutions.csv"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text(
        "".join(line for line in lines if not line.startswith("general-approach-date-page-36,")),
        "utf-8",
    )
    assert run("build", cwd=checkout.root).returncode == 0
    monkeypatch.chdir(checkout.root)
    monkeypatch.setattr(report, "_published", lambda *_: iter(()))  # the site misses no bar by this
    result = CliRunner().invoke(app, ["report"], env={"COLUMNS": "200", "TRILOGUE_ENDPOINT": ""})
    assert result.exit_code == 1
    assert "inconsistent" in result.stdout
    assert "contradictions of the source: two-dates-of-one-thing: data/thesis/texts.csv:" in result.stdout  # fmt: skip


def test_a_report_without_a_build_says_what_to_do(checkout: Project, run: Run) -> None:
    checkout.resolved.unlink()
    result = run("report", cwd=checkout.root)
    assert result.returncode == 1
    assert "resolved.nq: not built yet; run `make`" in result.stderr
