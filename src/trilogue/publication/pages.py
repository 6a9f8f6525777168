"""The pages for people, one function each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import quote

from pyoxigraph import NamedNode
from rapidfuzz import process

from trilogue import catalogue, contradictions
from trilogue.namespaces import TERMS, THINGS, TYPE, expand
from trilogue.publication import addresses, answers, forms, rendering
from trilogue.publication.header import ONTOLOGY
from trilogue.publication.source import Source
from trilogue.publication.things import Group, Thing, Value, row

_LONGEST_KEY = 100
_COUNTS = "what-the-graph-holds"
_FIELDS = ("Answers", "Problem", "Solution", "Level", "Reads", "Parameters", "Checked", "Covers")
_SECTIONS = {
    "Classes": "owl:Class",
    "Object properties": "owl:ObjectProperty",
    "Datatype properties": "owl:DatatypeProperty",
    "Annotation properties": "owl:AnnotationProperty",
}
_SHOWN_OF_TERMS = {
    name: expand(name)
    for name in (
        "rdfs:subClassOf", "owl:equivalentClass", "owl:disjointWith", "rdfs:subPropertyOf",
        "owl:inverseOf", "owl:propertyChainAxiom", "rdfs:domain", "rdfs:range", "skos:example",
        "skos:scopeNote", "skos:altLabel", "tlg:exceptionReason", "tlg:unusedReason",
    )
}  # fmt: skip


@dataclass(frozen=True)
class Link:
    """A document that a page offers: its path, its media type, and what people call it."""

    path: str
    media_type: str
    name: str


@dataclass(frozen=True)
class Concept:
    """A concept of a scheme with those that are narrower."""

    value: Value
    chinese: str
    definition: str
    narrower: tuple[Concept, ...]


@dataclass(frozen=True)
class Term:
    """A class or property as the page of the ontology shows it."""

    name: str
    thing: Thing
    definitions: tuple[str, ...]
    groups: tuple[Group, ...]


def page(source: Source, iri: str) -> bytes | None:
    """Return the page of a thing, a term or a row; `None` where the graph knows nothing of it."""
    name = addresses.name_of(iri)
    if name is None:
        return None
    thing = source.reader.thing(iri)
    if thing is None:
        return None
    template, more = _special(source, thing, name)
    return _render(
        source,
        template,
        addresses.page_path(name),
        title=thing.label,
        thing=thing,
        forms=tuple(data_links(name)),
        paths=source.paths_of.get(iri, ()),
        contradictions=source.contradictions_of.get(iri, ()),
        citation=_citation(source, thing),
        **more,
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
    counted = [(kind, len(nodes)) for kind, nodes in source.kinds.items()]
    return _render(source, "kinds.html", "page/index.html", title="Things by kind", kinds=counted)


def kind(source: Source, name: str) -> bytes:
    """Return the list of all things of a kind, in order of their names."""
    reader = source.reader
    members = [(reader.value(node), reader.labels(node)[1]) for node in source.kinds[name]]
    members.sort(key=lambda item: (item[0].text.casefold(), item[0].iri))
    title = "Terms of the ontology" if name == "ns" else f"All of kind {name.replace('-', ' ')}"
    return _render(source, "kind.html", f"page/{name}/index.html", title=title, members=members)


def query_index(source: Source) -> bytes:
    """Return the catalogue of queries."""
    grouped = groupby(source.queries, key=lambda query: query.kind)
    groups = [(kind, list(queries)) for kind, queries in grouped]
    return _render(source, "queries.html", "queries/index.html", title="Questions", kinds=groups)


def query(source: Source, item: catalogue.Query) -> bytes:
    """Return the page of a query: its question, its recorded result, its text."""
    fields = [(name, item.field(name)) for name in _FIELDS if item.field(name)]
    run = f"{source.endpoint}?query={quote(item.text)}" if source.endpoint else ""
    return _render(
        source,
        "query.html",
        f"queries/{item.name}.html",
        title=item.question,
        query=item,
        fields=fields,
        answer=_answer(source, item),
        run=run if not item.asserted else "",
    )


def contradictions_page(source: Source) -> bytes:
    """Return the page of all contradictions, the gravest kinds first."""
    grouped = groupby(source.found_contradictions, key=lambda item: (item.kind, item.severity))
    groups = [(kind, severity, list(items)) for (kind, severity), items in grouped]
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
        for heading, class_ in _SECTIONS.items()
        if (terms := _terms(source, NamedNode(expand(class_))))
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
        alignments=list(source.alignments),
    )


def licence(source: Source) -> bytes:
    """Return the licence of the data for people."""
    text = (source.project.root / "LICENSE-DATA").read_text("utf-8")
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n")]
    return _render(source, "licence.html", "licence.html", title="Licence", paragraphs=paragraphs)


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
        place = source.places.get(thing.iri, "")
        store = source.store_of(thing.iri)
        aside = store is not source.store
        reader = source.reader
        assertion = [
            (reader.value(subject), reader.property(prop), reader.value(value))
            for subject, prop, value in row(store, thing.iri)
        ]
        return "row.html", {"assertion": assertion, "place": place, "aside": aside}
    if kind == "scheme":
        return "scheme.html", {"concepts": _concepts(source, thing.iri)}
    return "thing.html", {}


def _render(source: Source, template: str, path: str, **values: Any) -> bytes:
    root = source.root(path)
    href: Callable[[str], str] = lambda iri: source.href(root, iri)  # noqa: E731
    return rendering.render(
        template,
        href,
        root=root,
        own=path,
        header=source.header,
        address=source.address,
        endpoint=source.endpoint,
        words=lambda statement: _words(source, statement),
        **values,
    )


def _words(source: Source, statement: str) -> list[Value]:
    """Return the words of a statement in short form; the names of things and terms as links."""
    values = []
    for word in statement.split(" "):
        iri = expand(word) if "/" in word or word.startswith("tlg:") else ""
        known = iri.startswith((THINGS, TERMS)) and source.has_page(iri)
        values.append(Value(word, iri if known else ""))
    return values


def _answer(source: Source, item: catalogue.Query) -> answers.Answer | None:
    text = answers.recorded(item)
    return answers.answer(text, source.names) if text else None


def _citation(source: Source, thing: Thing) -> str:
    header = source.header
    who, year = ", ".join(header.creators), header.issued[:4]
    return (
        f"{who} ({year}): {thing.label}. In: {header.title}, version {header.version}. {thing.iri}"
    )


def _terms(source: Source, class_: NamedNode) -> list[Term]:
    reader = source.reader
    found = {
        quad.subject
        for quad in source.store.quads_for_pattern(None, TYPE, class_, None)
        if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(TERMS)
    }
    terms = []
    for node in found:
        name, thing = addresses.name_of(node.value), reader.thing(node.value)
        if name is None or thing is None:
            continue
        groups = {group.property.iri: group for group in (*thing.statements, *thing.links)}
        shown = [groups[iri] for iri in _SHOWN_OF_TERMS.values() if iri in groups]
        definitions = tuple(reader.literals(node, "skos:definition"))
        terms.append(Term(name.partition("/")[2], thing, definitions, tuple(shown)))
    return sorted(terms, key=lambda term: (term.thing.label.casefold(), term.name))


def _concepts(source: Source, scheme: str) -> list[Concept]:
    """Return the concepts of a scheme as a tree, the broadest first."""
    reader = source.reader
    members = reader.subjects_of("skos:inScheme", NamedNode(scheme))
    narrower: dict[NamedNode | None, list[NamedNode]] = defaultdict(list)
    for node in members:
        broader = [item for item in reader.objects(node, "skos:broader") if item in members]
        for item in broader:
            narrower[item].append(node)
        if not broader:
            narrower[None].append(node)

    def branch(parent: NamedNode | None, above: frozenset[NamedNode]) -> Iterator[Concept]:
        for node in sorted(narrower[parent], key=lambda item: (reader.name(item), item.value)):
            if node not in above:
                below = tuple(branch(node, above | {node}))
                definition = " ".join(reader.literals(node, "skos:definition"))
                yield Concept(reader.value(node), reader.labels(node)[1], definition, below)

    return list(branch(None, frozenset()))


def _nearest(source: Source, iri: str, root: str) -> Iterable[tuple[str, str]]:
    """Return the names of the same kind that look most like one that is unknown."""
    name = iri.removeprefix(THINGS).removeprefix(TERMS)
    kind, _, key = name.rpartition("/")
    nodes = source.kinds.get(kind if iri.startswith(THINGS) else "ns", [])
    keys = {node.value.rpartition("/")[2].rpartition("#")[2]: node for node in nodes}
    for match, _, _ in process.extract(key[:_LONGEST_KEY], sorted(keys), limit=3, score_cutoff=70):
        node = keys[match]
        yield source.reader.name(node), source.href(root, node.value)
