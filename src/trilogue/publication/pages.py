"""The pages for people, one function each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import quote

from pyoxigraph import NamedNode
from rapidfuzz import process

from trilogue import catalogue, contradictions
from trilogue.namespaces import TERMS, THINGS, expand
from trilogue.publication import addresses, answers, forms, rendering, rows, terminology
from trilogue.publication.header import ONTOLOGY
from trilogue.publication.source import Source
from trilogue.publication.statements import Thing, Value
from trilogue.resemblance import normalised

_LONGEST_KEY, _LONGEST_NAME = 100, 100
_COUNTS = "what-the-graph-holds"
_THINGS = ("Things", "page/index.html")
SEARCH = "search.html"
"""The page that finds things by their names: a server answers its form, another host does not."""

_CHINESE_NAMES, _FIRST_OF_CHINESE = "中文", "\u2e80"
_NAMING = ("rdfs:label", "skos:prefLabel", "dcterms:title")
_UNNAMED = ("row", "graph", "passage", "ns")
_BEARING = ("passage", "source")
_FIELDS = ("Answers", "Problem", "Solution", "Level", "Reads", "Parameters", "Checked", "Covers")
_PARTS = (
    ("Questions", "queries/index.html"),
    _THINGS,
    ("Contradictions", "contradictions.html"),
    ("Ontology", "ontology/index.html"),
    ("Vocabularies", "vocabularies/index.html"),
    ("Downloads", "downloads.html"),
)
_KINDS_OF_QUERIES = {
    "paths": "Influence paths",
    "competency": "Who did what, when, and who says so",
    "tables": "Tables of the source",
    "hops": "Hops of which paths are made",
    "checks": "Checks of the rows and the ontology",
}

Crumb = tuple[str, str]
"""A name and a path: one step from the home page down to a page."""


@dataclass(frozen=True)
class Link:
    """A document that a page offers: its path, its media type, and what people call it."""

    path: str
    media_type: str
    name: str


def page(source: Source, iri: str) -> bytes | None:
    """Return the page of a thing, a term or a row; `None` where the graph knows nothing of it."""
    name = addresses.name_of(iri)
    if name is None:
        return None
    thing = source.reader.thing(iri)
    if thing is None:
        return None
    template, more = _special(source, thing, name)
    shown = {"thing": thing, "title": thing.label, **more}
    return _render(
        source,
        template,
        addresses.page_path(name),
        crumbs=_crumbs_of(name),
        forms=tuple(data_links(name)),
        paths=source.paths_of.get(iri, ()),
        contradictions=source.contradictions_of.get(iri, ()),
        citation=_citation(source, iri, shown["title"]),
        **shown,
    )


def data_links(name: str) -> Iterator[Link]:
    """Yield the data documents of a thing by the name that the site has for it."""
    for form in forms_of(name):
        path = addresses.data_path(name, form)
        yield Link(path, forms.FORMS[form].media_type, forms.FORMS[form].name)


def forms_of(name: str) -> tuple[str, ...]:
    """Return the forms in which the data of a thing or named graph is published."""
    return forms.OF_GRAPHS if name.startswith(("row/", "graph/")) else forms.OF_THINGS


def home(source: Source) -> bytes:
    """Return the home page: what this is, the main answer, what the graph holds."""
    queries = {query.name: query for query in source.queries}
    main, counts = queries[catalogue.CANONICAL], queries[_COUNTS]
    return _render(
        source,
        "home.html",
        "index.html",
        title="Trilogue",
        abstract=source.header.description,
        main=main,
        paths=source.paths.get(catalogue.CANONICAL, []),
        counts=counts,
        counts_answer=_answer(source, counts),
        queries=len(source.queries),
        contradictions=contradictions.summary(source.found_contradictions),
    )


def kinds(source: Source) -> bytes:
    """Return the list of kinds."""
    counted = [(kind, _called(kind), len(nodes)) for kind, nodes in source.kinds.items()]
    return _render(source, "kinds.html", _THINGS[1], title="Things by kind", kinds=counted)


def kind(source: Source, name: str) -> bytes:
    """Return the list of all things of a kind, in order of their names."""
    reader = source.reader
    members = [(reader.value(node), reader.labels(node)[1]) for node in source.kinds[name]]
    members.sort(key=lambda item: (item[0].text.casefold(), item[0].iri))
    title = f"Things of the kind “{_called(name)}”"
    path = f"page/{name}/index.html"
    return _render(source, "kind.html", path, [_THINGS], title=title, members=members)


def query_index(source: Source) -> bytes:
    """Return the catalogue of queries."""
    known = list(_KINDS_OF_QUERIES)
    found = groupby(source.queries, key=lambda query: query.kind)
    groups = [(kind, _KINDS_OF_QUERIES.get(kind, kind), list(queries)) for kind, queries in found]
    groups.sort(key=lambda item: known.index(item[0]) if item[0] in known else len(known))
    return _render(source, "queries.html", "queries/index.html", title="Questions", kinds=groups)


def query(source: Source, item: catalogue.Query) -> bytes:
    """Return the page of a query: its question, its result over this graph, its text."""
    fields = [(name, item.field(name)) for name in _FIELDS if item.field(name)]
    run = f"{source.endpoint}?query={quote(item.text)}" if source.endpoint else ""
    return _render(
        source,
        "query.html",
        f"queries/{item.name}.html",
        [_PARTS[0]],
        title=item.question,
        query=item,
        paths=source.paths.get(item.name, []),
        fields=fields,
        answer=_answer(source, item),
        run=run if not item.asserted else "",
    )


def contradictions_page(source: Source) -> bytes:
    """Return the page of all contradictions, the gravest kinds first."""
    groups: dict[tuple[str, str], list[contradictions.Contradiction]] = {}
    for item in source.found_contradictions:
        groups.setdefault((item.kind, item.severity), []).append(item)
    return _render(
        source,
        "contradictions.html",
        "contradictions.html",
        title="Contradictions of the source",
        summary=contradictions.summary(source.found_contradictions),
        groups=groups,
    )


def ontology(source: Source) -> bytes:
    """Return the documentation of the ontology: all terms with what is said of them.

    Made by templates of the site, which mark each label's language and need no scripts.
    """
    sections = [
        (heading, terms)
        for heading, class_ in terminology.SECTIONS.items()
        if (terms := terminology.terms(source, NamedNode(expand(class_))))
    ]
    return _render(
        source,
        "ontology.html",
        "ontology/index.html",
        title=source.header.title,
        chinese=source.reader.labels(NamedNode(ONTOLOGY))[1],
        iri=ONTOLOGY,
        sections=sections,
        alignments=list(source.alignments),
        forms=[
            Link(f"ontology/trilogue.{form}", forms.FORMS[form].media_type, forms.FORMS[form].name)
            for form in forms.OF_ONTOLOGY
        ],
    )


def vocabularies(source: Source) -> bytes:
    """Return the list of concept schemes."""
    reader = source.reader
    schemes = [
        (
            reader.value(node),
            reader.labels(node)[1],
            len(reader.subjects_of("skos:inScheme", node)),
            addresses.data_path(addresses.name_of(node.value) or "", "ttl"),
        )
        for node in source.kinds.get("scheme", [])
    ]
    return _render(
        source,
        "vocabularies.html",
        "vocabularies/index.html",
        title="Vocabularies",
        schemes=schemes,
    )


def downloads(source: Source, sections: Any) -> bytes:
    """Return the page of downloads; `sections` are captions with their files."""
    return _render(
        source,
        "downloads.html",
        "downloads.html",
        title="Downloads",
        sections=sections,
        shapes=list(source.shapes),
        alignments=list(source.alignments),
    )


def licence(source: Source) -> bytes:
    """Return the licence of the data for people."""
    text = (source.project.root / "LICENSE-DATA").read_text("utf-8")
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n")]
    return _render(
        source,
        "licence.html",
        "licence.html",
        title="Licence and citation",
        paragraphs=paragraphs,
        citation=_citation(source, addresses.HOME),
    )


def search(source: Source, words: str, found: Iterable[Mapping[str, Any]]) -> bytes:
    """Return the things that were found for some words, as the API tells them, the best first."""
    reader = source.reader
    named = [(NamedNode(thing["iri"]), thing["matched"]) for thing in found]
    things = [(reader.value(node), name, list(reader.kinds(node))) for node, name in named]
    return _render(source, "search.html", SEARCH, title="Search", words_sought=words, found=things)


def names(source: Source) -> bytes:
    """Return all names in alphabetical order, for hosts that run no search."""
    return _render(source, "names.html", SEARCH, title="All names", initials=_index(source))


def missing(source: Source, iri: str, path: str = addresses.MISSING) -> bytes:
    """Return the page for an IRI that the graph knows nothing of, with names that look like it."""
    return _render(
        source,
        "missing.html",
        path,
        title="Not found",
        iri=iri[:400],
        nearest=_nearest(source, iri, source.root(path)) if iri else [],
    )


def _special(source: Source, thing: Thing, name: str) -> tuple[str, dict[str, Any]]:
    """Return the template of a thing, and what that template shows besides."""
    kind = name.partition("/")[0]
    if kind == "row":
        stated = rows.assertions(source, thing.iri)
        subject = stated[0].subject.text if stated else thing.label
        return "row.html", {
            "title": subject,
            "assertions": stated,
            "evidence": source.reader.evidence(NamedNode(thing.iri)),
            "place": source.places.get(thing.iri, ""),
            "aside": source.store_of(thing.iri) is not source.store,
        }
    if kind == "scheme":
        return "scheme.html", {"concepts": terminology.concepts(source, thing.iri)}
    if kind in _BEARING:
        borne = rows.borne_out(source, thing)
        return "bearing.html", {"thing": rows.without_rows(thing), "borne": borne}
    return "thing.html", {}


def _crumbs_of(name: str) -> list[Crumb]:
    """Return what leads from the home page down to that of a thing."""
    kind = name.partition("/")[0]
    if kind == "ns":
        return [("Ontology", "ontology/index.html")]
    if kind == "scheme":
        return [("Vocabularies", "vocabularies/index.html")]
    return [_THINGS, (_called(kind), f"page/{kind}/index.html")]


def _called(kind: str) -> str:
    return "term of the ontology" if kind == "ns" else kind.replace("-", " ")


def _render(
    source: Source, template: str, path: str, crumbs: Sequence[Crumb] = (), **values: Any
) -> bytes:
    root = source.root(path)
    href: Callable[[str], str] = lambda iri: source.href(root, iri)  # noqa: E731
    return rendering.render(
        template,
        href,
        root=root,
        own=path,
        crumbs=crumbs,
        parts=_PARTS,
        header=source.header,
        address=source.address,
        endpoint=source.endpoint,
        words=lambda statement: _words(source, statement),
        locators=lambda text: answers.locators(text) or (Value(text),),
        row_at=lambda place: source.rows_at.get(place, ""),
        **values,
    )


def _words(source: Source, statement: str) -> list[Value]:
    """Return the words of a statement; the names of things and terms as people read them.

    Only things are links: a sentence that is all links has no ends.
    """
    values = []
    for word in statement.split(" "):
        iri = expand(word) if "/" in word or word.startswith("tlg:") else ""
        if iri.startswith((THINGS, TERMS)) and source.has_page(iri):
            node, reader = NamedNode(iri), source.reader
            is_term = iri.startswith(TERMS)
            values.append(Value(reader.name(node)) if is_term else reader.value(node))
        else:
            values.append(Value(word))
    return values


def _answer(source: Source, item: catalogue.Query) -> answers.Answer:
    return answers.answer(source.result(item), source.names)


def _citation(source: Source, iri: str, title: str = "") -> str:
    """Return how to cite the site, or a page of it."""
    header = source.header
    who, year = ", ".join(header.creators), header.issued[:4]
    part = f"{title}. In: " if title else ""
    return f"{who} ({year}): {part}{header.title}, version {header.version}. {iri}"


def _index(source: Source) -> list[tuple[str, list[tuple[Value, str]]]]:
    """Return the names of all things by their initials; a claim that is all words has none."""
    reader = source.reader
    named = []
    for kind, nodes in source.kinds.items():
        for node in () if kind in _UNNAMED else nodes:
            english, chinese = reader.labels(node)
            name = english or chinese
            named_so = any(reader.literals(node, prop) for prop in _NAMING)
            if named_so and len(name) <= _LONGEST_NAME:
                named.append((normalised(name), reader.value(node), chinese if english else ""))
    named.sort(key=lambda item: (item[0], item[1].iri))
    grouped = groupby(named, key=lambda item: _initial(item[0]))
    return [(initial, [item[1:] for item in items]) for initial, items in grouped]


def _initial(name: str) -> str:
    first = name[:1].upper()
    if not first.isalpha():
        return "#"
    return _CHINESE_NAMES if first >= _FIRST_OF_CHINESE else first


def _nearest(source: Source, iri: str, root: str) -> Iterable[tuple[str, str]]:
    """Return the names of the same kind that look most like one that is unknown."""
    name = iri.removeprefix(THINGS).removeprefix(TERMS)
    kind, _, key = name.rpartition("/")
    nodes = source.kinds.get(kind if iri.startswith(THINGS) else "ns", [])
    keys = {node.value.rpartition("/")[2].rpartition("#")[2]: node for node in nodes}
    for match, _, _ in process.extract(key[:_LONGEST_KEY], sorted(keys), limit=3, score_cutoff=70):
        node = keys[match]
        yield source.reader.name(node), source.href(root, node.value)
