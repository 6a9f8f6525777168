"""Real parts for the tests: the built graph, copies of the checkout, the command line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.configuration import set_hypothesis_home_dir
from publishing import ADDRESS, ENDPOINT

from trilogue.graph import Graph
from trilogue.project import Project
from trilogue.publication.site import Site

set_hypothesis_home_dir(Path(__file__).parents[1] / "build" / "cache" / "hypothesis")

settings.register_profile("trilogue", deadline=None)  # how long is a matter of benchmarks
settings.load_profile("trilogue")

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def project() -> Project:
    """The checkout that the tests stand in, built by `make`."""
    return Project.find(Path(__file__).parent)


@pytest.fixture(scope="session")
def graph(project: Project) -> Graph:
    """The published dataset, in the embedded store."""
    return Graph.open(project=project)


@pytest.fixture(scope="session")
def site(graph: Graph) -> Site:
    """The site of the published dataset; what it makes once is kept for all tests."""
    return Site(graph, ADDRESS, ENDPOINT)


@pytest.fixture
def checkout(project: Project, tmp_path: Path) -> Project:
    """A copy of rows, ontology and queries that a test may spoil, with the last good build."""
    root = tmp_path / "checkout"
    for name in ("data", "ontology", "queries"):
        shutil.copytree(project.root / name, root / name)
    for name in ("CITATION.cff", "LICENSE", "LICENSE-DATA"):
        shutil.copy(project.root / name, root / name)
    (root / "build").mkdir()
    for path in project.build.glob("*.nq"):
        shutil.copy(path, root / "build" / path.name)
    return Project(root)


@pytest.fixture(scope="session")
def run(project: Project) -> Run:
    """Run the command line in a folder and return what it printed, with its exit code."""

    def call(
        *arguments: str, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "trilogue.cli", *arguments],
            cwd=cwd or project.root,
            env={**os.environ, "COLUMNS": "200", "TRILOGUE_ENDPOINT": "", **(env or {})},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return call
