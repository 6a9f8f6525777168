"""Names of things lead to pages or data; what is unknown is said as a page or as data."""

from __future__ import annotations

import subprocess
import sys

import httpx
import pytest
from rdflib import OWL, RDF, URIRef
from rdflib import Graph as RdflibGraph
from starlette.applications import Starlette
from starlette.testclient import TestClient

from trilogue.project import Project
from trilogue.publication.rendering import POLICY
from trilogue.publication.site import Site
from trilogue.server.pages import routes

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture(scope="module")
def client(site: Site) -> TestClient:
    application = Starlette(routes=list(routes(site)))
    return TestClient(application, "http://localhost", follow_redirects=False)


@pytest.mark.parametrize(
    ("path", "accept", "expected"),
    [
        ("/id/actor/mistral-ai", BROWSER, "/page/actor/mistral-ai.html"),
        ("/id/actor/mistral-ai", "", "/page/actor/mistral-ai.html"),
        ("/id/actor/mistral-ai", "text/turtle", "/data/actor/mistral-ai.ttl"),
        (
            "/id/actor/mistral-ai",
            "text/html;q=0.3, text/turtle;q=0.7",
            "/data/actor/mistral-ai.ttl",
        ),
        ("/id/actor/mistral-ai", "application/ld+json, */*;q=0.1", "/data/actor/mistral-ai.jsonld"),
        ("/id/actor/mistral-ai", "text/turtle;q=nonsense", "/page/actor/mistral-ai.html"),
        ("/id/actor/mistral-ai", "application/*", "/data/actor/mistral-ai.jsonld"),
        ("/id/row/acts-elysee-dinner", "application/trig", "/data/row/acts-elysee-dinner.trig"),
        ("/id/scheme/issues", "application/n-triples", "/data/scheme/issues.nt"),
        ("/ns", BROWSER, "/ontology/index.html"),
        ("/ns", "application/rdf+xml", "/ontology/trilogue.rdf"),
        ("/ns/0.1.0", "text/turtle", "/ontology/trilogue.ttl"),
    ],
)
def test_a_name_leads_to_a_page_or_to_data(
    client: TestClient, path: str, accept: str, expected: str
) -> None:
    answer = client.get(path, headers={"Accept": accept})
    assert answer.status_code == 303
    assert "Accept" in answer.headers["Vary"]
    assert answer.headers["Location"].startswith(".")  # holds under any prefix
    followed = client.get(path, headers={"Accept": accept}, follow_redirects=True)
    assert followed.url.path == expected
    assert followed.status_code == 200


def test_the_server_sends_what_the_site_holds(client: TestClient, site: Site) -> None:
    for path in (
        "index.html",
        "page/act/elysee-dinner.html",
        "data/act/elysee-dinner.ttl",
        "style.css",
    ):
        document = site.document(path)
        assert document is not None
        answer = client.get(f"/{path}")
        assert answer.content == document.content
        assert answer.headers["Content-Type"] == document.media_type
    assert client.get("/").content == client.get("/index.html").content
    assert client.get("/queries/").status_code == 200


def test_a_page_carries_its_policy_and_a_tag_by_which_it_is_not_sent_twice(
    client: TestClient,
) -> None:
    first = client.get("/page/act/elysee-dinner.html")
    assert first.headers["Content-Security-Policy"] == POLICY
    assert "max-age" in first.headers["Cache-Control"]
    for known in (first.headers["ETag"], f'"other", W/{first.headers["ETag"]}', "*"):
        again = client.get("/page/act/elysee-dinner.html", headers={"If-None-Match": known})
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["ETag"] == first.headers["ETag"]
    other = client.get("/page/act/elysee-dinner.html", headers={"If-None-Match": '"other"'})
    assert other.status_code == 200
    head = client.head("/page/act/elysee-dinner.html")
    assert head.headers["ETag"] == first.headers["ETag"]


@pytest.mark.parametrize(
    "path",
    [
        "/id/actor/nobody", "/id/actor/%2e%2e", "/id/actor/%3Cscript%3E", "/id/actor/" + "a" * 5000,
        "/id/actor/a%00b", "/id/..%2f..%2fetc/passwd", "/id/actor/%ff%fe", "/id/x", "/id/ns/Act",
        "/page/actor/nobody.html", "/data/actor/nobody.ttl", "/page/%2e%2e/%2e%2e/etc/passwd",
        "/page/actor/..%2f..%2fpyproject.toml", "/data/actor/mistral-ai.exe", "/nothing",
        "/page/actor/mistral-ai.html/", "//etc/passwd", "/id/actor/mistral-ai/more",
    ],
)  # fmt: skip
def test_what_is_unknown_is_404_as_a_page_and_as_data(client: TestClient, path: str) -> None:
    page = client.get(path, headers={"Accept": BROWSER})
    assert page.status_code == 404
    assert page.headers["Content-Type"].startswith("text/html")
    assert page.headers["Content-Security-Policy"] == POLICY
    assert b"<script" not in page.content
    assert len(page.content) < 10_000
    data = client.get(path, headers={"Accept": "text/turtle"})
    assert data.status_code == 404
    assert data.headers["Content-Type"] == "application/problem+json"
    assert data.json()["status"] == 404


def test_the_search_form_gets_what_is_found_or_else_all_names(
    client: TestClient, site: Site
) -> None:
    names = client.get("/search.html?q=mistral")
    assert names.content == client.get("/search.html").content
    assert "Mistral AI" in names.text
    thing = {"iri": "https://w3id.org/trilogue/id/actor/dust", "matched": "Dusty"}
    searching = TestClient(Starlette(routes=routes(site, lambda q: site.search(q, [thing]))))
    found = searching.get("/search.html", params={"q": "<script>"})
    assert found.headers["Content-Security-Policy"] == POLICY
    assert "<script" not in found.text
    assert 'href="page/actor/dust.html"' in found.text
    assert "also called Dusty" in found.text
    assert "No thing" in site.search("nothing", []).decode()
    assert searching.get("/search.html", params={"q": " "}).content == names.content


def test_the_ontology_passes_the_tests_of_foops_that_need_the_web(client: TestClient) -> None:
    accepted = {
        "text/turtle": "turtle",
        "application/rdf+xml": "xml",
        "application/ld+json": "json-ld",
    }
    iri = URIRef("https://w3id.org/trilogue/ns")
    for path in ("/ns", "/ns/0.1.0"):  # VER2: the version resolves
        page = client.get(path, headers={"Accept": "text/html"}, follow_redirects=True)
        assert page.headers["Content-Type"].startswith("text/html")  # DOC1, CN1
        for media_type, form in accepted.items():
            data = client.get(path, headers={"Accept": media_type}, follow_redirects=True)
            assert data.headers["Content-Type"] == media_type  # URI1, CN1
            found = RdflibGraph().parse(data=data.content, format=form)
            assert list(found.subjects(RDF.type, OWL.Ontology)) == [iri]  # URI2
            version = found.value(iri, OWL.versionIRI)
            assert isinstance(version, URIRef)
            assert version != iri  # VER1
            assert f"/{version.removeprefix('https://w3id.org/trilogue/')}" == "/ns/0.1.0"


def test_the_command_serves_pages_beside_the_endpoint(project: Project) -> None:
    command = [sys.executable, "-m", "trilogue.cli", "serve", "--port", "0", "--workers", "1"]
    with subprocess.Popen(command, cwd=project.root, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            endpoint = process.stderr.readline().strip()
            root = endpoint.removesuffix("sparql")
            turtle = {"Accept": "text/turtle"}
            data = httpx.get(root + "id/act/elysee-dinner", headers=turtle, follow_redirects=True)
            assert data.headers["Content-Type"] == "text/turtle"
            page = httpx.get(root + "id/act/elysee-dinner", follow_redirects=True)
            assert page.headers["Content-Security-Policy"] == POLICY
            assert f'<a href="{endpoint}">SPARQL</a>' in page.text
            missing = httpx.get(root + "id/act/none", headers=turtle)
            assert missing.status_code == 404
            assert missing.headers["Content-Type"] == "application/problem+json"
            answer = httpx.get(endpoint, params={"query": "ASK {}"}, timeout=30)
            assert answer.json()["boolean"] is True
        finally:
            process.terminate()


def test_pages_stand_beside_an_endpoint_of_any_name(project: Project) -> None:
    command = [sys.executable, "-m", "trilogue.cli", "serve", "--port", "0", "--workers", "1"]
    command += ["--address", "https://example.org/graph/query"]
    with subprocess.Popen(command, cwd=project.root, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            root = process.stderr.readline().strip().removesuffix("sparql")
            robots = httpx.get(root + "robots.txt").text
            assert "Sitemap: https://example.org/graph/sitemap.xml\n" in robots
        finally:
            process.terminate()


def test_nothing_is_written(client: TestClient) -> None:
    for path in ("/id/actor/mistral-ai", "/page/actor/mistral-ai.html", "/ns"):
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            assert client.request(method, path).status_code == 405
