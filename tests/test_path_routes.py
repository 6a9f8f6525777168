"""Routes are path queries with a name; `trilogue chance` holds two of them against chance."""

from __future__ import annotations

import csv
import dataclasses
import io
from pathlib import Path

import pytest
from conftest import Run

from trilogue.errors import QueryError
from trilogue.graph import Graph
from trilogue.paths import routes
from trilogue.paths.answers import Paths
from trilogue.project import Project

HEADER = "route,question,along,from,to,carry,hops\n"


def test_each_route_of_the_project_finds_paths(project: Project, graph: Graph) -> None:
    found = routes.read(project)
    assert len(found) >= 4
    for route in found.values():
        assert Paths(graph.network, route.query).exists(), route.name


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("route,along\n", "routes.csv:1: expected the columns route, question"),
        (HEADER + "a,Who?,contact//x,Firm,Actor,issue,\n", "routes.csv:2: expression 'contact//x'"),
        (HEADER + "a,Who?,contact,Firm,Actor,all,\n", "routes.csv:2: 'all' is not a valid Carry"),
        (HEADER + "a,Who?,contact,Firm,Actor,,x\n", "routes.csv:2: invalid literal"),
        (HEADER + "a,Who?,contact+,Firm,Actor,,\n", "routes.csv:2: expression 'contact+' has no"),
        (HEADER + 2 * "a,Who?,contact,Firm,Actor,,\n", "routes.csv:3: second route 'a'"),
    ],
)
def test_a_row_that_is_no_route_is_named_with_its_line(
    project: Project, tmp_path: Path, rows: str, message: str
) -> None:
    (tmp_path / "queries" / "paths").mkdir(parents=True)
    (tmp_path / "queries" / "paths" / "routes.csv").write_text(rows)
    with pytest.raises(QueryError) as caught:
        routes.read(dataclasses.replace(project, root=tmp_path))
    assert message in str(caught.value)


def test_chance_compares_two_routes_under_both_null_models(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("chance", "-f", "csv").stdout)))
    assert {row["null"] for row in rows} == {"times", "labels"}
    numbers = {(row["null"], row["of"]): row for row in rows}
    for null in ("times", "labels"):
        ours = float(numbers[null, "sme-to-council"]["observed"])
        theirs = float(numbers[null, "multinational-to-institution"]["observed"])
        assert float(numbers[null, "difference"]["observed"]) == ours - theirs
        assert 0 < float(numbers[null, "difference"]["p_two_sided"]) <= 1
    printed = run("chance", "--null", "labels").stdout
    assert "labels shuffled" in printed
    assert "not independent" in " ".join(printed.split())


def test_chance_is_the_same_for_the_same_seed(run: Run) -> None:
    first, again, other = (
        run("chance", "--draws", "200", "--seed", seed, "-f", "csv").stdout
        for seed in ("7", "7", "8")
    )
    assert first == again != other


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("sme-to-counsel",), "no route 'sme-to-counsel'; nearest: sme-to-council"),
        (("--among", "Frim"), "no thing or class 'Frim' in any hop; nearest: Firm"),
        (("--draws", "0"), "Invalid value"),
    ],
)
def test_chance_refuses_what_it_does_not_know(
    run: Run, arguments: tuple[str, ...], message: str
) -> None:
    result = run("chance", *arguments)
    assert result.returncode == 2
    assert message in " ".join(result.stderr.split())
