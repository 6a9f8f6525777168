"""The endpoint as a page: browsers get a form and tables, and nothing that runs."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from html.parser import HTMLParser

import httpx
import pytest
from serving import Served, served

from trilogue import catalogue
from trilogue.project import Project
from trilogue.server import QueryForm
from trilogue.server.form import MOST_ROWS
from trilogue.server.messages import RefusedError

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
EVIL = "</td></table><script>alert(1)</script><img src=x onerror=alert(1)>\\\"'"


class Reader(HTMLParser):
    """Reads a page: its elements, its tables, and what its form holds."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.inside: list[str] = []
        self.texts: dict[str, str] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.inside.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        while self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        for tag in set(self.inside):
            self.texts[tag] = self.texts.get(tag, "") + data
        if "td" in self.inside or "th" in self.inside:
            self.rows[-1][-1] += data


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("form")
    lines = [f'<http://a/s> <http://a/evil> "{EVIL}"@en <http://a/g> .']
    lines += [f"<http://a/{n}> <http://a/p> <javascript:alert({n})> <http://a/g> ." for n in range(MOST_ROWS + 5)]  # fmt: skip
    (folder / "data.nq").write_text("\n".join(lines) + "\n")
    with served(folder / "data.nq", folder / "log", workers=1) as running:
        yield running


def page(server: Served, status: int = 200, **parameters: str) -> Reader:
    answer = httpx.get(server.endpoint, params=parameters, headers=BROWSER, timeout=20)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    read = Reader(answer.text)
    policy = answer.headers["Content-Security-Policy"]
    digest = base64.b64encode(hashlib.sha256(read.texts["style"].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "script" not in {tag for tag, _ in read.elements}
    for tag, attributes in read.elements:
        assert not [name for name in attributes if name.startswith("on") or name == "style"], tag
        assert not (attributes.get("href") or "").startswith("javascript:")
    return read


def test_a_browser_without_a_query_gets_a_form_and_others_the_description(server: Served) -> None:
    read = page(server)
    assert "SELECT * WHERE" in read.texts["textarea"]
    labels = {attributes["for"] for tag, attributes in read.elements if tag == "label"}
    fields = {
        attributes["id"] for tag, attributes in read.elements if tag in ("textarea", "select")
    }
    assert labels == fields
    for accept in ("*/*", "text/turtle", "text/html;q=0.5, text/turtle"):
        answer = httpx.get(server.endpoint, headers={"Accept": accept})
        assert answer.headers["Content-Type"].startswith("text/turtle")


def test_an_answer_is_a_table_in_which_everything_is_escaped(server: Served) -> None:
    query = "SELECT ?s ?evil ?none { ?s <http://a/evil> ?evil } # </textarea><script>"
    read = page(server, query=query)
    shown = EVIL.replace('\\"', '"')
    assert read.rows == [["s", "evil", "none"], ["http://a/s", f"{shown} en", ""]]
    assert read.texts["textarea"].strip() == query
    assert ("span", {"lang": "en"}) in read.elements
    forms = [attributes["href"] for tag, attributes in read.elements if tag == "a"]
    (csv,) = (href for href in forms if href and href.endswith("format=csv"))
    assert httpx.get(server.endpoint + csv).text.startswith("s,evil,none")


def test_a_page_shows_a_bounded_part_and_says_so(server: Served) -> None:
    read = page(server, query="SELECT ?s ?o { ?s <http://a/p> ?o }")
    assert len(read.rows) == MOST_ROWS + 1
    assert "there are more" in read.texts["caption"]
    assert read.rows[1][1].startswith("javascript:")  # words, and no link


def test_graphs_and_truth_values_are_shown(server: Served) -> None:
    graph = page(server, query="CONSTRUCT WHERE { ?s <http://a/evil> ?o }")
    assert graph.rows[0] == ["subject", "predicate", "object"]
    assert page(server, query="ASK {}").texts["strong"] == "yes"
    assert page(server, query="ASK {}", format="html").texts["strong"] == "yes"
    named = httpx.get(server.endpoint, params={"query": "ASK {}", "format": "csv"}, headers=BROWSER)
    assert named.text.strip() == "true"


@pytest.mark.parametrize(
    ("query", "status", "reason"),
    [
        ("SELECT * { ?s ?p }", 400, "1:19"), ("", 400, "malformed"), ("DROP ALL", 403, "read-only"),
        ("SELECT * { SERVICE <http://127.0.0.1:9/<script>> {} }", 403, "SERVICE"),
        ("ASK " + "{" * 101 + "}" * 101, 400, "levels deep"),
    ],
)  # fmt: skip
def test_a_mistake_is_shown_beside_the_query(
    server: Served, query: str, status: int, reason: str
) -> None:
    read = page(server, status, query=query)
    assert reason in read.texts["p"]
    assert ("p", {"class": "refusal", "role": "alert"}) in read.elements
    assert read.texts["textarea"].strip() == query


def test_queries_of_the_catalogue_are_there_to_begin_with(project: Project) -> None:
    form = QueryForm(catalogue.read(project))
    read = Reader(form.empty("table-3").body.decode())
    text = catalogue.find(project, "table-3").text
    assert read.texts["textarea"].strip() == text.strip()
    chosen = [attributes["value"] for tag, attributes in read.elements if "selected" in attributes]
    assert chosen == ["table-3"]
    with pytest.raises(RefusedError, match="no query"):
        form.empty("../../etc/passwd")
