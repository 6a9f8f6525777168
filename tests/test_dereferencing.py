"""The tests of FOOPS! that need the Web pass for our site, and fail for one that breaks them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trilogue import dereferencing
from trilogue.dereferencing import Answer
from trilogue.publication.site import Site


@pytest.fixture(scope="module")
def ask(site: Site) -> dereferencing.Get:
    return dereferencing.asker(site)


def wrong(get: dereferencing.Get) -> set[str]:
    return {test for test, items in dereferencing.foops(get, "Trilogue ontology").items() if items}


def test_our_site_passes_all(site: Site, ask: dereferencing.Get) -> None:
    assert wrong(dereferencing.follower(ask)) == set()
    assert dereferencing.astray(site, ask) == []


def test_a_host_that_has_nothing_fails_all() -> None:
    found = wrong(lambda path, accept: Answer(404, path, "text/html", b""))
    assert found == {"URI1", "CN1", "DOC1", "URI2", "VER2"}


def test_a_host_that_does_not_know_the_version_fails_one(ask: dereferencing.Get) -> None:
    get = dereferencing.follower(ask)
    missing = Answer(404, "", "text/html", b"")
    assert wrong(lambda path, accept: get(path, accept) if path == "/ns" else missing) == {"VER2"}


def test_a_host_that_always_sends_turtle_fails_two(ask: dereferencing.Get) -> None:
    get = dereferencing.follower(ask)
    found = wrong(lambda path, accept: get(path, "text/turtle"))
    assert found == {"CN1", "DOC1", "URI2"}


def test_another_ontology_under_the_name_is_found(ask: dereferencing.Get) -> None:
    get = dereferencing.follower(ask)

    def other(path: str, accept: str) -> Answer:
        answer = get(path, accept)
        name = b"https://w3id.org/trilogue/ns>"
        return replace(answer, content=answer.content.replace(name, b"https://example.org/o>"))

    assert wrong(other) == {"URI2"}


def test_a_name_that_is_led_elsewhere_than_by_w3id_is_found(
    site: Site, ask: dereferencing.Get
) -> None:
    found = dereferencing.astray(site, lambda path, _: ask(path, "text/turtle"))
    assert any(
        "ns, text/html: ontology/index.html, but here ontology/trilogue.ttl" in item
        for item in found
    )
