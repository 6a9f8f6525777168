"""Commands that compute over whole layers: over copies from a real server as over what was built."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import publishing
import pytest
from oxigraph_server import served
from pyoxigraph import Dataset, Quad, RdfFormat, serialize
from test_remote_stores import post

from trilogue import catalogue, checks, layers, report, validation
from trilogue.case import sections
from trilogue.case.path_robustness import PathCase
from trilogue.case.report import report as case_report
from trilogue.case.robustness import Case
from trilogue.cli.app import app
from trilogue.errors import EndpointError, QueryError, TrilogueError
from trilogue.graph import EmbeddedLayers, Graph
from trilogue.project import Project
from trilogue.publication.site import Site
from trilogue.remote.addresses import LAYERS, REASONED, RESOLVED
from trilogue.remote.copies import CopiedLayers
from trilogue.remote.layers import RemoteLayers

ROWS = (
    "hypotheses-", "implications-", "observations-", "tests-", "likelihoods-", "resolutions-",
    "positions-",
)  # fmt: skip
COMMANDS = {
    "validate": [],
    "report": [],
    "robustness": [],
    "explain-case": [],
    "publish": ["site"],
    "explain": [],
    "contradictions": [],
}


@pytest.fixture(scope="session")
def built(project: Project, tmp_path_factory: pytest.TempPathFactory) -> EmbeddedLayers:
    """Layers of some rows of the graph, as they were built."""
    small = bare(project, tmp_path_factory.mktemp("built"))
    small.build.mkdir()
    for path in project.build.glob("*.nq"):
        shutil.copy(path, small.build / path.name)
    publishing.shrink(small, ROWS)
    return EmbeddedLayers(small)


@pytest.fixture(scope="session")
def endpoints(built: EmbeddedLayers) -> Iterator[str]:
    """Stores that hold these layers."""
    with ExitStack() as servers:
        found = {name: servers.enter_context(served()) for name in LAYERS}
        for name, address in found.items():
            post(address, built.quads(name))
        yield " ".join(f"{name}={address}/query" for name, address in found.items())


@pytest.fixture(scope="session")
def elsewhere(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A checkout in which nothing was built."""
    return bare(project, tmp_path_factory.mktemp("elsewhere"))


@pytest.fixture(scope="session")
def copied(endpoints: str, elsewhere: Project) -> CopiedLayers:
    """Copies of the layers at the endpoints, where nothing was built."""
    return CopiedLayers(elsewhere, RemoteLayers(endpoints))


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """Call a command in a folder; returns its exit code and what it printed."""

    def call(folder: Path, name: str, *options: str) -> tuple[int, str]:
        monkeypatch.chdir(folder)
        monkeypatch.delenv("TRILOGUE_ENDPOINT", raising=False)
        code = app([name, *COMMANDS[name], *options], standalone_mode=False)
        return code or 0, capsys.readouterr().out

    return call


def bare(project: Project, root: Path) -> Project:
    for name in ("data", "ontology", "queries", "CITATION.cff", "LICENSE", "LICENSE-DATA"):
        (root / name).symlink_to(project.root / name)
    return Project(root)


@pytest.mark.parametrize("name", [*LAYERS, RESOLVED, REASONED])
def test_a_copy_is_what_was_built(built: EmbeddedLayers, copied: CopiedLayers, name: str) -> None:
    lines = layers.canonical_lines(Dataset(built.store(name)))
    assert serialize(copied.quads(name), format=RdfFormat.N_QUADS) == b"".join(lines)
    assert len(copied.store(name)) == len(lines) > 5_000


@pytest.fixture(scope="session")
def spoilt(built: EmbeddedLayers) -> Iterator[tuple[str, list[Quad]]]:
    """A store with a few rows that break shapes, since nothing else is there, and these rows."""
    rows = [quad for quad in built.quads(RESOLVED) if "/row/positions-a" in str(quad.graph_name)]
    with served() as address:
        post(address, rows)
        yield f"{address}/query", rows


def test_an_endpoint_is_validated_and_nothing_is_written(
    elsewhere: Project,
    spoilt: tuple[str, list[Quad]],
    command: Callable[..., tuple[int, str]],
) -> None:
    address, rows = spoilt
    code, printed = command(elsewhere.root, "validate", "--endpoint", address)
    by_shape = validation.validate_quads(rows, validation.shapes_of(elsewhere)).findings
    violations = sum(item.severity == "Violation" for item in by_shape)
    violations += sum(item.check.level == "ERROR" for item in checks.run(elsewhere, rows))
    assert violations > 10
    assert code == 1
    assert printed.splitlines()[-1].startswith(f"{violations} violation, ")
    assert printed.endswith("; nothing was written\n")
    assert not elsewhere.build.exists()


def test_bars_are_measured_at_the_endpoint(copied: CopiedLayers) -> None:
    """The first, since all cost as much as a report: no other bar reads what was built either."""
    profile = next(report.scores(copied))
    assert profile.measured == "0 violations"
    assert profile.passed


def test_rows_of_the_endpoint_are_withdrawn_in_memory(
    built: EmbeddedLayers, copied: CopiedLayers
) -> None:
    case, here = (Case(Graph.over(held)) for held in (copied, built))
    rows = frozenset(here.support.rows)
    assert case.support == here.support
    assert case.present == here.present != here.verdicts(rows) == case.verdicts(rows)
    canonical = catalogue.find(copied.project, catalogue.CANONICAL)
    assert PathCase(Graph.over(copied), canonical).robustness() == []


def test_the_report_of_the_case_is_the_same(built: EmbeddedLayers, copied: CopiedLayers) -> None:
    parts = (sections.tests, sections.verdicts)
    document, here = (case_report(Graph.over(held), parts) for held in (copied, built))
    assert document.html() == here.html()
    assert document.sources


def test_the_site_is_the_same(built: EmbeddedLayers, copied: CopiedLayers) -> None:
    site, here = (Site(Graph.over(held), publishing.ADDRESS) for held in (copied, built))
    about = "data/hypothesis/exclusive-channels.ttl"
    for path in ("dumps/trilogue.nq.gz", "dumps/asserted.nq.gz", about):
        assert site.document(path) == here.document(path) is not None


@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_down_or_missing_is_told_before_anything_is_done(
    elsewhere: Project, command: Callable[..., tuple[int, str]], name: str
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/query"
    everywhere = " ".join(f"{layer}={url}" for layer in LAYERS)
    with pytest.raises(EndpointError, match=r"query: no answer: Connection refused$"):
        command(elsewhere.root, name, "--retries", "0", "--endpoint", everywhere)
    lacking = f"{'asserted' if name == 'validate' else 'published'}={url}"
    with pytest.raises(QueryError, match=r"it reads the \w+ layer, and no endpoint is given"):
        command(elsewhere.root, name, "--retries", "0", "--endpoint", lacking)
    assert not (elsewhere.root / "site").exists()
    assert not elsewhere.build.exists()


def test_serving_an_endpoint_is_refused(elsewhere: Project) -> None:
    with pytest.raises(TrilogueError, match=r"^--endpoint: a store that answers SPARQL is served"):
        app(["serve", "--endpoint", "http://127.0.0.1:1/"], standalone_mode=False)
