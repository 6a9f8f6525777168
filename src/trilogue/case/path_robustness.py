"""How far influence paths hold: what happens when a row, a source or a page falls.

A path query is put again to an excerpt of the dataset, with rows withdrawn and with what the rest
entails derived anew. The excerpt has every row about the things on the paths, about what those rows
speak of and what speaks of those things; it is held against the whole before it is used. Names
stay when a row falls: that nobody can name a thing is no finding about it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, NamedNode, Quad, Triple

from trilogue import catalogue, inference
from trilogue.case.robustness import KINDS, resolutions
from trilogue.case.support import OWN_WORD, Row, fallen, page_of
from trilogue.case.withdrawal import spoken_of
from trilogue.errors import TrilogueError
from trilogue.graph import EmbeddedBackend
from trilogue.namespaces import (
    DERIVED_FROM,
    ONTOLOGY_GRAPH,
    PREFIXES,
    PROVENANCE_GRAPH,
    RDFS,
    SKOS,
    THINGS,
    TYPE,
    iri_of,
    term,
)
from trilogue.remote.addresses import ASSERTED
from trilogue.results import Bindings

if TYPE_CHECKING:
    from trilogue.graph import Graph

NAMES = frozenset({RDFS + "label", SKOS + "prefLabel"})
MOST = 2
"""Up to how many things that fall together a path is held against."""


@dataclass(frozen=True)
class PathRobustness:
    """How far a path holds.

    `breaking` has, by kind, every single row, source and page without which the path is not found;
    `cuts` by kind a smallest set of at most two, or nothing; `less_certain` those without which an
    order that is certain becomes only possible; `swaps` the resolutions that break it turned round.
    """

    path: str
    breaking: Mapping[str, tuple[str, ...]]
    less_certain: Mapping[str, tuple[str, ...]]
    cuts: Mapping[str, frozenset[str] | None]
    swaps: tuple[str, ...]


_WORKS = """PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX prov: <http://www.w3.org/ns/prov#>
SELECT DISTINCT ?row ?title WHERE { ?row prov:hadPrimarySource/dcterms:title ?title }"""

Found = Mapping[str, tuple[tuple[str, ...], ...]]
"""Paths by their titles, each with the hops and whether their order is certain."""


class PathCase:
    """A path query, asked again with rows withdrawn."""

    def __init__(self, graph: Graph, query: catalogue.Query) -> None:
        self.query = query
        self._names = spoken_of(query.text)
        self._rules = catalogue.read(graph.project, "inference")
        quads = graph.layers.quads(ASSERTED)
        self._pairs = resolutions(quads)
        self._aside = frozenset(aside for aside, _ in self._pairs.values())
        answer = graph.query(query)
        self.things = on_paths(answer, quads)
        self._schema = [quad for quad in quads if quad.graph_name == ONTOLOGY_GRAPH]
        self._rows = _by_row(quads)
        self.rows = self._supporting(graph)
        self._stated = Counter(
            quad.triple for row in self._rows if row not in self._aside for quad in self._rows[row]
        )
        self._excerpt = about(near(self.things, self._rows), self._rows)
        self._telling = classes_behind(self._names, self._schema)
        self._answers: dict[frozenset[str], Found] = {}
        self._fatal: set[str] = set()  # rows without which no path is found, however many fall
        self.present = self.found()
        if self.present != paths_of(answer):
            raise TrilogueError(f"{query.name}: an excerpt of the dataset gives other paths")

    def _supporting(self, graph: Graph) -> dict[str, Row]:
        """Return the rows about the things on the paths, with what they rest on."""
        works: dict[str, set[str]] = defaultdict(set)
        for row, title in graph.query(_WORKS).values():
            works[row].add(title)
        pages = {
            row: {
                page_of(iri_of(quad.object))
                for quad in self._rows[row]
                if quad.predicate == DERIVED_FROM
            }
            for row in about(self.things, self._rows)
        }
        return {
            row: Row(row, frozenset(works[row]) or frozenset({OWN_WORD}), frozenset(found))
            for row, found in sorted(pages.items())
        }

    def found(self, without: Iterable[str] = (), restored: Iterable[str] = ()) -> Found:
        """Return the paths that are found when some rows fall, and others come back."""
        aside = self._aside.difference(restored)
        lost = frozenset(without)
        rows = frozenset(lost | aside) & self._excerpt
        if rows not in self._answers:
            self._answers[rows] = self._asked(rows)
        return self._answers[rows]

    def _asked(self, without: frozenset[str]) -> Found:
        kept = [*self._schema]
        for row in self._excerpt:
            kept += (
                quad
                for quad in self._rows[row]
                if (row not in without and self._speaks(quad)) or _is_name(quad)
            )
        inferred = inference.materialise(kept, self._rules)
        answer = EmbeddedBackend.of([*kept, *inferred]).answer(self.query.text, "json")
        assert isinstance(answer, Bindings)
        return paths_of(answer)

    def _speaks(self, quad: Quad) -> bool:
        """Tell whether a statement can play a part: of the evidence only what the query names."""
        return quad.graph_name != PROVENANCE_GRAPH or quad.predicate.value in self._names

    def matters(self, rows: Collection[str]) -> bool:
        """Tell whether some rows together are alone in stating what the paths speak of.

        Where another row states the same, or it is about no thing on the paths, nothing changes.
        """
        made: Counter[Triple] = Counter()
        for row in rows:
            made.update(quad.triple for quad in self._rows.get(row, ()) if not _is_name(quad))
        return any(
            self._stated[triple] == number
            and iri_of(triple.subject) in self.things
            and triple.predicate.value in self._names
            and (triple.predicate != TYPE or iri_of(triple.object) in self._telling)
            for triple, number in made.items()
        )

    def robustness(self) -> list[PathRobustness]:
        """Return how far each path holds."""
        after = {kind: dict(self._leave_out(kind)) for kind in KINDS}
        swapped = {name: self._swap(*pair) for name, pair in self._pairs.items()}
        return [
            PathRobustness(
                path,
                {kind: tuple(k for k, f in after[kind].items() if path not in f) for kind in KINDS},
                {kind: tuple(self._loosened(path, after[kind])) for kind in KINDS},
                {kind: self._cut(path, kind, after[kind]) for kind in KINDS[1:]},
                tuple(name for name, found in swapped.items() if path not in found),
            )
            for path in self.present
        ]

    def _leave_out(self, kind: str) -> Iterator[tuple[str, Found]]:
        for item in self.items(kind):
            rows = self.fallen(kind, {item})
            if not rows.isdisjoint(self._fatal):
                yield item, {}
            elif self.matters(rows):
                yield item, self.found(rows)
                if not self.found(rows):
                    self._fatal |= rows if len(rows) == 1 else set()

    def _swap(self, aside: str, preferred: str) -> Found:
        if not self.matters({preferred}) and aside not in self.rows:
            return self.present
        return self.found({preferred}, restored={aside})

    def _loosened(self, path: str, after: Mapping[str, Found]) -> Iterator[str]:
        before = set(self.present[path])
        for item, found in after.items():
            loosened = {
                (*hop[:-1], "certain") for hop in found.get(path, ()) if hop[-1] == "possible"
            }
            if loosened & before:
                yield item

    def _cut(self, path: str, kind: str, after: Mapping[str, Found]) -> frozenset[str] | None:
        for item, found in after.items():
            if path not in found:
                return frozenset({item})
        for pair in combinations(after, MOST):
            if path not in self.found(self.fallen(kind, pair)):
                return frozenset(pair)
        return None

    def items(self, kind: str) -> list[str]:
        """Return the rows, sources or pages on which the things on the paths rest."""
        if kind == "rows":
            return sorted(set(self.rows) - self._aside)
        return sorted({item for row in self.rows.values() for item in getattr(row, kind)})

    def fallen(self, kind: str, grounds: Collection[str]) -> frozenset[str]:
        """Return the rows that fall with some rows, sources or pages."""
        if kind == "rows":
            return frozenset(grounds)
        return fallen(self.rows.values(), grounds, kind)


def _is_name(quad: Quad) -> bool:
    return quad.predicate.value in NAMES


def _by_row(quads: Iterable[Quad]) -> dict[str, list[Quad]]:
    """Return the quads of each row, with those that tell its evidence."""
    found: dict[str, list[Quad]] = defaultdict(list)
    for quad in quads:
        provenance = quad.graph_name == PROVENANCE_GRAPH
        home = iri_of(quad.subject if provenance else quad.graph_name)
        if home.startswith(THINGS + "row/"):
            found[home].append(quad)
    return found


def classes_behind(names: Collection[str], schema: Iterable[Quad]) -> frozenset[str]:
    """Return the classes of which members count as members of a class that a query names.

    They are its subclasses, and all that its definition speaks of, step by step.
    """
    below: dict[object, set[object]] = defaultdict(set)
    for subject, predicate, value, _ in schema:
        if predicate.value == RDFS + "subClassOf":
            below[value].add(subject)
        elif predicate.value == PREFIXES["owl"] + "equivalentClass":
            below[value].add(subject)
            below[subject].add(value)
        elif isinstance(subject, BlankNode):
            below[subject].add(value)
    found: set[object] = set()
    waiting: list[object] = [NamedNode(name) for name in names]
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting.extend(below[node])
    return frozenset(map(iri_of, found))


def about(things: Collection[str], rows: Mapping[str, list[Quad]]) -> frozenset[str]:
    """Return the rows that state something about some things."""
    return frozenset(
        row for row, quads in rows.items() if any(iri_of(quad.subject) in things for quad in quads)
    )


def near(things: Collection[str], rows: Mapping[str, list[Quad]]) -> frozenset[str]:
    """Return some things, what they speak of, and what speaks of them or of an earlier text."""
    statements = [
        (iri_of(quad.subject), quad.predicate, iri_of(quad.object))
        for quads in rows.values()
        for quad in quads
        if quad.graph_name != PROVENANCE_GRAPH
    ]
    texts = {value for _, predicate, value in statements if predicate == term("succeedsText")}
    outward = {value for subject, _, value in statements if subject in things}
    pivots = outward & texts | set(things)
    inward = {subject for subject, _, value in statements if value in pivots}
    return frozenset(outward | inward | set(things)) - {""}


def on_paths(answer: Bindings, quads: Iterable[Quad]) -> frozenset[str]:
    """Return the things that hops of an answer lead from or to, and those on which hops rest.

    A hop rests on the act that the answer names, or on what connects its two ends without a name
    of its own: a position its holder with an option, a tenure a person with a body.
    """
    hops = {tuple(row[name].value for name in ("from", "to", "act")) for row in answer}
    bearers: dict[str, set[str]] = defaultdict(set)
    links: dict[str, set[str]] = defaultdict(set)
    declared: set[str] = set()
    for subject, predicate, value, graph in quads:
        if predicate.value in NAMES:
            bearers[value.value].add(iri_of(subject))
        if graph == ONTOLOGY_GRAPH:
            declared.add(iri_of(subject))
        elif graph != PROVENANCE_GRAPH:
            links[iri_of(subject)].add(iri_of(value))
    ends = [(bearers[begin], bearers[end]) for begin, end, _ in hops]
    connecting = {
        thing
        for thing, ties in links.items()
        if any(ties & begins and ties & finishes for begins, finishes in ends)
    }
    named = {thing for names in hops for name in names for thing in bearers[name]}
    return frozenset(connecting | named - declared)


def paths_of(answer: Bindings) -> Found:
    """Return the paths of an answer, each with its hops."""
    found: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for row in answer:
        hop = [row[name] for name in ("hop", "kind", "from", "to", "act", "evidence", "order")]
        found[row["path"].value].append(tuple("" if term is None else term.value for term in hop))
    return {path: tuple(hops) for path, hops in found.items()}
