"""Files take their place whole or not at all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from trilogue.errors import TrilogueError
from trilogue.project import Project, written_aside


def interrupted(file: Path) -> None:
    with written_aside(file) as aside:
        aside.write(b"half")
        raise KeyboardInterrupt


def test_a_failure_midway_leaves_the_file_and_no_remains(tmp_path: Path) -> None:
    file = tmp_path / "graph.nq"
    file.write_text("last good build")
    with pytest.raises(KeyboardInterrupt):
        interrupted(file)
    assert file.read_text() == "last good build"
    assert list(tmp_path.iterdir()) == [file]


def test_where_no_more_can_be_written_the_file_stays_and_the_message_says_why(
    tmp_path: Path,
) -> None:
    file = tmp_path / "graph.nq"
    file.write_text("last good build")
    script = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from trilogue.errors import TrilogueError\n"
        "from trilogue.project import written_aside\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try:\n"
        "    with written_aside(Path(sys.argv[1])) as aside:\n"
        "        aside.write(b'x' * 100_000)\n"
        "except TrilogueError as error:\n"
        "    sys.exit(str(error))\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", script, str(file)], capture_output=True, text=True, check=False
    )
    assert result.stderr.strip() == f"{file}: cannot be written: File too large"
    assert file.read_text() == "last good build"
    assert list(tmp_path.iterdir()) == [file]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    target = tmp_path / "file" / "graph.nq"
    with pytest.raises(TrilogueError, match="cannot be written"), written_aside(target) as aside:
        aside.write(b"x")


def test_a_project_is_found_from_any_folder_in_it(project: Project) -> None:
    assert Project.find(project.queries / "tables").root == project.root
