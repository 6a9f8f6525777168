"""The README's commands give the README's output."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
from pathlib import Path

import pytest

from trilogue.project import Project

README = (Project.find(Path(__file__).parent).root / "README.md").read_text("utf-8")
CONSOLE = re.findall(r"```console\n\$ ([^\n]+)\n(.*?)```", README, re.DOTALL)
SPARQL = re.findall(r"```sparql\n(.*?)```", README, re.DOTALL)


def shell(project: Project, command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        shell=True,
        cwd=project.root,
        env={**os.environ, "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
    )


def trimmed(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip().splitlines()]


@pytest.mark.parametrize(("command", "expected"), CONSOLE, ids=[command for command, _ in CONSOLE])
def test_a_command_of_the_readme_prints_what_the_readme_says(
    project: Project, command: str, expected: str
) -> None:
    """Parts that the README leaves out are marked by a line of three dots."""
    result = shell(project, command)
    assert result.returncode == 0, result.stderr
    printed = "\n".join(trimmed(result.stdout)) + "\n"
    place = 0
    for part in re.split(r"(?m)^\.\.\.\n", expected):
        found = printed.find("\n".join(trimmed(part)), place)
        assert found >= place, f"not printed, or not in this order:\n{part}\n---\n{printed}"
        place = found


def test_the_python_example_of_the_readme_runs(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.root)
    outcome = doctest.testfile(str(project.root / "README.md"), module_relative=False)
    assert outcome.attempted >= 2
    assert outcome.failed == 0


@pytest.mark.parametrize("query", SPARQL)
def test_a_query_of_the_readme_has_an_answer(project: Project, query: str, tmp_path: Path) -> None:
    file = tmp_path / "readme.rq"
    file.write_text(query, "utf-8")
    result = shell(project, f"build/venv/bin/trilogue query {file} --format csv")
    assert result.returncode == 0, result.stderr
    assert len(result.stdout.splitlines()) > 10


def test_make_has_nothing_to_do_after_make(project: Project) -> None:
    result = shell(project, "make build reason validate")
    assert result.returncode == 0, result.stderr
    assert "Nothing to be done" in result.stdout


def test_the_targets_that_the_readme_names_exist(project: Project) -> None:
    assert "pytest" in shell(project, "make --dry-run test").stdout
    assert "trilogue paths" in shell(project, "make --dry-run").stdout


def test_every_file_that_the_readme_links_to_exists(project: Project) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert all((project.root / link).is_file() for link in links)


def test_every_command_that_the_readme_lists_exists(project: Project) -> None:
    for command in re.findall(r"`trilogue ([a-z]+)", README):
        assert shell(project, f"build/venv/bin/trilogue {command} --help").returncode == 0
