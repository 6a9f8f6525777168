"""Names that differ by a few letters only: things that may be one and the same."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations

from pyoxigraph import Literal, NamedNode, Quad

from trilogue.namespaces import PREFIXES, RDFS, SKOS, THINGS, iri_of, term, thing

RESEMBLANCE_GRAPH = thing("graph/resemblance")
LEAST_SIMILARITY = 90
_LEAST_OF_WORDS = 70
_NAMES = {RDFS + "label", SKOS + "altLabel", SKOS + "prefLabel", PREFIXES["dcterms"] + "title"}
_MOST_IN_BLOCK = 50


def quads(data: Iterable[Quad]) -> list[Quad]:
    """Return `tlg:hasNameLike` between things of one kind whose names resemble each other.

    Two names resemble each other where their similarity (normalised indel distance, from 0 to
    100) is at least `LEAST_SIMILARITY`, after case, accents and punctuation are left out, and no
    digit or word tells them apart. Only names that share a word or their first letters are
    compared, so that time grows with the number of names and not with its square.
    """
    names: dict[str, set[str]] = defaultdict(set)
    for quad in data:
        iri = iri_of(quad.subject)
        if quad.predicate.value in _NAMES and iri.startswith(THINGS):
            assert isinstance(quad.object, Literal)
            names[iri].add(normalised(quad.object.value))
    predicate = term("hasNameLike")
    return [
        Quad(NamedNode(first), predicate, NamedNode(second), RESEMBLANCE_GRAPH)
        for first, second in sorted(set(_pairs(names)))
    ]


def normalised(name: str) -> str:
    """Return a name without case, accents and punctuation.

    >>> normalised("Dragoş  TUDORACHE, MEP")
    'dragos tudorache mep'
    """
    plain = unicodedata.normalize("NFKD", name).casefold()
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(re.findall(r"\w+", letters))


def resemble(first: str, second: str) -> bool:
    """Tell whether two normalised names may be one name in two spellings.

    The words of both must resemble each other one by one: another word is another name.

    >>> resemble("dragos tudorache", "dragos tudorach")
    True
    >>> resemble("compromise of june 2022", "compromise of july 2022")
    False
    >>> resemble("version 3", "version 4"), resemble("audit required", "audit not required")
    (False, False)
    """
    from rapidfuzz import fuzz

    if re.findall(r"\d+", first) != re.findall(r"\d+", second):
        return False
    words, others = first.split(), second.split()
    if "".join(words) == "".join(others):
        return True
    if len(words) != len(others) or fuzz.ratio(first, second) < LEAST_SIMILARITY:
        return False
    return all(fuzz.ratio(*pair) >= _LEAST_OF_WORDS for pair in zip(words, others, strict=True))


def _pairs(names: dict[str, set[str]]) -> Iterator[tuple[str, str]]:
    blocks: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for iri, labels in names.items():
        kind = iri.removeprefix(THINGS).partition("/")[0]
        for label in labels:
            for key in {*label.split(), label[:4]}:
                blocks[kind, key].add((iri, label))
    for block in blocks.values():
        if len(block) > _MOST_IN_BLOCK:
            continue
        for (first, one), (second, other) in combinations(sorted(block), 2):
            if first != second and resemble(one, other):
                yield first, second
