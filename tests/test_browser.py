"""Pages in a real browser: a reader follows the evidence, by mouse, by keyboard, on a phone."""

from __future__ import annotations

import csv
import io
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import chromium, served
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Request,
    ViewportSize,
    sync_playwright,
)

from trilogue import catalogue
from trilogue.api.names import Names
from trilogue.graph import Graph
from trilogue.project import Project
from trilogue.publication.site import Site
from trilogue.server.pages import routes

QUERY = f"queries/{catalogue.CANONICAL}.html"
KINDS = (
    "index.html",
    "page/actor/mistral-ai.html",
    "page/act/elysee-dinner.html",
    "page/text/general-approach-2022.html",
    "page/passage/p43-n4.html",
    "page/row/acts-elysee-dinner.html",
    "page/ns/Tenure.html",
    "page/scheme/issues.html",
    "page/frame/index.html",
    "page/index.html",
    "queries/index.html",
    QUERY,
    "contradictions.html",
    "ontology/index.html",
    "vocabularies/index.html",
    "licence.html",
    "search.html?q=mistral",
    "page/actor/nobody.html",
)
THINNED = """() => {
  for (const parent of document.querySelectorAll("main, main *")) {
    const met = {}, most = parent.tagName == "MAIN" ? 8 : 4
    for (const child of [...parent.children]) {
      const kind = child.tagName + child.className
      met[kind] = (met[kind] ?? 0) + 1
      if (met[kind] > most) child.remove()
    }
  }
}"""
"""Leaves some of all that stand side by side and are alike: a check of each takes a minute."""

PHONE: ViewportSize = {"width": 390, "height": 844}


@dataclass
class Tab:
    """A page of the browser, the address of the site, and what went wrong on the way."""

    page: Page
    root: str
    wrong: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        self.page.goto(self.root + path)

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.root)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = chromium()
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=program)
        yield found
        found.close()


@pytest.fixture(scope="module")
def address(site: Site, graph: Graph) -> Iterator[str]:
    names = Names.of(graph)
    with served(routes(site, lambda q: site.search(q, names.search(q, 20)["things"]))) as found:
        yield found


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context() as found:
        yield found


@pytest.fixture
def tab(context: BrowserContext, address: str) -> Iterator[Tab]:
    """A page of which every message, foreign request and failure is noted."""
    page = context.new_page()
    found = Tab(page, address)

    def requested(request: Request) -> None:
        if not request.url.startswith(address):
            found.wrong.append(request.url)

    page.on("console", lambda message: found.wrong.append(message.text))
    page.on("pageerror", lambda error: found.wrong.append(str(error)))
    page.on("requestfailed", lambda request: found.wrong.append(request.url))
    page.on("request", requested)
    yield found
    page.close()


def test_a_reader_comes_from_the_home_page_to_the_note_behind_a_statement(tab: Tab) -> None:
    tab.open("index.html")
    path = tab.page.locator("details.path").filter(has_text="Mistral AI").first
    path.locator("summary").click()
    path.get_by_role("link", name="Mistral AI", exact=True).first.click()
    assert tab.path == "page/actor/mistral-ai.html"
    dinner = "Mistral AI and Dust at a dinner of the French president"
    moment = tab.page.locator(".timeline tr").filter(has_text=dinner)
    moment.get_by_role("link", name="p. 43, n. 4", exact=True).click()
    assert tab.path == "page/passage/p43-n4.html"
    assert tab.page.locator("h1").inner_text() == "p. 43, n. 4"
    borne = tab.page.locator(".borne tr").filter(has_text=dinner)
    borne.get_by_role("link", name="row 1").click()
    assert tab.page.locator("h1").inner_text() == dinner
    tab.page.get_by_role("link", name="And the state is not kidding about that…").first.click()
    assert tab.path.startswith("page/source/")
    assert tab.wrong == []


@pytest.mark.parametrize("path", KINDS)
def test_a_page_is_whole_fits_a_phone_and_is_open_to_everybody(tab: Tab, path: str) -> None:
    """It asks for nothing elsewhere, says nothing on the console, and axe-core finds nothing grave."""
    tab.page.set_viewport_size(PHONE)
    tab.open(path)
    missing = path == "page/actor/nobody.html"
    assert [one for one in tab.wrong if not (missing and "404" in one)] == []
    width = tab.page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
    tab.page.evaluate(THINNED)
    assert grave(tab.page, {"resultTypes": ["violations"]}) == []
    tab.page.emulate_media(color_scheme="dark")
    assert grave(tab.page, {"runOnly": ["color-contrast"]}) == []


def grave(page: Page, options: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what axe-core finds that bars somebody from a page: the rule, and the first place."""
    found = Axe().run(page, options=options).response["violations"]
    return [
        (item["id"], item["nodes"][0]["html"])
        for item in found
        if item["impact"] in ("serious", "critical")
    ]


def test_the_search_form_finds_a_name_in_spite_of_a_slip(tab: Tab) -> None:
    tab.open("page/act/elysee-dinner.html")
    tab.page.get_by_role("searchbox").fill("mistrall")
    tab.page.keyboard.press("Enter")
    tab.page.wait_for_url("**/search.html?q=mistrall")
    tab.page.locator(".found").get_by_role("link", name="Mistral AI", exact=True).click()
    assert tab.path == "page/actor/mistral-ai.html"
    assert tab.wrong == []


def test_the_table_of_a_query_says_what_its_expected_result_says(
    tab: Tab, project: Project
) -> None:
    tab.open(QUERY)
    cells = tab.page.locator(".results").evaluate(
        """table => {
          const grid = [...table.rows].map(() => [])
          for (const [number, row] of [...table.rows].entries())
            for (const cell of row.cells) {
              let column = 0
              while (grid[number][column] !== undefined) column++
              for (let below = 0; below < cell.rowSpan; below++)
                grid[number + below][column] = cell.innerText
            }
          return grid
        }"""
    )
    expected = catalogue.find(project, catalogue.CANONICAL).expected.read_text("utf-8")
    assert cells == list(csv.reader(io.StringIO(expected)))


def test_the_keyboard_leads_past_the_menu_and_shows_where_it_is(tab: Tab) -> None:
    tab.open("page/actor/mistral-ai.html")
    keys = tab.page.keyboard
    focus = "document.activeElement"
    keys.press("Tab")
    assert tab.page.evaluate(f"{focus}.textContent") == "Skip to the content"
    assert tab.page.locator(".skip").bounding_box()["x"] >= 0  # type: ignore[index]
    assert tab.page.evaluate(f"getComputedStyle({focus}).outlineStyle") == "solid"
    keys.press("Enter")
    assert tab.page.evaluate(f"{focus}.id") == "content"
    keys.press("Tab")
    assert tab.page.evaluate(f"document.querySelector('main').contains({focus})")
    tab.page.reload()
    order = []
    for _ in range(12):
        keys.press("Tab")
        order.append(tab.page.evaluate(f"{focus}.textContent || {focus}.name"))
    assert order[:3] == ["Skip to the content", "Trilogue", "Questions"]
    assert order.index("q") < order.index("Search")


def test_a_connection_that_asks_nothing_keeps_no_page_waiting(site: Site) -> None:
    with served(routes(site)) as address:
        port = int(address.split(":")[2].partition("/")[0])
        with socket.create_connection(("127.0.0.1", port)):
            assert httpx.get(f"{address}index.html", timeout=10).status_code == 200
