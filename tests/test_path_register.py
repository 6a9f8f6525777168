"""A folder of Parquet files is searched like the graph, by names of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.registers import Register as Synthetic
from conftest import Run

from trilogue.errors import QueryError
from trilogue.paths.enumeration import Enumeration
from trilogue.paths.query import PathQuery
from trilogue.paths.register import Register

EXPRESSION = "contact/office?/(membership|part)?/position/adoption"
SMALL, PROVISION = "tlg:SmallOrMediumEnterprise", "tlg:ProvisionVersion"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("register")
    Synthetic(2000, seed=1).write(folder)
    return folder


def test_a_register_is_searched_like_its_network(folder: Path) -> None:
    query = PathQuery(EXPRESSION, frozenset({SMALL}), frozenset({PROVISION}))
    plain = Enumeration(Synthetic(2000, seed=1).network(), query)
    found = Register(folder).paths(EXPRESSION, origins=SMALL, destinations=[PROVISION])
    assert found.count() == plain.count() > 0
    assert found.reachable() == set(plain.earliest())


def test_a_register_is_searched_from_the_command_line(run: Run, folder: Path) -> None:
    search = (
        "paths",
        "--data",
        str(folder),
        "--along",
        EXPRESSION,
        "--from",
        SMALL,
        "--to",
        PROVISION,
    )
    assert int(run(*search, "--answer", "count", "-f", "csv").stdout.splitlines()[1]) > 0
    best = run(*search, "--best", "weight", "--limit", "1").stdout
    assert "the best 1 by weight" in best
    assert "actor/official-" in best


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"expression": "contcat"}, "no hop of kind 'contcat'; nearest: contact"),
        ({"origins": "tlg:SmallEnterprise"}, "no thing or class 'tlg:SmallEnterprise'"),
        ({"destinations": "actor/nobody"}, "no thing or class 'actor/nobody'"),
        ({"issues": frozenset({"issue/none"})}, "no issue 'issue/none'"),
    ],
)
def test_names_that_a_register_does_not_have_are_refused(
    folder: Path, change: dict[str, object], message: str
) -> None:
    asked = {"expression": "contact", "origins": SMALL, "destinations": PROVISION, **change}
    with pytest.raises(QueryError) as caught:
        Register(folder).paths(**asked)  # type: ignore[arg-type]
    assert message in str(caught.value)


def test_a_folder_without_the_files_is_named(run: Run, tmp_path: Path) -> None:
    result = run("paths", "--data", str(tmp_path), "--along", "contact", "--from", "a", "--to", "b")
    assert result.returncode == 2
    assert "no acts.parquet; expected a folder of Parquet files" in result.stderr
    (tmp_path / "acts.parquet").write_bytes(b"no parquet")
    for name in ("relations", "things"):
        (tmp_path / f"{name}.parquet").write_bytes(b"")
    result = run("paths", "--data", str(tmp_path), "--along", "contact", "--from", "a", "--to", "b")
    assert result.returncode != 0
    assert "Traceback" not in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "paths.index").exists()
