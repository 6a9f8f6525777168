"""Pages show what the graph knows, with its evidence, and nothing in them is run."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from statistics import median

import pytest
from publishing import hostile
from pyoxigraph import NamedNode

from trilogue import catalogue
from trilogue.errors import TrilogueError
from trilogue.graph import Graph
from trilogue.namespaces import TERMS, THINGS, term, thing
from trilogue.project import Project
from trilogue.publication import addresses, kept
from trilogue.publication.site import Site

EVIL = "\"><script>alert(1)</script>' onmouseover=x & <b>{{ 7*7 }}"


class Page(HTMLParser):
    """The text, the tags, the links, the headings and the languages of a page."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(content.decode())

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.attributes if key == name]


def read(site: Site, path: str) -> Page:
    document = site.document(path)
    assert document is not None, path
    return Page(document.content)


def test_the_page_of_an_act_shows_statements_with_page_note_and_cited_source(site: Site) -> None:
    page = read(site, "page/act/elysee-dinner.html")
    assert "Mistral AI and Dust at a dinner of the French president" in page.text
    assert "p. 43, n. 4" in page.text
    links = page.values("href")
    assert "../../page/passage/p43-n4.html" in links
    assert "../../page/source/polu-2023-state-not-kidding.html" in links
    assert "../../page/actor/emmanuel-macron.html" in links
    assert "../../data/act/elysee-dinner.ttl" in links


def test_the_page_of_an_actor_has_timeline_paths_contradictions_and_links_out(site: Site) -> None:
    page = read(site, "page/actor/mistral-ai.html")
    ids = page.values("id")
    for section in ("statements", "timeline", "paths", "references", "links", "data"):
        assert section in ids
    assert "http://www.wikidata.org/entity/Q119718658" in page.values("href")
    assert "Macron" in page.text
    dated = read(site, "page/act/white-paper-publication.html")
    assert "contradictions" in dated.values("id")
    assert "2020-02-29" in dated.text


def test_the_timeline_is_in_the_order_of_days(site: Site) -> None:
    found = site.source.reader.thing(THINGS + "actor/mistral-ai")
    assert found is not None
    begins = [
        (site.source.reader.literals(NamedNode(moment.act.iri), "tlg:earliest") or [""])[0]
        for moment in found.timeline
    ]
    days = [day for day in begins if day]
    assert len(days) > 5
    assert days == sorted(days)


def test_a_chinese_label_says_its_language(site: Site) -> None:
    page = read(site, "page/issue/external-audit.html")
    assert "外部审计" in page.text
    assert "zh" in page.values("lang")
    assert page.values("lang")[0] == "en"


def test_a_page_can_be_read_without_scripts_and_says_so(site: Site) -> None:
    for path in (
        "index.html",
        "page/actor/france.html",
        "ontology/index.html",
        "queries/index.html",
    ):
        page = read(site, path)
        assert "script" not in page.tags
        assert "style" not in page.tags
        assert not page.values("style")
        assert any("default-src 'none'" in value for value in page.values("content"))
        assert page.tags.count("h1") == 1


def test_each_table_has_a_caption_and_headings(site: Site) -> None:
    page = read(site, "page/actor/mistral-ai.html")
    assert page.tags.count("caption") == page.tags.count("table") > 0
    assert page.tags.count("thead") == page.tags.count("table")
    assert "col" in page.values("scope")


KEYS = (
    "../../etc/passwd",
    "a/b",
    "a.b",
    "x" * 300,
    "A",
    "%2e%2e",
    "é",
    "-a",
    ".htaccess",
    "..",
    "index",
)


@pytest.fixture(scope="module")
def evil(project: Project) -> Site:
    """A site of a graph that a stranger wrote."""
    return Site(hostile(project, EVIL, KEYS))


@pytest.mark.parametrize("key", KEYS)
def test_a_key_of_another_form_has_no_page_and_no_link(evil: Site, key: str) -> None:
    assert addresses.name_of(THINGS + "act/" + key) is None
    assert key == "index" or evil.document(f"page/act/{key}.html") is None
    pages = [path for path in evil.paths() if path.startswith("page/act/")]
    assert pages == ["page/act/index.html", "page/act/mallory.html"]
    links = read(evil, "page/row/acts-mallory.html").values("href")
    assert {link for link in links if "/act/" in link} == {"../../page/act/mallory.html"}


def test_a_label_is_never_markup(evil: Site) -> None:
    for path in ("page/act/mallory.html", "page/row/acts-mallory.html", "page/act/index.html"):
        page = read(evil, path)
        assert not {"script", "b"} & set(page.tags)
        assert not page.values("onmouseover")
        assert "<script>alert(1)</script>" in page.text
        assert "{{ 7*7 }}" in page.text
        assert not [link for link in page.values("href") if link.startswith("javascript")]


def test_what_the_graph_does_not_know_has_no_document(site: Site) -> None:
    for path in (
        "page/actor/nobody.html", "page/ns/Nothing.html", "data/actor/nobody.ttl", "nothing.html",
        "data/actor/mistral-ai.exe", "data/row/acts-elysee-dinner.ttl", "page/actor/mistral-ai",
        "", "/", "page", "page/../index.html", "page/actor/mistral-ai.html/",
    ):  # fmt: skip
        assert site.document(path) is None, path
        assert not site.has(path)


def test_the_page_for_an_unknown_thing_names_those_that_look_like_it(site: Site) -> None:
    page = Page(site.missing(THINGS + "actor/mistral-ia", "page/actor/mistral-ia.html"))
    assert "../../page/actor/mistral-ai.html" in page.values("href")
    evil = Page(site.missing("<script>" + "x" * 5000))
    assert "script" not in evil.tags
    assert len(evil.text) < 2000


def test_a_row_shows_its_assertion_and_the_line_where_it_stands(site: Site) -> None:
    page = read(site, "page/row/acts-elysee-dinner.html")
    assert "data/thesis/acts.csv:" in page.text
    assert "../../page/actor/dust.html" in page.values("href")


def test_a_row_that_is_set_aside_still_shows_what_it_states(site: Site) -> None:
    name = "acts-bsa-trilogue-comments-2023-07-note"
    page = read(site, f"page/row/{name}.html")
    assert "sets this row aside" in " ".join(page.text.split())
    (day,) = [
        str(quad.object)
        for quad in site.source.store_of(THINGS + f"row/{name}").quads_for_pattern(
            None, term("date"), None, thing(f"row/{name}")
        )
    ]
    assert day.split('"')[1] in page.text


def test_the_ontology_page_has_an_anchor_for_each_term(site: Site, graph: Graph) -> None:
    ids = set(read(site, "ontology/index.html").values("id"))
    terms = graph.query(
        "PREFIX owl: <http://www.w3.org/2002/07/owl#> SELECT DISTINCT ?term WHERE { "
        "VALUES ?class { owl:Class owl:ObjectProperty owl:DatatypeProperty owl:AnnotationProperty }"
        f' ?term a ?class FILTER(STRSTARTS(STR(?term), "{TERMS}")) }}'
    )
    names = {row["term"].value.removeprefix(TERMS) for row in terms}
    assert len(names) > 200
    assert names <= ids


def test_a_definition_is_told_in_words(site: Site) -> None:
    page = read(site, "page/ns/ActorWithPrivilegedNationalAccess.html")
    words = "actor and (“inverse of is performed by” some (meeting and “addresses actor” some"
    assert words in page.text


def test_a_scheme_shows_its_concepts_as_a_tree(site: Site) -> None:
    page = read(site, "page/scheme/issues.html")
    assert "external audit" in page.text
    assert page.tags.count("ul") > 1


def test_every_query_has_a_page_with_its_result(site: Site) -> None:
    page = read(site, "queries/table-3.html")
    assert "What were the main events of the procedure?" in page.text
    assert "Adopted the AI Act finally." in page.text
    assert "PREFIX tlg:" in page.text
    assert "table-3.rq" in page.values("href")


def test_results_and_paths_are_those_of_the_graph_and_not_those_that_are_recorded(
    site: Site, evil: Site
) -> None:
    home = read(evil, "index.html").text
    assert "No path was found." in home
    assert "Nothing was found." in home
    document = evil.document("queries/what-the-graph-holds.csv")
    assert document is not None
    assert len(document.content.splitlines()) == 1
    query = next(item for item in site.source.queries if item.name == "what-the-graph-holds")
    assert site.source.result(query) == query.expected.read_text("utf-8")


def test_a_kept_result_is_told_of_the_very_graph_and_query_alone(
    checkout: Project, graph: Graph
) -> None:
    queries = catalogue.read(checkout, "paths")
    assert kept.keep(checkout) == len(queries) > 1
    first, second = queries[:2]
    found = kept.KeptResults(checkout, checkout.dataset)
    assert found.get(first) == graph.query(first).serialize("csv") != found.get(second)
    assert found.get(replace(first, text=f"{first.text}\n")) is None
    with checkout.dataset.open("a") as file:
        file.write("<http://a/s> <http://a/p> <http://a/o> <http://a/g> .\n")
    assert kept.KeptResults(checkout, checkout.dataset).get(first) is None
    assert kept.KeptResults(checkout, None).get(first) is None


def test_a_locator_in_a_result_leads_to_its_passages(site: Site) -> None:
    links = read(site, "queries/sme-member-state-council.html").values("href")
    assert "../page/passage/p44-n2.html" in links


def test_a_passage_shows_what_rests_on_it_and_no_bare_rows(site: Site) -> None:
    page = read(site, "page/passage/p43-n4.html")
    assert "borne" in page.values("id")
    assert "Mistral AI and Dust at a dinner of the French president" in page.text
    assert "was derived from" not in page.text


def test_a_contradiction_is_told_in_words_with_its_passages(site: Site) -> None:
    page = read(site, "contradictions.html")
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert "is performed by" in page.text
    assert "tlg:" not in page.text
    assert "page/passage/p29-t3.html" in page.values("href")


def test_all_names_stand_where_no_server_answers_the_search_form(site: Site) -> None:
    page = read(site, "search.html")
    assert "page/actor/mistral-ai.html" in page.values("href")
    assert "马克龙" in page.text
    assert "acts-elysee-dinner" not in page.text


def test_a_site_needs_the_embedded_store_and_an_address_of_the_web(
    graph: Graph, project: Project
) -> None:
    with pytest.raises(TrilogueError, match="embedded store"):
        Site(Graph.open("http://localhost:1", project=project))
    with pytest.raises(TrilogueError, match="address"):
        Site(graph, "file:///tmp")


def _some_pages(site: Site) -> Iterator[str]:
    names = [name for _, name in site.source.pages()]
    yield from (addresses.page_path(name) for name in names[:: len(names) // 100])


def test_a_page_costs_a_few_milliseconds(site: Site) -> None:
    site.prepare()
    times = []
    for path in _some_pages(site):
        begin = time.process_time()
        assert site.document(path) is not None
        times.append(time.process_time() - begin)
    assert median(times) < 0.02
