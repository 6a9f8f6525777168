"""Our engines find the paths that DuckDB finds by joins written from `semantics.md`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from benchmarks.path_peers import ByHand, Tables, Walk, words
from benchmarks.registers import Register

from trilogue.paths.compiled.index import Index
from trilogue.paths.compiled.search import Search
from trilogue.paths.enumeration import Enumeration, InfluencePath
from trilogue.paths.query import Carry, Order, PathQuery, Score

UPTAKE = "contact/office?/(membership|part)?/position/adoption"
RESTATED = "membership?/contact[type=tlg:Meeting; from!=tlg:Firm]/office/position{1,2}/adoption"
OFFICE_FIRST = "office/part?/position{,2}/adoption?"
EITHER = "membership/position/adoption|office/(membership|part)?"

# The same as words.
MEMBER_OR_PART = ["", "membership", "part"]
EXPRESSIONS = {
    UPTAKE: words(["contact"], ["", "office"], MEMBER_OR_PART, ["position"], ["adoption"]),
    RESTATED: words(
        *(["", "membership"], ["contact"], ["office"], ["position"], ["", "position"]), ["adoption"]
    ),
    OFFICE_FIRST: words(["office"], ["", "part"], *(["", "position"],) * 2, ["", "adoption"]),
    EITHER: [("membership", "position", "adoption"), *words(["office"], MEMBER_OR_PART)],
}
FIRMS = "(SELECT id FROM thing WHERE list_contains(classes, 'tlg:Firm'))"
CONDITIONS = {
    RESTATED: {"contact": f"{{hop}}.type = 'tlg:Meeting' AND {{hop}}.source NOT IN {FIRMS}"}
}
SMALL_FIRMS, OFFICIALS = "tlg:SmallOrMediumEnterprise", "tlg:PublicOfficeHolder"
VARIANTS: list[dict[str, Any]] = [
    {},
    {"ties": False, "largest_gap": 300, "simple": True},
    {"largest_gap": 200, "largest_duration": 300},
    {"order": Order.certain, "largest_duration": 500},
    {"order": Order.certain, "ties": False, "simple": True},
]


def asked(expression: str, origin: str, destination: str, **conditions: Any) -> PathQuery:
    return PathQuery(expression, frozenset([origin]), frozenset([destination]), **conditions)


def described(given: object) -> str:
    if not isinstance(given, PathQuery):
        return str(given)
    return f"{given.expression} {' '.join(sorted(given.origins | given.destinations))}"


def walks(paths: Iterable[InfluencePath]) -> Counter[Walk]:
    return Counter(
        (tuple(int(hop.ground) for hop in path.hops), path.matter and path.matter.issue)
        for path in paths
    )


@pytest.fixture(scope="module")
def registers(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Folders of registers, by their number of acts."""
    folder = tmp_path_factory.mktemp("registers")
    return {acts: folder / str(acts) for acts in (10_000, 100_000, 1_000_000)}


@cache
def tables(folder: Path) -> Tables:
    if not folder.exists():
        Register(int(folder.name)).write(folder)
    return Tables(folder)


@cache
def index(folder: Path) -> Index:
    assert tables(folder)
    return Index.of_folder(folder)


def agree(folder: Path, query: PathQuery) -> Counter[Walk]:
    """Hold the compiled search against DuckDB; return the paths."""
    expression = EXPRESSIONS[query.expression]
    where = CONDITIONS.get(query.expression)
    expected = Counter(tables(folder).paths(query, expression, where))
    search = Search(index(folder), query)
    assert walks(search.paths()) == expected
    assert search.count() == expected.total()
    assert search.exists() is bool(expected)
    return expected


@pytest.mark.parametrize(
    "query",
    [
        asked(UPTAKE, SMALL_FIRMS, "text/provision-3"),
        asked(UPTAKE, "actor/organisation-5", "tlg:TextVersion", carry=Carry.nothing),
        asked(RESTATED, "tlg:LargeMultinational", "text/provision-2"),
        asked(OFFICE_FIRST, OFFICIALS, "actor/council"),
        asked(EITHER, "tlg:Firm", "tlg:ProvisionVersion"),
        asked(EITHER, OFFICIALS, "tlg:EUInstitution"),
    ],
    ids=described,
)
def test_both_engines_find_what_joins_find_in_ten_thousand_acts(
    registers: dict[int, Path], query: PathQuery
) -> None:
    folder, network = registers[10_000], Register(10_000).network()
    for variant in VARIANTS:
        changed = replace(query, **variant)
        expected = agree(folder, changed)
        assert walks(Enumeration(network, changed).paths()) == expected
        assert expected or variant


@pytest.mark.parametrize(
    ("query", "least"),
    [
        (asked(UPTAKE, SMALL_FIRMS, "text/provision-27"), 3_000),
        (asked(UPTAKE, "actor/organisation-2000", "tlg:TextVersion", carry=Carry.nothing), 10_000),
        (asked(RESTATED, "tlg:TradeAssociation", "text/provision-27"), 1_000),
        (
            asked(UPTAKE, "tlg:Firm", "tlg:TextVersion", issues=frozenset(["issue/dossier-9"])),
            1_000,
        ),
    ],
    ids=described,
)
def test_the_search_finds_what_joins_find_in_a_hundred_thousand_acts(
    registers: dict[int, Path], query: PathQuery, least: int
) -> None:
    for variant in VARIANTS:
        found = agree(registers[100_000], replace(query, **variant)).total()
        assert found >= least or variant


@pytest.mark.parametrize(
    "query",
    [
        asked(UPTAKE, SMALL_FIRMS, "text/provision-530", largest_duration=200),
        asked(UPTAKE, "actor/organisation-20", "text/provision-104"),
        asked(UPTAKE, "actor/organisation-2000", "tlg:TextVersion", order=Order.certain),
    ],
    ids=described,
)
def test_the_search_finds_what_joins_find_in_a_million_acts(
    registers: dict[int, Path], query: PathQuery
) -> None:
    assert agree(registers[1_000_000], query)


def test_arrivals_numbers_and_best_paths_are_those_that_sql_by_hand_finds(
    registers: dict[int, Path],
) -> None:
    folder, origin, provision = registers[100_000], SMALL_FIRMS, "text/provision-27"
    search, peer = Search(index(folder), asked(UPTAKE, origin, provision)), ByHand(folder)
    assert search.earliest() == {provision: peer.earliest(origin, provision)}
    assert search.count() == peer.count(origin, provision) == peer.count_by_joins(origin, provision)
    best = [path.weight for path in search.top(100, Score.weight)]
    assert best == [weight for _, weight in peer.top(100, origin, provision)]
    assert len(set(best)) > 1
