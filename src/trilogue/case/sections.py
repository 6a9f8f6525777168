"""The sections of a report on the argument: what is asked, what happened, what was seen."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING

from trilogue.case import mechanism as drawing
from trilogue.case import timeline
from trilogue.case.document import Block, Paragraph, Picture, Section, Table
from trilogue.case.reading import Reader, Row
from trilogue.drawing.saving import svg

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def question(reader: Reader) -> Section:
    """Return what is asked, and which hypotheses answer it."""
    name = "research-questions-and-their-hypotheses"
    rows = reader.rows(name)
    questions = {row["question"] for row in rows}
    ideas = {row["hypothesis"] for row in rows if row["hypothesis"]}
    text = (
        f"The source asks {len(questions)} questions. {len(ideas)} hypotheses stand against each "
        "other."
    )
    held = reader.table(
        "Hypotheses", name, "hypothesis", "says", "evidence", keep=lambda row: row["says"] != ""
    )
    return Section(
        "question",
        "Question and hypotheses",
        (
            Paragraph.of(text, name),
            reader.table("Questions", name, "question", "asked on: asked"),
            held,
        ),
    )


def course(reader: Reader) -> Section:
    """Return what happened when: a picture, and what its numbers stand for."""
    name = "timeline-of-the-case"
    rows = _with_all_actors(reader.rows(name))
    happened = timeline.happenings(
        (row["begin"], row["end"], row["group"], row["happening"]) for row in rows
    )
    lanes = list(dict.fromkeys(row["group"] for row in rows))
    shown = ("begin", "end", "group", "happening", "actor", "observations", "evidence")
    heads = ("no.", "from", "to", "kind of actor", "what happened", "who", *shown[5:])
    numbered = tuple(
        (str(one.number), *(row[variable] for variable in shown))
        for one, row in zip(happened, rows, strict=True)
    )
    text = (
        f"{len(rows)} happenings stand here: the versions of the text, and the acts on which "
        "observations rest. A lozenge is a day; a bar covers the days that the source allows."
    )
    picture = timeline.draw(happened, lanes)
    return Section(
        "course",
        "What happened when",
        (
            Paragraph.of(text, name),
            drawn("timeline", picture, "Versions of the text, and acts by kind of actor", name),
            Table("What the numbers stand for", name, heads, numbered),
        ),
    )


def _with_all_actors(rows: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    """Return a row for each happening of a kind of actors, with the names of all of them."""
    found: dict[tuple[str, ...], dict[str, str]] = {}
    for row in rows:
        key = tuple(value for variable, value in row.items() if variable != "actor")
        if key in found:
            row = row | {"actor": f"{found[key]['actor']}, {row['actor']}"}
        found[key] = row
    return list(found.values())


def mechanism(reader: Reader) -> Section:
    """Return the steps of each argument, as a picture each."""
    name = "mechanism-steps-of-each-hypothesis"
    blocks: list[Block] = []
    for number, (argument, rows) in enumerate(_grouped(reader.rows(name), "argument"), 1):
        steps = [_step(int(place), same) for place, same in _grouped(rows, "number")]
        idea = rows[0]["hypothesis"]
        without = sum(not step.factual for step in steps)
        text = (
            f"{capital(argument)}. Hypothesis: {idea or 'none of its own'}. "
            f"Of {len(steps)} steps {without} rest on no fact."
        )
        blocks.append(Paragraph.of(text, name))
        picture = drawing.draw(capital(argument), steps)
        blocks.append(drawn(f"mechanism-{number}", picture, argument, name))
    return Section("mechanism", "Mechanisms, step by step", tuple(blocks))


def _step(number: int, rows: list[dict[str, str]]) -> drawing.Step:
    kinds = Counter(row["ground"].partition("/")[0] for row in rows if row["ground"])
    return drawing.Step(number, rows[0]["step"], tuple(sorted(kinds.items())), rows[0]["evidence"])


def evidence(reader: Reader) -> Section:
    """Return what was observed for and against each hypothesis, with pages."""
    name = "observations-behind-each-outcome"
    blocks: list[Block] = []
    for idea, rows in _grouped(reader.rows(name), "hypothesis"):
        seen = {(row["observation"], row["bearing"]) for row in rows}
        ways = Counter(bearing for _, bearing in seen)
        text = f"{capital(idea)}: {len(seen)} observations ({_counted(ways)})."
        blocks.append(Paragraph.of(text, name))
        columns = ("expected: implication", "bearing", "observation", "searched", "evidence")
        of_idea = functools.partial(_is, "hypothesis", idea)
        blocks.append(reader.table(f"Observations on: {idea}", name, *columns, keep=of_idea))
    return Section("evidence", "Evidence", tuple(blocks))


def tests(reader: Reader) -> Section:
    """Return how each test came out."""
    name = "outcome-of-each-test"
    rows = reader.rows(name)
    outcomes = Counter(row["outcome"] for row in rows)
    text = (
        f"Of {len(rows)} tests: {_counted(outcomes)}. A test is passed where observations speak "
        "for the hypothesis and none against it, failed the other way round, contested where they "
        "speak both ways, and open where none speaks. Kinds of tests are the curators' judgement."
    )
    columns = ("hypothesis", "expected if it holds: implication", "test", "for", "against",
               "neutral", "outcome", "evidence")  # fmt: skip
    return Section(
        "tests",
        "Tests",
        (
            Paragraph.of(text, name),
            reader.table("Outcome of each test", name, *columns),
        ),
    )


def verdicts(reader: Reader) -> Section:
    """Return the verdicts that follow from the tests, beside those that the source states."""
    computed = "verdict-of-each-hypothesis"
    stated = "verdicts-computed-and-stated"
    deciding = "observations-that-decide"
    rows = reader.rows(stated)
    agreeing = sum(row["agrees"] == "yes" for row in rows)
    text = f"The source states {len(rows)} verdicts; {agreeing} of them are the computed one."
    counts = ("passed", "failed", "contested", "open")
    return Section(
        "verdicts",
        "Verdicts, computed and stated",
        (
            reader.table("Computed", computed, "hypothesis", "verdict", "because", *counts),
            Paragraph.of(text, stated),
            reader.table("Stated", stated, "hypothesis", "computed", "stated", "says", "evidence"),
            reader.table(
                "Without which observations would the computed verdict be another?",
                deciding,
                "hypothesis",
                "verdict",
                "without them: verdictWithout",
                "bearing",
                "observation",
                "evidence",
            ),
        ),
    )


def gaps(reader: Reader) -> Section:
    """Return what was searched and not found, and the limits that the source admits."""
    searched = "searches-without-finding"
    limits = "limitations-and-what-hangs-on-them"
    found = {row["searched"] for row in reader.rows(searched)}
    admitted = {row["limitation"] for row in reader.rows(limits)}
    columns = ("searched", "observation", "bearing", "evidence")
    return Section(
        "gaps",
        "Gaps",
        (
            Paragraph.of(f"{len(found)} searches found nothing, or little.", searched),
            reader.table("Searched, not found", searched, *columns),
            Paragraph.of(f"The source admits {len(admitted)} limits.", limits),
            reader.table("Limits", limits, "limit: limitation", "touches", "evidence"),
        ),
    )


def drawn(name: str, figure: Figure, caption: str, source: str) -> Picture:
    """Return a figure as a picture of the report."""
    return Picture(name, svg(figure).decode(), f"{capital(caption)}.", source)


def capital(text: str) -> str:
    """Return text that begins a sentence.

    >>> capital("shared values")
    'Shared values'
    """
    return text[:1].upper() + text[1:]


def _grouped(
    rows: Iterable[dict[str, str]], variable: str
) -> list[tuple[str, list[dict[str, str]]]]:
    return [(key, list(same)) for key, same in groupby(rows, key=lambda row: row[variable])]


def _counted(numbers: Counter[str]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(numbers.items()))


def _is(variable: str, value: str, row: Row) -> bool:
    return row[variable] == value
