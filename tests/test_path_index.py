"""An index is built once, found again, and built again when its data or its bytes have changed."""

from __future__ import annotations

import datetime
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from trilogue.errors import TrilogueError
from trilogue.paths.compiled import index as indexing
from trilogue.paths.compiled import landings
from trilogue.paths.compiled.index import BLOCK, DamageError, Index
from trilogue.paths.compiled.search import Search
from trilogue.paths.enumeration import Enumeration, InfluencePath
from trilogue.paths.network import NO_END, Hop, Matter, Network
from trilogue.paths.query import Carry, PathQuery

QUERY = PathQuery(
    "contact/office?/any", frozenset({"Firm"}), frozenset({"text"}), carry=Carry.stance
)
DAY = datetime.date(2021, 3, 1)


def network(number: int = 60) -> Network:
    """Firms that meet officials, whose offices take positions on a text."""
    hops = [
        Hop("tenure", "office", "official", "state", earliest=738000, standing=True, core=None),
        Hop(
            "later",
            "office",
            "official",
            "other",
            earliest=738030,
            standing=True,
            core=(738040, NO_END),
        ),
    ]
    for day in range(number):
        issue = frozenset({Matter("ij"[day % 2], [None, "for", "against"][day % 3])})
        when = 738000 + day
        hops.append(Hop(f"m-{day}", "contact", f"firm-{day}", "official", issue, when, when + 3))
        hops.append(Hop(f"p-{day}", "position", "state", "text", issue, when, when, weight=0.25))
    classes = {f"firm-{day}": frozenset({"Firm"}) for day in range(number)}
    return Network(tuple(hops), classes)


def answers(search: Search | Enumeration) -> Counter[InfluencePath]:
    return Counter(search.paths())


EXPECTED = answers(Enumeration(network(), QUERY))


def rows(acts: list[dict[str, Any]], kinds: dict[str, pa.DataType]) -> pa.Table:
    return pa.table(
        {name: pa.array([row.get(name) for row in acts], kind) for name, kind in kinds.items()}
    )


def written(folder: Path, acts: list[dict[str, Any]], ground: pa.DataType | None = None) -> Path:
    """Write acts, two relations and the classes of things as a register does."""
    text, day = pa.string(), pa.date32()
    kinds = dict.fromkeys(("kind", "type", "source", "target", "issue", "stance"), text)
    kinds |= {"ground": ground or pa.int64(), "earliest": day, "latest": day}
    kinds |= {"weight": pa.float32(), "passages": pa.uint8()}
    relations = [
        {
            "ground": 100,
            "kind": "office",
            "type": "Tenure",
            "source": "official",
            "target": "state",
        },
        {"ground": 101, "kind": "office", "source": "official", "target": "other"},
    ]
    for row in relations:
        row |= {
            "earliest": DAY,
            "core_earliest": DAY + datetime.timedelta(5),
            "passages": 1,
            "weight": 0.5,
        }
    for row in [*acts, *relations]:
        row["ground"] = f"act/{row['ground']}" if ground else row["ground"]
    folder.mkdir(exist_ok=True)
    pq.write_table(rows(acts, kinds), folder / "acts.parquet")
    pq.write_table(
        rows(relations, kinds | {"core_earliest": day, "core_latest": day}),
        folder / "relations.parquet",
    )
    things = pa.table(
        {
            "thing": ["firm", "text", "no-one"],
            "classes": pa.array([["Firm"], [], ["Firm"]], pa.list_(text)),
        }
    )
    pq.write_table(things, folder / "things.parquet")
    return folder


def act(ground: int, kind: str, source: str, target: str, **more: Any) -> dict[str, Any]:
    given = {"earliest": DAY, "latest": DAY, "weight": 0.75, "passages": 2, "type": "Meeting"}
    return {"ground": ground, "kind": kind, "source": source, "target": target} | given | more


ACTS = [
    act(1, "contact", "firm", "official", issue="i", stance="for"),
    act(1, "contact", "firm", "official", issue="i"),
    act(1, "contact", "firm", "official", issue="j"),
    act(2, "position", "state", "text", issue="i", latest=None),
    act(3, "position", "state", "text", earliest=None),
    act(3, "adoption", "state", "text"),
]


@pytest.mark.parametrize("ground", [None, pa.string()])
def test_a_register_gives_its_hops(tmp_path: Path, ground: pa.DataType | None) -> None:
    index = Index.of_folder(written(tmp_path / "register", [dict(row) for row in ACTS], ground))
    paths = list(Search(index, QUERY).paths())
    name = "act/" if ground else ""
    assert Counter((tuple(hop.ground for hop in path.hops), path.matter) for path in paths) == {
        (tuple(name + part for part in grounds), matter): 1
        for matter, *rest in (
            (Matter("i", "for"), ("1", "100", "2"), ("1", "100", "3"), ("1", "100", "3b")),
            (Matter("j"), ("1", "100", "3"), ("1", "100", "3b")),
        )
        for grounds in rest
        if grounds[-1] != "3b"
    } | Counter(
        {
            ((name + "1", name + "100", name + "3"), matter): 2
            for matter in (Matter("i", "for"), Matter("j"))
        }
    )
    contact, office = paths[0].hops[:2]
    assert contact.matters == {Matter("i", "for"), Matter("j")}
    assert (contact.days, contact.weight, len(contact.evidence)) == ("2021-03-01", 0.75, 2)
    assert (office.standing, office.core) == (True, (DAY.toordinal() + 5, NO_END))


@pytest.mark.parametrize("repeated", range(len(ACTS)))
def test_a_row_that_stands_twice_says_no_more_than_once(tmp_path: Path, repeated: int) -> None:
    """A defect once: of two rows without an issue, or without a stance, neither was kept."""
    once, twice = (
        Index.of_folder(written(tmp_path / name, [dict(row) for row in [*ACTS, *more]]))
        for name, more in (("once", []), ("twice", [ACTS[repeated]]))
    )
    assert answers(Search(twice, QUERY)) == answers(Search(once, QUERY)) != Counter()


def test_row_groups_with_dictionaries_of_their_own_give_the_same_index(tmp_path: Path) -> None:
    folder = written(tmp_path / "register", [dict(row) for row in ACTS])
    whole = Index.of_folder(folder)
    for name in ("acts", "relations"):
        table = pq.read_table(folder / f"{name}.parquet")
        pq.write_table(table, folder / f"{name}.parquet", row_group_size=2)
    parts = Index.of_folder(folder)
    assert parts.header["digest"] != whole.header["digest"]
    for name, column in whole.arrays.items():
        assert parts.arrays[name].tolist() == column.tolist(), name


def test_landings_are_kept_as_long_as_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    index = Index.of_network(network())
    queries = [
        PathQuery("contact/office/position", frozenset({"Firm"}), frozenset({"text"}), issues=some)
        for some in (frozenset("i"), frozenset("j"))
    ]
    expected = [Enumeration(network(), query).count() for query in queries]
    assert [Search(index, query).count() for query in queries] == expected
    kept = dict(index.cache["landings"])
    assert [Search(index, query).count() for query in queries] == expected
    assert all(index.cache["landings"][key] is one for key, one in kept.items())
    assert len(kept) > 1
    monkeypatch.setattr(landings, "MOST_KEPT", 0)
    assert [Search(index, query).count() for query in queries] == expected
    assert len(index.cache["landings"]) == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"latest": DAY - datetime.timedelta(1)}, "latest day is before earliest day"),
        ({"weight": 0.0}, "weight: expected more than 0"),
        ({"kind": None}, "a row without a kind"),
        ({"ground": None}, "rows without a ground"),
        ({"earliest": datetime.date(1066, 1, 1)}, "expected at most"),
    ],
)
def test_rows_that_mean_nothing_are_refused(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    folder = written(tmp_path / "register", [*ACTS, act(9, "contact", "a", "b") | changes])
    with pytest.raises(TrilogueError, match=message):
        Index.of_folder(folder)
    assert not list(folder.glob("*paths.index*"))


def test_rows_of_one_hop_must_agree(tmp_path: Path) -> None:
    other = act(1, "contact", "firm", "official", issue="k", passages=3)
    with pytest.raises(TrilogueError, match="another passages than its hop elsewhere"):
        Index.of_folder(written(tmp_path / "register", [*ACTS, other]))


def test_an_index_in_a_file_answers_as_the_network(tmp_path: Path) -> None:
    path = tmp_path / "paths.index"
    assert answers(Search(Index.of_network(network(), path), QUERY)) == EXPECTED
    found = Search(Index.at(path), QUERY)
    plain = Enumeration(network(), QUERY)
    assert found.count() == plain.count() > 0
    for path_found, expected in zip(
        sorted(found.paths(), key=lambda p: [hop.ground for hop in p.hops]),
        sorted(plain.paths(), key=lambda p: [hop.ground for hop in p.hops]),
        strict=True,
    ):
        assert path_found == expected


def test_an_index_is_used_again_until_its_data_change(tmp_path: Path) -> None:
    path = tmp_path / "paths.index"
    Index.of_network(network(), path)
    first = path.stat().st_ino
    Index.of_network(network(), path)
    assert path.stat().st_ino == first
    changed = Index.of_network(network(20), path)
    assert path.stat().st_ino != first
    assert answers(Search(changed, QUERY)) == answers(Enumeration(network(20), QUERY))


@pytest.mark.parametrize(
    "content", [b"", b"something else", indexing.MAGIC, indexing.MAGIC + bytes(40)]
)
def test_what_is_no_index_is_built_again(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "paths.index"
    path.write_bytes(content)
    with pytest.raises(DamageError):
        Index.at(path)
    assert answers(Search(Index.of_network(network(), path), QUERY)) == EXPECTED


def test_a_cut_index_is_built_again(tmp_path: Path) -> None:
    path = tmp_path / "paths.index"
    Index.of_network(network(), path)
    whole = path.read_bytes()
    for size in (len(indexing.MAGIC) + 9, 200, BLOCK, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        assert answers(Search(Index.of_network(network(), path), QUERY)) == EXPECTED
        assert path.read_bytes() == whole


def test_a_byte_that_has_changed_never_changes_an_answer(tmp_path: Path) -> None:
    path = tmp_path / "paths.index"
    Index.of_network(network(), path)
    whole = path.read_bytes()
    index = Index.at(path)
    begins = [whole_place(index, name) for name, some in index.arrays.items() if len(some)]
    header = len(header_bytes(index))
    places = {*range(0, header, 53), *begins, *(begin + 1 for begin in begins), len(whole) - 1}
    rebuilt = 0
    for place in sorted(places):
        with path.open("r+b") as file:
            file.seek(place)
            file.write(bytes([whole[place] ^ 0x10]))
        assert answers(Search(Index.of_network(network(), path), QUERY)) == EXPECTED
        rebuilt += path.read_bytes() == whole
        path.write_bytes(whole)
    assert rebuilt > header / 53


def test_damage_without_data_at_hand_is_told(tmp_path: Path) -> None:
    path = tmp_path / "paths.index"
    index = Index.of_network(network(), path)
    place = whole_place(index, "forward/earliest")
    with path.open("r+b") as file:
        file.seek(place)
        file.write(b"\xff")
    with pytest.raises(DamageError, match="build it again"):
        Search(Index.at(path), QUERY).count()


def whole_place(index: Index, name: str) -> int:
    """Return where a column begins in the file."""
    first = index.arrays["signatures/kind"].ctypes.data
    before = len(header_bytes(index))
    return before + -before % indexing.ALIGNED + index.arrays[name].ctypes.data - first


def header_bytes(index: Index) -> bytes:
    assert index.path is not None
    whole = index.path.read_bytes()
    begin = len(indexing.MAGIC)
    sizes = [int.from_bytes(whole[begin + 8 * n : begin + 8 * n + 8], "little") for n in (0, 1)]
    return whole[: begin + 24 + sum(sizes)]


def test_a_build_that_fails_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "paths.index"

    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(indexing, "_blocks", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Index.of_network(network(), path)
    assert not list(tmp_path.iterdir())


def test_plain_enumeration_needs_no_compiler() -> None:
    code = "import sys, trilogue.paths.enumeration; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
