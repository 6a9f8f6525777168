"""Whether names lead to what clients ask for: the tests of FOOPS! that need the Web.

They are put to the server's own routes, from request to answer, with no socket between. The rules
for w3id.org, which stand before the site in the world, must lead where the server leads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from pyoxigraph import NamedNode, Quad, parse

from trilogue.namespaces import PREFIXES, TYPE
from trilogue.publication import addresses, forms, redirects
from trilogue.publication.header import ONTOLOGY
from trilogue.publication.site import Site
from trilogue.server.application import Pages
from trilogue.server.messages import Request
from trilogue.server.pages import routes

HTML = "text/html"

_VERSION = NamedNode(PREFIXES["owl"] + "versionIRI")
_ONTOLOGY_CLASS = NamedNode(PREFIXES["owl"] + "Ontology")
_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 5


@dataclass(frozen=True)
class Answer:
    """What the server answers; the path is that to which it leads on, or that asked for."""

    status: int
    path: str
    media_type: str
    content: bytes


Get = Callable[[str, str], Answer]
"""Asks for a path, with what is accepted."""


def asker(site: Site) -> Get:
    """Return what asks the server for a site, once: the answer may be a redirect."""
    pages = Pages(routes(site))

    def ask(path: str, accept: str) -> Answer:
        headers = {"host": "localhost", "accept": accept}
        answer = pages.respond(Request("GET", path, "", headers, b"", "localhost", False))
        media_type = answer.headers.get("Content-Type", "").partition(";")[0]
        target = urljoin(path, answer.headers.get("Location", ""))
        return Answer(answer.status, target, media_type, answer.body)

    return ask


def follower(ask: Get) -> Get:
    """Return what follows all redirects."""

    def get(path: str, accept: str) -> Answer:
        answer = ask(path, accept)
        for _ in range(_MOST_REDIRECTS):
            if answer.status in _REDIRECTS:
                answer = ask(answer.path, accept)
        return answer

    return get


def foops(get: Get, title: str) -> dict[str, list[str]]:
    """Return what is wrong with how the ontology is served, by the names of FOOPS! tests."""
    path = _path(ONTOLOGY)
    served = {form: _served(get, path, forms.FORMS[form]) for form in forms.OF_ONTOLOGY}
    page = get(path, HTML)
    readable = page.status == 200 and page.media_type == HTML and title.encode() in page.content
    versions = {
        quad.object.value
        for quads in served.values()
        for quad in quads
        if quad.predicate == _VERSION and isinstance(quad.object, NamedNode)
    }
    named = {form: {q.subject for q in quads if _is_ontology(q)} for form, quads in served.items()}
    return {
        "URI1": [] if any(served.values()) else [f"{ONTOLOGY}: gives no RDF"],
        "CN1": [f"{ONTOLOGY}: no {form}" for form, quads in served.items() if not quads],
        "DOC1": [] if readable else [f"{ONTOLOGY}: gives no page for people"],
        "URI2": [
            f"{ONTOLOGY}: {form} describes another ontology"
            for form, nodes in named.items()
            if nodes != {NamedNode(ONTOLOGY)}
        ],
        "VER2": [
            f"{version or 'no version'}: does not resolve"
            for version in sorted(versions) or [""]
            if not version or not _served(get, _path(version), forms.FORMS["ttl"])
        ],
    }


def astray(site: Site, ask: Get) -> list[str]:
    """Return the names that the rules for w3id.org and the server do not lead to one document.

    One thing of each kind is looked at, with the ontology and its version, in each form.
    """
    rules = redirects.htaccess(site.source).decode()
    found = []
    for path in _names(site):
        for accept in (HTML, *(form.media_type for form in forms.FORMS.values())):
            _, target = redirects.follow(rules, path, accept)
            there = target.removeprefix(site.source.address)
            here = ask(f"/{path}", accept).path.removeprefix("/")
            if there != here or not site.has(here):
                found.append(f"{path}, {accept}: {there}, but here {here}")
    return found


def _names(site: Site) -> Iterator[str]:
    for iri in (ONTOLOGY, site.source.header.version_iri):
        yield _path(iri).removeprefix("/")
    for kind, nodes in site.source.kinds.items():
        if kind != "ns":
            yield _path(nodes[0].value).removeprefix("/")


def _path(iri: str) -> str:
    return "/" + iri.removeprefix(addresses.HOME)


def _served(get: Get, path: str, form: forms.Form) -> list[Quad]:
    """Return what is served in a form; nothing where it is another one, or cannot be read."""
    answer = get(path, form.media_type)
    if answer.status != 200 or answer.media_type != form.media_type:
        return []
    try:
        return list(parse(answer.content, format=form.format))
    except SyntaxError:
        return []


def _is_ontology(quad: Quad) -> bool:
    return quad.predicate == TYPE and quad.object == _ONTOLOGY_CLASS
