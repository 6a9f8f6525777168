"""A site is written whole or not at all, leads to itself, and is the same bytes each time."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from conftest import Run
from publishing import ADDRESS, shrink

from trilogue.errors import TrilogueError
from trilogue.graph import Graph
from trilogue.project import Project
from trilogue.publication.folder import PublishedFolder
from trilogue.publication.site import Site
from trilogue.publication.writing import publish


@pytest.fixture(scope="module")
def small(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A checkout whose graph has some rows only."""
    root = tmp_path_factory.mktemp("small")
    for name in ("data", "ontology", "queries"):
        shutil.copytree(project.root / name, root / name)
    for name in ("CITATION.cff", "LICENSE-DATA"):
        shutil.copy(project.root / name, root / name)
    (root / "build").mkdir()
    for path in project.build.glob("*.nq"):
        shutil.copy(path, root / "build" / path.name)
    found = Project(root)
    shrink(found)
    return found


@pytest.fixture(scope="module")
def folders(small: Project) -> list[Path]:
    """The same graph published twice, by processes whose hashes differ; once over an older site."""
    written = []
    for seed in ("1", "2"):
        folder = small.root / f"site-{seed}"
        if seed == "2":
            folder.mkdir()
            (folder / "ro-crate-metadata.json").write_text("{}")
            (folder / "old.html").write_text("old")
        subprocess.run(
            [sys.executable, "-m", "trilogue.cli", "publish", str(folder), "--address", ADDRESS],
            cwd=small.root,
            env={**os.environ, "PYTHONHASHSEED": seed, "TRILOGUE_ENDPOINT": ""},
            check=True,
            capture_output=True,
            timeout=120,
        )
        written.append(folder)
    return written


def sums(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


class Links(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "href" and value:
                self.found.add(value)
            if name == "id" and value:
                self.ids.add(value)


def test_the_same_graph_gives_the_same_bytes(folders: list[Path]) -> None:
    first, second = map(sums, folders)
    assert len(first) > 1_000
    assert first == second


def test_every_link_within_the_site_leads_to_a_document(folders: list[Path]) -> None:
    folder = folders[0]
    pages = {path: Links(path.read_text("utf-8")) for path in folder.rglob("*.html")}
    assert len(pages) > 400
    for path, links in pages.items():
        for link in links.found:
            if link.startswith(("http://", "https://")):
                continue
            target, _, fragment = link.partition("#")
            file = (path.parent / target).resolve() if target else path
            assert file.is_file(), f"{path}: {link}"
            if fragment and file.suffix == ".html":
                assert fragment in pages[file].ids, f"{path}: {link}"


def test_the_sums_are_those_that_sha256sum_checks(folders: list[Path]) -> None:
    result = subprocess.run(
        ["sha256sum", "--check", "--quiet", "SHA256SUMS"],
        cwd=folders[0] / "dumps",
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout


def test_no_document_names_the_machine_it_was_made_on(small: Project, folders: list[Path]) -> None:
    root = str(small.root).encode()
    for path in folders[0].rglob("*"):
        if path.is_file():
            assert root not in path.read_bytes(), path


def test_a_published_folder_gives_what_the_site_gives(small: Project, folders: list[Path]) -> None:
    site = Site(Graph.open(project=small), ADDRESS)
    folder = PublishedFolder(folders[0])
    assert {path for path in site.paths() if not folder.has(path)} == set()
    for path in list(site.paths())[::40]:
        assert folder.document(path) == site.document(path), path
    assert folder.document("../site-1/index.html") is None
    assert folder.document("page/../index.html") is None
    assert folder.missing("x") == site.missing("")


def test_a_folder_that_holds_something_else_is_left_alone(graph: Graph, tmp_path: Path) -> None:
    kept = tmp_path / "letters" / "letter.txt"
    kept.parent.mkdir()
    kept.write_text("dear")
    with pytest.raises(TrilogueError, match="something else"):
        publish(Site(graph), kept.parent)
    assert kept.read_text() == "dear"
    with pytest.raises(TrilogueError, match="no folder"):
        publish(Site(graph), kept)
    with pytest.raises(TrilogueError, match="no published site"):
        PublishedFolder(tmp_path)


def test_an_earlier_site_is_replaced_and_nothing_is_left_beside(
    small: Project, folders: list[Path]
) -> None:
    assert not (folders[1] / "old.html").exists()
    assert (folders[1] / "index.html").is_file()
    hidden = [path.name for path in small.root.iterdir() if path.name.startswith(".")]
    assert hidden == []


def test_where_writing_fails_the_earlier_site_stays(
    small: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "ro-crate-metadata.json").write_text("{}")
    site = Site(Graph.open(project=small), ADDRESS)
    monkeypatch.setattr(site, "paths", lambda: iter(["index.html", "page/none.html"]))
    with pytest.raises(TrilogueError, match="cannot be made"):
        publish(site, folder)
    assert list(sums(folder)) == ["ro-crate-metadata.json"]
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_an_address_that_is_none_is_refused(run: Run, tmp_path: Path) -> None:
    result = run("publish", str(tmp_path / "site"), "--address", "javascript:alert(1)")
    assert result.returncode == 1
    assert "expected an http or https address" in result.stderr
    assert not (tmp_path / "site").exists()
