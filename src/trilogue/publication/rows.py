"""Rows as pages tell them: what a row states, and what rests on a passage or a source."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from pyoxigraph import NamedNode, Store

from trilogue.namespaces import DERIVED_FROM, PROV, compact
from trilogue.publication import forms
from trilogue.publication.source import Source
from trilogue.publication.statements import Thing, Value
from trilogue.publication.things import rank

_BEARING = (DERIVED_FROM.value, PROV + "hadPrimarySource")


@dataclass(frozen=True)
class Assertion:
    """What a row states of one thing: properties with their values."""

    subject: Value
    statements: tuple[tuple[Value, Value], ...]


@dataclass(frozen=True)
class Borne:
    """A thing of which rows state something on the evidence of a passage or source."""

    thing: Value
    kinds: tuple[Value, ...]
    rows: tuple[Value, ...]


def assertions(source: Source, row: str) -> list[Assertion]:
    """Return what a row states, thing by thing; that which it says most of comes first."""
    reader = source.reader
    quads = sorted(_stated(source.store_of(row), row), key=lambda quad: str(quad.subject))
    found = [
        Assertion(
            reader.value(subject),
            tuple(
                (reader.property(quad.predicate), reader.value(quad.object))
                for quad in sorted(group, key=rank)
            ),
        )
        for subject, group in groupby(quads, key=lambda quad: quad.subject)
    ]
    return sorted(found, key=lambda item: -len(item.statements))


def borne_out(source: Source, thing: Thing) -> list[Borne]:
    """Return what rests on a passage or source: the things that its rows speak of most."""
    reader, node = source.reader, NamedNode(thing.iri)
    rows = {row for name in _BEARING for row in reader.subjects_of(compact(name), node)}
    spoken_of: dict[Any, list[Value]] = defaultdict(list)
    for row in sorted(rows, key=lambda item: item.value):
        if row.value.startswith(forms.ROWS):
            store = source.store_of(row.value)
            counted = Counter(quad.subject for quad in _stated(store, row.value))
            for subject in sorted(counted, key=lambda item: (-counted[item], str(item)))[:1]:
                spoken_of[subject].append(reader.value(row))
    found = [
        Borne(reader.value(subject), tuple(reader.kinds(subject)), tuple(values))
        for subject, values in spoken_of.items()
    ]
    return sorted(
        found,
        key=lambda item: ([kind.text for kind in item.kinds], item.thing.text, item.thing.iri),
    )


def without_rows(thing: Thing) -> Thing:
    """Leave out of what refers to a thing the rows that `borne_out` tells."""
    kept = tuple(group for group in thing.references if group.property.iri not in _BEARING)
    return replace(thing, references=kept)


def _stated(store: Store, row: str) -> list[Any]:
    return list(store.quads_for_pattern(None, None, None, NamedNode(row)))
