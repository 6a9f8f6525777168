"""How far verdicts hold: what happens when a row, a source or a page falls.

A source falls with all rows that rest on it alone, an observation with its rows. What a row cites
is its source; a row that cites nothing rests on the word of the study. The study is also where all
rows were read: if it falls as a whole, nothing is left, and that is not counted here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Quad

from trilogue import catalogue
from trilogue.case import support, verdicts
from trilogue.case.cuts import Ground, smallest_change
from trilogue.case.likelihood import Judgement, believed, log_odds
from trilogue.case.support import Observation, Support
from trilogue.case.withdrawal import Dataset
from trilogue.namespaces import iri_of, term
from trilogue.remote.addresses import ASSERTED
from trilogue.results import Bindings

if TYPE_CHECKING:
    from trilogue.case.path_robustness import PathRobustness
    from trilogue.graph import Graph

Rows = frozenset[str]
KINDS = ("rows", "sources", "pages")
SIDES = ("for", "against")
_MOST_NAMED = 6


@dataclass(frozen=True)
class Fall:
    """What becomes of a hypothesis when one thing falls."""

    kind: str
    item: str
    hypothesis: str
    verdict: str
    belief: float
    observations: int


@dataclass(frozen=True)
class Robustness:
    """How far the verdict on a hypothesis holds.

    `falls` has every single row, source and page that takes an observation of the hypothesis with
    it, `cuts` a smallest set of observations, of sources and of pages whose fall changes the
    verdict. `swaps` are the verdicts with each resolution turned round that changes it.
    """

    hypothesis: str
    verdict: str
    belief: float
    falls: tuple[Fall, ...]
    cuts: Mapping[str, Rows | None]
    swaps: Mapping[str, str]

    def breaking(self, kind: str) -> list[Fall]:
        """Return the single things of a kind that change the verdict."""
        return [fall for fall in self.falls if fall.kind == kind and fall.verdict != self.verdict]

    def weightiest(self, kind: str) -> Fall | None:
        """Return the thing of a kind whose fall moves the odds most, if any moves them."""
        falls = [fall for fall in self.falls if fall.kind == kind]
        return max(falls, key=lambda fall: (self.shift(fall), fall.item), default=None)

    def shift(self, fall: Fall) -> float:
        """Return by how much a fall moves the log odds, either way."""
        return abs(log_odds(fall.belief) - log_odds(self.belief))


class Case:
    """The verdicts of a graph, asked again with rows withdrawn from its dataset."""

    def __init__(self, graph: Graph, prior: float = 0.5) -> None:
        self._query = catalogue.find(graph.project, verdicts.VERDICTS)
        quads = graph.layers.quads(ASSERTED)
        pairs = resolutions(quads)
        self._aside = frozenset(aside for aside, _ in pairs.values())
        self._dataset = Dataset(quads, [self._query])
        self._pairs = pairs
        self._prior = prior
        self._judgements = verdicts.judgements(graph)
        self._titles = dict(graph.query(_TITLES).values())
        self.support = support.read(graph)
        self.present = self.verdicts()
        self.names = {idea: name for name, *_, idea in graph.query(self._query).values()}

    def verdicts(self, fallen: Iterable[str] = (), restored: Iterable[str] = ()) -> dict[str, str]:
        """Return the verdict on each hypothesis, by its IRI, when some rows have fallen."""
        without = self._aside.difference(restored).union(fallen)
        rows = self._dataset.ask(self._query, without).values()
        return {idea: verdict for _, verdict, *_, idea in rows}

    def belief(self, hypothesis: str, fallen: Rows = frozenset()) -> float:
        """Return the posterior of a hypothesis when some rows have fallen."""
        standing = self.support.standing(fallen)
        judged: Sequence[Judgement] = self._judgements.get(hypothesis, ())
        return believed(self._prior, [item for item in judged if item.observation in standing])

    def robustness(self) -> list[Robustness]:
        """Return how far the verdict on each hypothesis holds, with everything left out in turn."""
        falls: dict[str, list[Fall]] = defaultdict(list)
        for kind in KINDS:
            for item in items(self.support, kind):
                self._leave_out(kind, item, falls)
        return [
            Robustness(
                idea,
                verdict,
                self.belief(idea),
                tuple(falls[idea]),
                {kind: self._cut(idea, kind) for kind in ("observations", "sources", "pages")},
                self._swapped(idea),
            )
            for idea, verdict in self.present.items()
        ]

    def _leave_out(self, kind: str, item: str, falls: Mapping[str, list[Fall]]) -> None:
        rows = self.fallen(kind, {item})
        lost = [one for one in self.support.observations if one.falls(rows)]
        if not lost:
            return
        found = self.verdicts(rows)
        for idea in self.present:
            number = sum(one.hypothesis == idea for one in lost)
            if number:
                name = self._titles.get(item, item)
                after = (found[idea], self.belief(idea, rows))
                falls[idea].append(Fall(kind, name, idea, *after, number))

    def fallen(self, kind: str, grounds: Iterable[str]) -> Rows:
        """Return the rows that fall with some observations, rows, sources or pages."""
        grounds = frozenset(grounds)
        if kind == "rows":
            return grounds
        if kind == "observations":
            lost = [one.own for one in self.support.observations if one.iri in grounds]
            return frozenset[str]().union(*lost)
        return support.fallen(self.support.rows.values(), grounds, kind)

    def _cut(self, idea: str, kind: str) -> Rows | None:
        """Return a smallest set of things of a kind whose fall changes the verdict."""
        cells: dict[tuple[str, str], list[Ground]] = defaultdict(list)
        for one in self.support.of(idea):
            if one.bearing.rpartition("/")[2] in SIDES:
                cells[one.implication, one.bearing].append(self._ground(one, kind))
        changed = smallest_change(
            list(cells.values()),
            lambda grounds: self.verdicts(self.fallen(kind, grounds))[idea] != self.present[idea],
        )
        return changed and frozenset(self._titles.get(item, item) for item in changed)

    def _ground(self, one: Observation, kind: str) -> Ground:
        if kind == "observations":
            return [frozenset({one.iri})]
        return [
            frozenset[str]().union(*(getattr(self.support.rows[row], kind) for row in rows))
            for rows in one.alternatives
        ]

    def _swapped(self, idea: str) -> dict[str, str]:
        found = {}
        for resolution, (aside, preferred) in self._pairs.items():
            verdict = self.verdicts({preferred}, restored={aside})[idea]
            if verdict != self.present[idea]:
                found[resolution] = verdict
        return found


_TITLES = """PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX tlg: <https://w3id.org/trilogue/ns#>
SELECT ?thing (MIN(STR(?text)) AS ?title) WHERE {
  ?thing dcterms:title|tlg:observationContent ?text .
} GROUP BY ?thing"""


def resolutions(quads: Iterable[Quad]) -> dict[str, tuple[str, str]]:
    """Return of each resolution the row that it sets aside and the row that it prefers."""
    sides = {term("setsAside"): 0, term("prefers"): 1}
    found: dict[str, dict[int, str]] = defaultdict(dict)
    for quad in quads:
        if quad.predicate in sides:
            found[iri_of(quad.subject)][sides[quad.predicate]] = iri_of(quad.object)
    return {name: (rows[0], rows[1]) for name, rows in sorted(found.items()) if len(rows) == 2}


def items(found: Support, kind: str) -> list[str]:
    """Return the rows, sources or pages on which observations rest."""
    if kind == "rows":
        return sorted(found.rows)
    return sorted(frozenset[str]().union(*(getattr(row, kind) for row in found.rows.values())))


COLUMNS = ("conclusion", "stands", "without", "item", "becomes", "belief", "observations")


def table(
    verdicts: Iterable[Robustness], names: Mapping[str, str], paths: Iterable[PathRobustness] = ()
) -> Bindings:
    """Return what becomes of each conclusion without one thing, as bindings.

    Things that carry a verdict stand with or without effect, those on a path only where it falls.
    """
    rows = [
        (
            *(names[one.hypothesis], one.verdict, fall.kind, fall.item, fall.verdict),
            *(f"{fall.belief:.3f}", str(fall.observations)),
        )
        for one in verdicts
        for fall in one.falls
    ]
    rows += [
        (one.path, "found", kind, item, "not found", "", "")
        for one in paths
        for kind in KINDS
        for item in one.breaking[kind]
    ]
    return Bindings.of_text(COLUMNS, rows)


def some(names: Iterable[str]) -> str:
    """Return names in a line, of many only the first.

    >>> some("abc"), some([]), some("abcdefgh")
    ('a; b; c', 'none', 'a; b; c; d; e; f; and 2 more')
    """
    names = list(names)
    rest = len(names) - _MOST_NAMED
    more = [f"and {rest} more"] if rest > 0 else []
    return "; ".join((*names[:_MOST_NAMED], *more)) or "none"
