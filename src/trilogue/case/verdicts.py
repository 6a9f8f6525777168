"""The verdicts that the tests reach, beside those that the author states, each with its reasons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from trilogue.case.likelihood import Judgement, Range, Reading, reading
from trilogue.namespaces import iri_of
from trilogue.results import Bindings

VERDICTS = "verdict-of-each-hypothesis"
COLUMNS = (
    *("hypothesis", "computed", "because", "stated", "prior", "posterior", "lowest", "highest"),
    *("happenings", "difference"),
)


class Asked(Protocol):
    """What answers queries of the catalogue: a graph, or what keeps its answers."""

    def query(self, query: str, /) -> Bindings:
        """Return the bindings of a query, by its name."""


@dataclass(frozen=True)
class Outcome:
    """What came out of one test, with the numbers of observations."""

    implication: str
    kind: str
    necessary: bool
    sufficient: bool
    outcome: str
    counts: tuple[int, int, int]
    evidence: str


@dataclass(frozen=True)
class Statement:
    """A verdict that an author states, with its pages."""

    verdict: str
    says: str
    evidence: str


@dataclass(frozen=True)
class Decisive:
    """Observations of one test that speak one way, and the verdict without them."""

    without: str
    implication: str
    bearing: str
    observations: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Verdict:
    """A hypothesis with its computed verdict and all that stands behind and beside it."""

    hypothesis: str
    idea: str
    computed: str
    because: str
    outcomes: tuple[Outcome, ...]
    statements: tuple[Statement, ...]
    decisive: tuple[Decisive, ...]
    reading: Reading

    def stated(self) -> str:
        """Return the stated verdicts with their pages, in the order of the pages."""
        places: dict[str, list[str]] = defaultdict(list)
        for statement in self.statements:
            if statement.evidence not in places[statement.verdict]:
                places[statement.verdict].append(statement.evidence)
        return "; ".join(f"{verdict} ({', '.join(found)})" for verdict, found in places.items())

    def differences(self) -> Iterator[str]:
        """Yield, for each stated verdict that differs, what makes the difference."""
        others = dict.fromkeys(statement.verdict for statement in self.statements)
        for stated in others:
            if stated != self.computed:
                yield f"{stated}, as stated: {self._cause(stated)}"

    def _cause(self, stated: str) -> str:
        makers = [item for item in self.decisive if item.without == stated]
        if makers:
            return "; or ".join(map(_left_out, makers))
        parts = ["to leave out what one test observed, for or against, does not give it"]
        lacking = [item for item in self.outcomes if item.sufficient and item.outcome == "open"]
        if stated == "confirmed" and lacking:
            parts.append(f"a sufficient test stands open: “{lacking[0].implication}”")
        parts += [
            f"{item.without} without what speaks {item.bearing} “{item.implication}”"
            for item in self.decisive
        ]
        return "; ".join(parts)


def _left_out(item: Decisive) -> str:
    seen = "; ".join(f"{words} ({evidence})" for words, evidence in item.observations)
    return f"it would follow without what speaks {item.bearing} “{item.implication}”: {seen}"


def judgements(graph: Asked) -> dict[str, list[Judgement]]:
    """Return the likelihood judgements on the observations of each hypothesis."""
    found: dict[str, list[Judgement]] = defaultdict(list)
    for cells in graph.query("likelihood-of-each-observation"):
        seen, idea = iri_of(cells["seen"]), iri_of(cells["idea"])
        happening = iri_of(cells["countsWith"]) or seen
        true, false = (
            Range(
                *(float(cells[f"{name}{side}"].value) for name in ("lowestIf", "if", "highestIf"))
            )
            for side in ("True", "False")
        )
        words = cells["observation"].value
        found[idea].append(Judgement(seen, idea, happening, words, true, false))
    return found


def read(graph: Asked, prior: float = 0.5) -> list[Verdict]:
    """Return the verdict on each hypothesis of the graph, with its reasons.

    Raises `QueryError` for a prior that is no probability.
    """
    outcomes = _grouped(graph, "outcome-of-each-test", _outcome)
    statements = _grouped(graph, "verdicts-computed-and-stated", _statement)
    cells = _grouped(graph, "observations-that-decide", tuple)
    judged = judgements(graph)
    return [
        Verdict(
            name,
            idea,
            verdict,
            because,
            tuple(outcomes[name]),
            tuple(statement for statement in statements[name] if statement.verdict),
            tuple(_decisive(cells[name])),
            reading(prior, judged[idea]),
        )
        for name, verdict, because, *_, idea in graph.query(VERDICTS).values()
    ]


def _grouped(graph: Asked, query: str, make: Any) -> dict[str, list[Any]]:
    """Return what is made of the rest of each row, by the hypothesis that begins it."""
    found: dict[str, list[Any]] = defaultdict(list)
    for name, *rest in graph.query(query).values():
        found[name].append(make(rest))
    return found


def _outcome(cells: Sequence[Any]) -> Outcome:
    implication, kind, necessary, sufficient, outcome, *counts, evidence = cells
    flags = (necessary == "true", sufficient == "true")
    return Outcome(implication, kind, *flags, outcome, (counts[0], counts[1], counts[2]), evidence)


def _statement(cells: Sequence[Any]) -> Statement:
    _, _, stated, _, says, evidence = cells
    return Statement(stated or "", says or "", evidence or "")


def _decisive(rows: Iterable[tuple[str, ...]]) -> Iterator[Decisive]:
    groups: dict[tuple[str, str, str], list[tuple[str, str]]] = defaultdict(list)
    for _, without, implication, bearing, words, evidence in rows:
        groups[without, implication, bearing].append((words, evidence))
    for key, observations in groups.items():
        yield Decisive(*key, tuple(observations))


def table(verdicts: Iterable[Verdict]) -> Bindings:
    """Return the verdicts as bindings, one row a hypothesis."""
    return Bindings.of_text(COLUMNS, map(_row, verdicts))


def _row(item: Verdict) -> list[str]:
    belief = item.reading.posterior
    numbers = (item.reading.prior, belief.judged, belief.lowest, belief.highest)
    return [
        *(item.hypothesis, item.computed, item.because, item.stated()),
        *(f"{number:.3f}" for number in numbers),
        *(str(item.reading.happenings), " | ".join(item.differences())),
    ]
