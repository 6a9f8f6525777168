"""A site is written whole or not at all, leads to itself, and is the same bytes each time."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from conftest import Run
from publishing import ADDRESS, shrink

from trilogue.errors import TrilogueError
from trilogue.graph import Graph
from trilogue.project import Project
from trilogue.publication.addresses import HOME
from trilogue.publication.folder import PublishedFolder
from trilogue.publication.site import Site
from trilogue.publication.writing import publish

ROOT = urlsplit(ADDRESS).path


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
    written: list[Path] = []
    for seed in ("1", "2"):
        folder = small.root / f"site-{seed}"
        if seed == "2":
            shutil.copytree(written[0], folder)
            (folder / "page/old.html").write_text("old")
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


def earlier(folder: Path) -> None:
    """Write what tells a site of ours from other folders."""
    (folder / "dumps").mkdir(parents=True, exist_ok=True)
    (folder / "ro-crate-metadata.json").write_text("{}")
    (folder / "dumps/SHA256SUMS").write_text("")
    (folder / "void.ttl").write_text(f"<{HOME}> a <http://rdfs.org/ns/void#Dataset> .")


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
            if path.name == "404.html" and target:  # sent under any path
                assert target.startswith(ROOT), link
            base, target = (
                (folder, target.removeprefix(ROOT))
                if target.startswith(ROOT)
                else (path.parent, target)
            )
            file = (base / target).resolve() if target else path
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
    for path in site.fixed:
        assert folder.document(path) == site.document(path), path
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
    assert not (folders[1] / "page/old.html").exists()
    assert (folders[1] / "index.html").is_file()
    hidden = [path.name for path in small.root.iterdir() if path.name.startswith(".")]
    assert hidden == []


def test_where_writing_fails_the_earlier_site_stays(
    small: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "site"
    earlier(folder)
    kept = sums(folder)
    site = Site(Graph.open(project=small), ADDRESS)
    monkeypatch.setattr(site, "paths", lambda: iter(["index.html", "page/none.html"]))
    with pytest.raises(TrilogueError, match="cannot be made"):
        publish(site, folder)
    assert sums(folder) == kept
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


@pytest.mark.parametrize("renamed", [1, 2])
def test_an_interrupt_while_folders_change_places_leaves_a_site(
    small: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, renamed: int
) -> None:
    """Also where the interrupt comes as soon as the folders have changed places."""
    folder = tmp_path / "site"
    earlier(folder)
    site = Site(Graph.open(project=small), ADDRESS)
    monkeypatch.setattr(site, "paths", lambda: iter(["licence.html"]))
    rename, calls = Path.rename, iter(range(1, 9))

    def interrupted(path: Path, target: Path) -> Path:
        found = rename(path, target)
        if next(calls) == renamed:
            raise KeyboardInterrupt
        return found

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        publish(site, folder)
    monkeypatch.undo()
    assert (folder / ("void.ttl" if renamed == 1 else "licence.html")).is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_a_crate_of_someone_else_is_left_alone(small: Project, tmp_path: Path) -> None:
    folder = tmp_path / "crate"
    folder.mkdir()
    (folder / "ro-crate-metadata.json").write_text("{}")
    (folder / "raw.csv").write_text("measured")
    with pytest.raises(TrilogueError, match="something else"):
        publish(Site(Graph.open(project=small)), folder)
    earlier(folder)
    (folder / "void.ttl").write_text("<> a <http://rdfs.org/ns/void#Dataset> .")
    (folder / "raw.csv").unlink()
    with pytest.raises(TrilogueError, match="something else"):
        publish(Site(Graph.open(project=small)), folder)
    assert (folder / "ro-crate-metadata.json").read_text() == "{}"


@pytest.mark.parametrize("name", ["raw.csv", ".git", "CNAME"])
def test_a_site_with_something_besides_is_left_alone(
    small: Project, tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "site"
    earlier(folder)
    (folder / name).mkdir()
    with pytest.raises(TrilogueError, match=f"holds {name} besides a site"):
        publish(Site(Graph.open(project=small), ADDRESS), folder)
    assert (folder / name).is_dir()


def test_a_site_under_one_address_gives_way_to_one_under_another(
    small: Project, folders: list[Path]
) -> None:
    """The rules for w3id.org come with an address only; they are no reason to refuse."""
    entries = Site(Graph.open(project=small)).entries
    assert {path.name for path in folders[0].iterdir()} <= entries


def test_a_file_that_is_gone_since_it_was_listed_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "page").mkdir()
    for name in ("ro-crate-metadata.json", "licence.html", "page/index.html"):
        (tmp_path / name).write_text("{}")
    folder = PublishedFolder(tmp_path)
    (tmp_path / "licence.html").unlink()
    shutil.rmtree(tmp_path / "page")
    (tmp_path / "page").write_text("")
    assert folder.document("licence.html") is None
    assert folder.document("page/index.html") is None


def test_the_page_for_what_is_missing_holds_under_any_path(small: Project) -> None:
    for address, root in ((ADDRESS, ROOT), ("https://example.org/", "/"), (HOME, "/")):
        document = Site(Graph.open(project=small), address).document("404.html")
        assert document is not None
        links = Links(document.content.decode()).found
        assert f"{root}style.css" in links
        own = {link for link in links if not link.startswith(("http", "#"))}
        assert all(link.startswith(root) for link in own), own


def test_an_address_that_is_none_is_refused(run: Run, tmp_path: Path) -> None:
    result = run("publish", str(tmp_path / "site"), "--address", "javascript:alert(1)")
    assert result.returncode == 1
    assert "expected an http or https address" in result.stderr
    assert not (tmp_path / "site").exists()
