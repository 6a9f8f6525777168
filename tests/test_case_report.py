"""The report of the case: it stands by itself, and every number in it knows its query."""

from __future__ import annotations

import itertools
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from conftest import Run
from pyoxigraph import NamedNode, Store

from trilogue import catalogue
from trilogue.case import mechanism, timeline
from trilogue.case.conclusions import belief, held, robustness_of_paths
from trilogue.case.document import Document, Paragraph, Section, Source, Table
from trilogue.case.path_robustness import PathRobustness
from trilogue.case.report import SECTIONS, report
from trilogue.case.writing import write
from trilogue.graph import EmbeddedBackend, Graph
from trilogue.namespaces import THINGS
from trilogue.project import Project

VOID = {"meta", "link", "img", "br"}


class Reading(HTMLParser):
    """Reads a page: identifiers, links, and numbers that stand outside of anything with a source."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.identifiers: list[str] = []
        self.links: list[str] = []
        self.unsourced: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        if found.get("id"):
            self.identifiers.append(str(found["id"]))
        self.links += [str(found[name]) for name in ("href", "src") if found.get(name)]
        if tag not in VOID:
            self.open.append((tag, found))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        tags = [tag for tag, _ in self.open]
        if not re.search(r"\d", data) or {"style", "title", "details", "figure"} & set(tags):
            return
        linked = any(
            (tag == "a" and str(found.get("href")).startswith("#query-"))
            or (tag == "table" and str(found.get("data-source")).startswith("query-"))
            for tag, found in self.open
        )
        if not linked:
            self.unsourced.append(data)


QUICK = tuple(section for section in SECTIONS if section is not robustness_of_paths)


@pytest.fixture(scope="module")
def document(graph: Graph) -> Document:
    return report(graph, QUICK)


@pytest.fixture(scope="module")
def page(document: Document) -> str:
    return document.html()


def test_every_number_of_the_report_links_to_the_query_that_gives_it(page: str) -> None:
    assert Reading(page).unsourced == []


def test_the_reader_of_these_tests_notices_a_number_without_a_query() -> None:
    assert Reading("<p>7 acts, <a href='#query-acts'>3</a> firms</p>").unsourced == ["7 acts, "]


def test_every_link_of_the_report_leads_to_a_place_within_it(page: str) -> None:
    reading = Reading(page)
    inside = [link for link in reading.links if link.startswith("#")]
    assert {link[1:] for link in inside} <= set(reading.identifiers)
    assert len(reading.identifiers) == len(set(reading.identifiers))


def test_the_report_loads_nothing_from_anywhere(page: str) -> None:
    assert all(link.startswith("#") for link in Reading(page).links)
    assert "<script" not in page
    assert "@import" not in page
    assert not re.search(r"url\((?!#)", page)


def test_each_query_stands_in_the_report_as_it_stands_in_the_catalogue(
    document: Document, project: Project
) -> None:
    queries = [source for source in document.sources if source.language == "sparql"]
    assert len(queries) >= 8
    for source in queries:
        assert source.text == catalogue.find(project, source.name).text


def test_the_markdown_says_the_same_numbers_as_the_page(document: Document, page: str) -> None:
    told = re.findall(r'<a class="number" href="#(query-[^"]+)">([^<]+)</a>', page)
    text = document.markdown()
    assert told
    assert all(f"[{number}](#{source})" in text for source, number in told)
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= set(re.findall(r'<a id="([^"]+)">', text))


def test_pictures_stand_beside_the_markdown_and_say_in_words_what_they_show(
    document: Document, tmp_path: Path
) -> None:
    files = {path.name for path in write(document, tmp_path)}
    named = re.findall(r"!\[([^\]]+)\]\(([^)]+)\)", document.markdown())
    assert named
    assert {name for _, name in named} <= files
    for _, name in named:
        drawing = (tmp_path / name).read_text("utf-8")
        assert re.search(r"<desc id=\"description[^>]*>[^<]{40,}", drawing)


def test_identifiers_of_several_pictures_on_one_page_do_not_clash(page: str) -> None:
    identifiers = Reading(page).identifiers
    assert len(identifiers) == len(set(identifiers))


def test_the_same_graph_gives_the_same_report(graph: Graph, document: Document) -> None:
    assert report(graph, QUICK[:2]).sections == document.sections[:2]
    assert report(graph, [belief]).sections[0] in document.sections


def test_the_report_counts_what_the_graph_holds_and_nothing_else(
    graph: Graph, document: Document
) -> None:
    """Without one hypothesis and all that was observed, the numbers are others."""
    backend = graph.backend
    assert isinstance(backend, EmbeddedBackend)
    gone = NamedNode(f"{THINGS}hypothesis/distinct-information-strategy")
    kept = [quad for quad in backend.store if gone not in (quad.subject, quad.object)]
    store = Store()
    store.bulk_extend(kept)
    other = report(Graph(EmbeddedBackend(store), graph.project), QUICK[:5])
    sections = {section.key: section for section in other.sections}
    before = {section.key: section for section in document.sections}
    assert _numbers(before["question"])[1] == "3"
    assert _numbers(sections["question"])[1] == "2"
    assert int(_numbers(sections["tests"])[0]) < int(_numbers(before["tests"])[0])


def _numbers(section: Section) -> list[str]:
    paragraphs = [block for block in section.blocks if isinstance(block, Paragraph)]
    return [part.value for block in paragraphs for part in block.parts if not isinstance(part, str)]


def test_what_the_graph_says_is_text_and_never_markup() -> None:
    hostile = '<script>alert(1)</script> | "x" `y` [z](javascript:0) &amp;'
    section = Section(
        "a", hostile, (Paragraph((hostile,)), Table(hostile, "q", (hostile,), ((hostile,),)))
    )
    document = Document(
        hostile, (section,), (Source("q", hostile, "</code></pre>" + hostile, "sparql"),)
    )
    page = document.html()
    assert "<script" not in page
    assert all(link.startswith("#") for link in Reading(page).links)
    prose, *_ = document.markdown().partition("```")
    assert "[z\\](javascript" in prose
    assert "<script" not in prose


def test_a_path_stands_beside_the_things_without_which_it_is_not_found() -> None:
    breaking = {"rows": tuple(f"row {n}" for n in range(8)), "sources": ("a work",), "pages": ()}
    table = held("robustness", [PathRobustness("A → B", breaking, {}, {}, ())])
    assert table.rows == (
        ("A → B", "row 0; row 1; row 2; row 3; row 4; row 5; and 2 more", "a work", "none"),
    )


def test_happenings_that_overlap_in_one_lane_stand_in_rows_of_their_own() -> None:
    spans = [(0.0, 5.0), (1.0, 2.0), (2.0, 6.0), (5.0, 7.0)]
    placed = timeline.rows(spans)
    for row in set(placed):
        held = [span for span, where in zip(spans, placed, strict=True) if where == row]
        assert all(first[1] <= second[0] for first, second in itertools.pairwise(held))


def test_a_timeline_of_nothing_and_a_mechanism_without_steps_are_pictures_too() -> None:
    assert timeline.draw([], []).get_label()
    assert mechanism.draw("Nothing", []).get_label() == "Nothing"


def test_a_step_without_a_fact_is_drawn_with_a_dashed_border() -> None:
    from matplotlib.patches import Rectangle

    steps = [
        mechanism.Step(1, "Rests on an act", (("act", 1),), "p. 1"),
        mechanism.Step(2, "Rests on a notion", (("concept", 1),), "p. 2"),
    ]
    boxes = [
        box for box in mechanism.draw("Steps", steps).findobj(Rectangle) if box.get_width() > 400
    ]
    assert [box.get_linestyle() == "-" for box in boxes if not box.get_fill()] == [True, False]


TUTORIAL = Path(mechanism.__file__).with_name("tutorial.md").read_text("utf-8")


def test_a_fourth_hypothesis_added_as_the_tutorial_says_gets_the_verdict_that_it_says(
    checkout: Project, run: Run
) -> None:
    blocks = re.findall(r"```csv (\S+)\n(.*?)```", TUTORIAL, re.DOTALL)
    *tables, (answer, expected) = blocks
    assert answer == "answer"
    assert len(tables) == 5
    for name, rows in tables:
        path = checkout.root / name
        path.write_text(path.read_text("utf-8") + rows, "utf-8")
    result = run("build", cwd=checkout.root)
    assert result.returncode == 0, result.stderr
    checkout.dataset.write_bytes(checkout.resolved.read_bytes() + checkout.inferred.read_bytes())
    result = run("query", "verdict-of-each-hypothesis", "--format", "csv", cwd=checkout.root)
    assert set(expected.splitlines()) <= set(result.stdout.splitlines())
