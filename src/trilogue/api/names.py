"""Search in the names of things, in English and Chinese, that forgives slips of the pen."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from trilogue.graph import Graph
from trilogue.publication import addresses
from trilogue.resemblance import normalised

LEAST_OF_WORD = 75
"""How much a word must be like one that is looked for, of 100: a letter or two may be wrong."""

LEAST_FOUND = 60
"""How much of the words that are looked for must be found, of 100, counted in letters."""

_WORD = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+")
"""A run of letters and digits, or a single Chinese character: nothing parts Chinese words."""

_NAMES = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT DISTINCT ?thing ?name ?other WHERE {
  { ?thing rdfs:label|skos:prefLabel ?name BIND(false AS ?other) }
  UNION { ?thing skos:altLabel ?name BIND(true AS ?other) }
  FILTER(isIRI(?thing))
  FILTER(LANGMATCHES(LANG(?name), "en") || LANGMATCHES(LANG(?name), "zh") || LANG(?name) = "")
}
ORDER BY ?thing ?other LANG(?name) ?name"""


@dataclass(frozen=True)
class Name:
    """A name of a thing, and the language in which it is one, if that is known."""

    iri: str
    text: str
    language: str


class Names:
    """All names, read once; the first that a thing has is the one by which it is shown.

    >>> names = Names([Name("https://w3id.org/trilogue/id/actor/mistral-ai", "Mistral AI", "en")])
    >>> [thing["label"] for thing in names.search("mistrall", 1)["things"]]
    ['Mistral AI']
    """

    def __init__(self, names: Iterable[Name]) -> None:
        self._names = [name for name in names if addresses.name_of(name.iri) is not None]
        self._normalised = [normalised(name.text) for name in self._names]
        self._shown: dict[str, str] = {}
        self._having: dict[str, set[int]] = defaultdict(set)
        for number, name in enumerate(self._names):
            self._shown.setdefault(name.iri, name.text)
            for word in _WORD.findall(self._normalised[number]):
                self._having[word].add(number)
        self._words = list(self._having)

    @classmethod
    def of(cls, graph: Graph) -> Names:
        """Read the names in a graph."""
        rows = graph.query(_NAMES).rows
        return cls(Name(thing.value, name.value, name.language or "") for thing, name, _ in rows)

    def search(self, words: str, limit: int) -> dict[str, Any]:
        """Return the things whose names are most like the words.

        A name that is just the words comes first, then those that begin with them, that have them
        at the beginning of a word, that have them anywhere, and that have words like them; of
        equals, the shorter. Words without letters and digits find nothing.
        """
        wanted = normalised(words)
        best: dict[str, tuple[tuple[int, float, int, str], Name, float]] = {}
        for number, score in self._found(wanted):
            name, found = self._names[number], self._normalised[number]
            rank = (_place(wanted, found), -score, len(found), name.text)
            if name.iri not in best or rank < best[name.iri][0]:
                best[name.iri] = (rank, name, score)
        ranked = sorted(best.values(), key=lambda item: (item[0], item[1].iri))
        return {
            "things": [self._thing(name, score) for _, name, score in ranked[:limit]],
            "more": len(ranked) > limit,
        }

    def _found(self, wanted: str) -> Iterator[tuple[int, float]]:
        """Yield the numbers of names, each with how much of what is wanted it has, of 100."""
        if not wanted:
            return
        alike = self._alike(wanted)
        for number, found in enumerate(self._normalised):
            if _place(wanted, found) < _NOWHERE:
                yield number, 100.0
            elif alike[number] >= LEAST_FOUND:
                yield number, alike[number]

    def _alike(self, wanted: str) -> dict[int, float]:
        from rapidfuzz import fuzz, process

        words = _WORD.findall(wanted)
        letters = sum(map(len, words))
        found: dict[int, float] = defaultdict(float)
        for word in words:
            scores: dict[int, float] = {}
            for like, score, _ in process.extract(
                word, self._words, scorer=fuzz.ratio, score_cutoff=LEAST_OF_WORD, limit=None
            ):
                for number in self._having[like]:
                    scores[number] = max(scores.get(number, 0), score)
            for number, score in scores.items():
                found[number] += score * len(word) / letters
        return found

    def _thing(self, name: Name, score: float) -> dict[str, Any]:
        return {
            "iri": name.iri,
            "kind": (addresses.name_of(name.iri) or "").partition("/")[0],
            "label": self._shown[name.iri],
            "matched": name.text,
            "language": name.language or None,
            "score": round(min(score, 100.0), 1),
        }


_NOWHERE = 4


def _place(wanted: str, found: str) -> int:
    """Return how the words stand in a name: 0 where they are all of it, 4 where nowhere.

    >>> [_place("open ai", name) for name in ("openai", "open ai act", "an open ai", "act")]
    [0, 1, 2, 4]
    """
    if wanted.replace(" ", "") == found.replace(" ", ""):
        return 0
    if wanted not in found:
        return _NOWHERE
    return 1 if found.startswith(wanted) else 2 if f" {wanted}" in found else 3
