"""Names that differ by a slip resemble each other; names that differ by meaning do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad

from trilogue import resemblance
from trilogue.namespaces import RDFS, compact, iri_of, thing

LABEL = NamedNode(RDFS + "label")
NAMES = st.text("abcdefghij", min_size=12, max_size=30)


def pairs(names: dict[str, str]) -> set[tuple[str, str]]:
    quads = [
        Quad(thing(key), LABEL, Literal(name, language="en"), thing("row/actors-a"))
        for key, name in names.items()
    ]
    return {
        (compact(iri_of(quad.subject)), compact(iri_of(quad.object)))
        for quad in resemblance.quads(quads)
    }


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Dragoş Tudorache", "Dragos Tudorache"),
        ("Corporate Europe Observatory", "Corporate Europe Observatry"),
        ("Bundesverband IT-Mittelstand", "Bundesverband IT Mittelstand"),
        ("GERMAN AI ASSOCIATION", "German AI Association"),
    ],
)
def test_a_slip_is_found(first: str, second: str) -> None:
    assert pairs({"actor/a": first, "actor/b": second}) == {("actor/a", "actor/b")}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Compromise of June 2022", "Compromise of July 2022"),
        ("Version 3 of the text", "Version 4 of the text"),
        ("France", "Germany"),
    ],
)
def test_another_name_is_not(first: str, second: str) -> None:
    assert pairs({"actor/a": first, "actor/b": second}) == set()


def test_things_of_two_kinds_are_not_compared() -> None:
    assert pairs({"actor/a": "Mistral AI", "text/b": "Mistral AI"}) == set()


@given(NAMES, st.integers(0, 29))
def test_a_letter_left_out_of_a_long_name_is_found(name: str, place: int) -> None:
    place %= len(name)
    if place < 4:
        place += 4
    shorter = name[:place] + name[place + 1 :]
    assert resemblance.resemble(name, shorter)
    assert pairs({"actor/a": name, "actor/b": shorter}) == {("actor/a", "actor/b")}


@given(st.dictionaries(st.sampled_from([f"actor/{n}" for n in range(9)]), NAMES))
def test_no_thing_resembles_itself_and_no_pair_comes_twice(names: dict[str, str]) -> None:
    found = pairs(names)
    assert all(first < second for first, second in found)
