"""The sections of a report on how firm its conclusions are: belief, and what they hang on."""

from __future__ import annotations

from collections.abc import Iterable

from trilogue import catalogue
from trilogue.case import tornado
from trilogue.case import verdicts as computing
from trilogue.case.document import Block, Paragraph, Section, Table
from trilogue.case.path_robustness import PathCase, PathRobustness
from trilogue.case.reading import Reader
from trilogue.case.robustness import KINDS, Case, Robustness, some
from trilogue.case.sections import capital, drawn
from trilogue.namespaces import compact

LIKELIHOODS = "likelihood-of-each-observation"


def belief(reader: Reader) -> Section:
    """Return how far the evidence moves belief in each hypothesis, and what sways it most."""
    name = reader.calculated(
        "belief",
        "How far does the evidence move belief in each hypothesis?",
        "trilogue verdicts --format csv\n\n"
        f"Odds of a hypothesis against its negation, times the ratios of {LIKELIHOODS}.",
    )
    blocks: list[Block] = []
    for number, found in enumerate(computing.read(reader), 1):
        after = found.reading.posterior
        text = (
            f"{capital(found.hypothesis)}: from {found.reading.prior:.2f} to {after.judged:.2f}, "
            f"on {found.reading.happenings} happenings; {after.lowest:.2f} with every ratio at its "
            f"lowest, {after.highest:.2f} at its highest."
        )
        picture = tornado.draw(found.hypothesis, found.reading)
        caption = f"What sways belief most: {found.hypothesis}"
        blocks += (Paragraph.of(text, name), drawn(f"belief-{number}", picture, caption, name))
    warning = (
        "The likelihoods are judgements of those who curated the rows, not of the source; they "
        "stand in data/likelihoods.csv, and are there to be changed."
    )
    columns = ("hypothesis", "observation", "if it holds: ifTrue", "if not: ifFalse", "ratio")
    table = reader.table("Likelihoods and why", LIKELIHOODS, *columns, "reason")
    return Section("belief", "A Bayesian reading", (Paragraph((warning,)), *blocks, table))


def robustness(reader: Reader) -> Section:
    """Return what becomes of verdicts when a row, a source or a page falls."""
    name = _robustness(reader)
    case = Case(reader.graph)
    found = case.robustness()
    text = (
        "A source falls with all rows that rest on it alone, an observation with its rows. The "
        "study itself, in which all rows were read, is not counted: without it nothing is left."
    )
    verdicts = Table(
        "Verdicts",
        name,
        ("hypothesis", "verdict", "what falls", "left out in turn", "other verdict without",
         "fewest that change it"),
        tuple(_verdict(case.names[one.hypothesis], one, kind) for one in found for kind in KINDS),
    )  # fmt: skip
    weights = (Paragraph.of(_weight(case.names[one.hypothesis], one), name) for one in found)
    return Section(
        "robustness", "What the verdicts hang on", (Paragraph((text,)), verdicts, *weights)
    )


def robustness_of_paths(reader: Reader) -> Section:
    """Return without which rows, sources and pages each influence path is not found.

    The queries are asked again for each of them, which takes the better part of a minute.
    """
    queries = catalogue.read(reader.graph.project, "paths")
    paths = [one for query in queries for one in PathCase(reader.graph, query).robustness()]
    return Section(
        "robustness-of-paths", "What the paths hang on", (held(_robustness(reader), paths),)
    )


def held(source: str, paths: Iterable[PathRobustness]) -> Table:
    """Return a table of paths, each with the single things without which it is not found."""
    return Table(
        "Influence paths",
        source,
        ("path", *(f"{kind} without which it is not found" for kind in KINDS)),
        tuple(map(_path, paths)),
    )


def _robustness(reader: Reader) -> str:
    return reader.calculated(
        "robustness",
        "What becomes of each conclusion when something falls?",
        "trilogue robustness --format csv\n\n"
        "Each row, source and page is left out in turn, and the queries are asked again.",
    )


def _verdict(name: str, one: Robustness, kind: str) -> tuple[str, ...]:
    tried = sum(fall.kind == kind for fall in one.falls)
    breaking = [f"{compact(fall.item)} ({fall.verdict})" for fall in one.breaking(kind)]
    cut = one.cuts.get(kind)
    fewest = "" if cut is None else f"{len(cut)}: {some(sorted(cut))}"
    return (name, one.verdict, kind, str(tried), some(breaking), fewest)


def _weight(name: str, one: Robustness) -> str:
    page = one.weightiest("pages")
    swapped = f"{len(one.swaps)} resolutions turned round would change the verdict."
    if page is None:
        return f"{capital(name)}: no page carries weight. {swapped}"
    return (
        f"{capital(name)}: {page.item} carries most weight. Without its {page.observations} "
        f"observations belief falls or rises from {one.belief:.2f} to {page.belief:.2f}. {swapped}"
    )


def _path(one: PathRobustness) -> tuple[str, ...]:
    return (one.path, *(some(map(compact, one.breaking[kind])) for kind in KINDS))
