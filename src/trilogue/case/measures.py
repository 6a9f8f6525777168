"""The sections of a report on what is measured: what actors attained, and how they lobbied."""

from __future__ import annotations

from trilogue.case import AGAINST, CLAIMED, chart
from trilogue.case import attainment as measure
from trilogue.case import attainment_report as told
from trilogue.case.document import Paragraph, Section, Table
from trilogue.case.reading import Reader
from trilogue.case.sections import drawn
from trilogue.results import Bindings


def attainment(reader: Reader) -> Section:
    """Return how near the texts came to what each group wanted, and whether one got more."""
    answer = reader.query(measure.DISTANCES)
    far = measure.distances(answer)
    moved = measure.movements(reader.query(measure.MOVEMENTS))
    groups = (CLAIMED, AGAINST)
    compared = reader.calculated(
        "attainment-compared",
        "Did one group attain more than another?",
        "trilogue attainment --part tests --format csv\n\n"
        f"An exact permutation test over actors, on {measure.DISTANCES} and {measure.MOVEMENTS}.",
    )
    averaged = reader.calculated(
        "attainment-means",
        "How far is each text from what each group wanted?",
        "trilogue attainment --part means --format csv\n\n"
        f"Means over actors of their means over issues, on {measure.DISTANCES}.",
    )
    findings = measure.compared(far, moved, groups)
    opposed = tuple(measure.only_opposed(answer, group) for group in groups)
    said = told.in_words(findings, groups, (opposed[0], opposed[1]))
    stages = ("stage", "from", "to", "group", "actors", "nearer", "farther", "same", "mean")
    return Section(
        "attainment",
        "Who got what they wanted",
        (
            *(Paragraph.of(sentence, compared) for sentence in said),
            drawn("attainment", chart.draw(far), "Distance of each text from what was wanted",
                  measure.DISTANCES),
            _table("Means by text and group", averaged, told.table_of_means(measure.means(far))),
            _table("Comparisons", compared, told.table_of_tests(findings)),
            reader.table("Gains and losses by stage", "who-gained-and-lost-at-each-stage", *stages),
        ),
    )  # fmt: skip


def practice(reader: Reader) -> Section:
    """Return which access, strategies and frames actors of each kind had and used."""
    counted = ("acts", "firms", "share")
    whole = "of all acts of a size of firm that tell it; rows without a stage are the whole record"
    return Section(
        "practice",
        "Access, strategies and frames",
        (
            reader.table(
                "Access to EU institutions and to national executives",
                "access-of-each-actor",
                *("group", "actor", "access", "acts", "first", "last"),
            ),
            reader.table(
                f"Strategies, as shares {whole}",
                "strategies-of-each-firm-type",
                *("stage", "size", "strategy", *counted),
            ),
            reader.table(
                f"Frames, as shares {whole}",
                "frames-of-each-firm-type",
                *("stage", "size", "frame", *counted),
            ),
            reader.table(
                "Claims that both sizes of firms lobby alike, beside what their acts use",
                "claims-of-equal-practice",
                *("claim", "evidence", "kind", "practice", "small: smallActs", "of: smallOf"),
                *("large: largeActs", "of: largeOf", "used by: usedBy"),
            ),
        ),
    )


def _table(caption: str, source: str, answer: Bindings) -> Table:
    rows = tuple(tuple(str(value) for value in row) for row in answer.values())
    return Table(caption, source, answer.variables, rows)
