"""Synthetic lobbying registers of any size: `python -m benchmarks.registers FOLDER ACTS`.

Acts and standing relations in the shape of the EU's registers, as Parquet files; with `--quads FILE`
the same as N-Quads too (`register_quads.py`). Shapes were taken from the 23,050 meetings of June 2019
to February 2022 that members of the European Parliament published (Integrity Watch EU), and from
nothing else:

- meetings per member: mean 58, median 31, most 321, the busiest tenth has 36 %: a gamma
  distribution of shape 0.7 (median 0.58 of the mean, busiest tenth 38 %);
- meetings per lobbyist: the busiest fifth falls off with rank to the power -0.67, which is taken
  for all (so the busiest tenth has 47 %, in the register 34 %); a name has 1.4 meetings, taken as
  10, since the register has spellings of one organisation apart, and 2.7 years become ten;
- meetings per day of the week and per month: as counted (a Sunday has a hundredth of a Tuesday,
  August a tenth of October);
- the 40 busiest dossiers: 248 to 28 meetings, rank to the power -0.6;
- the 27 countries: rank to the power -0.87.

What the data do not say is assumed and stands below as a named figure: shares of positions and of
imprecise dates, tenures, memberships, sizes of firms, and the course of a procedure, which lives
for two to four years and has most of the acts on it in that time.
"""

from __future__ import annotations

import argparse
import functools
import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from trilogue.paths.network import NO_BEGINNING, NO_END, Hop, Matter, Network

Numbers = npt.NDArray[np.int64]
Draws = np.random.Generator

FIRST_DAY, LAST_DAY = date(2015, 1, 1), date(2024, 12, 31)
EPOCH = date(1970, 1, 1).toordinal()  # what Parquet counts days from
BEGINNING, DAYS = FIRST_DAY.toordinal() - EPOCH, (LAST_DAY - FIRST_DAY).days + 1
CHUNK = 1 << 20

ISSUES, STATES = 40, 27
INSTITUTIONS = ("council", "parliament", "commission")
BODIES = (12, 20, 30)  # working parties, committees, directorates-general
WEEKDAYS = (132, 266, 266, 205, 121, 7, 3)
MONTHS = (104, 107, 71, 57, 61, 66, 51, 14, 125, 134, 130, 80)
FALL_WITH_RANK = {"organisation": 0.67, "issue": 0.6, "state": 0.87}
ACTS_PER_ORGANISATION, ACTS_PER_OFFICIAL = 10, 200
FEWEST = 1000  # acts; 400 of them are adoptions

POSITIONS, WITHOUT_ISSUE, TO_THE_MONTH, WITHOUT_BEGINNING = 0.03, 0.03, 0.02, 0.001
TO_AN_INSTITUTION = 0.05  # contacts that address no person
LARGE, LARGE_AT_THE_TOP, ASSOCIATIONS = 0.05, 0.4, 0.3
NATIONAL, CHANGES_SIDES, LEFT_OFFICE, TENURE_TO_THE_MONTH = 0.6, 0.1, 0.2, 0.15
MEMBERSHIPS_OF_A_FIRM = 0.5
FROM_A_STATE, FROM_AN_ASSOCIATION = 0.6, 0.3  # positions; the rest come from institutions
OUTSIDE_ITS_TIME = 0.1  # of the attention that a dossier has during its procedure

# Who takes the step, how far into the procedure, and of what class the act is.
STAGES = (
    (2, 0.0, "tlg:LegislativeProposal"),
    (0, 0.55, "tlg:GeneralApproachAdoption"),
    (1, 0.7, "tlg:NegotiatingPositionAdoption"),
    (0, 1.0, "tlg:FinalAdoption"),
    (1, 1.0, "tlg:FinalAdoption"),
)
TEXTS = 4  # of a procedure: the last two steps adopt the same one
KINDS = ("contact", "position", "adoption", "office", "membership", "part")
TYPES = (
    *("tlg:Meeting", "tlg:PositionPaperSubmission", "tlg:OpenLetterPublication"),
    *("tlg:NonPaperCirculation", "tlg:Statement"),
    *sorted({stage[2] for stage in STAGES}),
    *("tlg:Tenure", "tlg:Membership", "tlg:StandingRelation"),
)

_NAMES = pa.dictionary(pa.int32(), pa.string())
_COLUMNS = [
    *(("ground", pa.int64()), ("kind", _NAMES), ("type", _NAMES), ("source", _NAMES)),
    *(("target", _NAMES), ("issue", _NAMES), ("stance", _NAMES), ("earliest", pa.date32())),
    *(("latest", pa.date32()), ("weight", pa.float32()), ("passages", pa.uint8())),
]
ACTS = pa.schema(_COLUMNS)
RELATIONS = pa.schema([*_COLUMNS, ("core_earliest", pa.date32()), ("core_latest", pa.date32())])
THINGS = pa.schema(
    [("thing", pa.string()), ("classes", pa.list_(pa.string())), ("label", pa.string())]
)

OPEN = np.iinfo(np.int64).min  # stands for an end that is not known, and for no issue


@dataclass(frozen=True)
class Register:
    """A register of so many acts; the same seed gives the same register.

    Things have codes, in this order: organisations by how active they are, officials, states,
    institutions, their bodies, texts, provisions.
    """

    acts: int
    seed: int = 0

    def __post_init__(self) -> None:
        if self.acts < FEWEST:
            raise ValueError(f"{self.acts} acts: expected at least {FEWEST}")

    @property
    def provisions_of_a_text(self) -> int:
        """How many provisions of each text have acts of their own."""
        return max(1, min(100, self.acts // 160_000))

    @functools.cached_property
    def first(self) -> dict[str, int]:
        """The first code of each sort of thing, and the number of all things under `end`."""
        texts = ISSUES * TEXTS
        numbers = {
            "organisation": self.acts // ACTS_PER_ORGANISATION,
            "official": max(30, self.acts // ACTS_PER_OFFICIAL),
            "state": STATES,
            "institution": len(INSTITUTIONS),
            "body": sum(BODIES),
            "text": texts,
            "provision": texts * self.provisions_of_a_text,
            "end": 0,
        }
        sums = np.cumsum([0, *numbers.values()])[:-1]
        return dict(zip(numbers, sums.tolist(), strict=True))

    def number(self, sort: str) -> int:
        """How many things of a sort there are."""
        begin, end = self._ranges[sort]
        return end - begin

    @property
    def _ranges(self) -> dict[str, tuple[int, int]]:
        """The codes of each sort of thing: the first, and the first that is none."""
        return dict(zip(self.first, itertools.pairwise(self.first.values()), strict=False))

    def act_batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the acts: adoptions first, then all others in the order of their days."""
        yield self._batch(ACTS, self._adoptions())
        others = self.acts - self.number_of_adoptions
        for number, begin in enumerate(range(0, others, CHUNK)):
            places = np.arange(begin, min(others, begin + CHUNK), dtype=np.int64)
            yield self._batch(ACTS, self._contacts_and_positions(places, self._draws(1, number)))

    def relation_batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the standing relations; their grounds are numbered on from the acts."""
        ground = self.acts
        for columns in (*self._tenures(), *self._memberships(), self._bodies()):
            columns["ground"] = ground + np.arange(len(columns["source"]))
            ground += len(columns["source"])
            yield self._batch(RELATIONS, columns)

    def thing_batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the things, and the issues, with their classes and labels."""
        for begin in range(0, self.first["end"], CHUNK):
            codes = np.arange(begin, min(self.first["end"], begin + CHUNK), dtype=np.int64)
            yield _things(self.names(codes), *self._classes(codes))
        issues = pc.binary_join_element_wise("issue/dossier", _text(np.arange(ISSUES)), "-")
        yield _things(issues, np.zeros(ISSUES, dtype=np.int64), [["tlg:Issue"]])

    def write(self, folder: Path) -> None:
        """Write `acts.parquet`, `relations.parquet` and `things.parquet` into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, schema, batches in (
            ("acts", ACTS, self.act_batches()),
            ("relations", RELATIONS, self.relation_batches()),
            ("things", THINGS, self.thing_batches()),
        ):
            with pq.ParquetWriter(folder / f"{name}.parquet", schema, compression="zstd") as file:
                for batch in batches:
                    file.write_batch(batch)

    def network(self) -> Network:
        """Return the same as a network; for small sizes."""
        hops: list[Hop] = []
        classes: dict[str, frozenset[str]] = {}
        for batch in (*self.act_batches(), *self.relation_batches()):
            for row in batch.to_pylist():
                hops.append(_hop(row))
                classes[str(row["ground"])] = frozenset([row["type"]])
        things = [row for batch in self.thing_batches() for row in batch.to_pylist()]
        classes |= {row["thing"]: frozenset(row["classes"]) for row in things}
        return Network(tuple(hops), classes, {row["thing"]: row["label"] for row in things})

    def names(self, codes: Numbers) -> pa.Array:
        """Return the names of things by their codes, which must be in order."""
        parts = [pa.array([], pa.string())]
        for sort, (begin, end) in self._ranges.items():
            some = codes[np.searchsorted(codes, begin) : np.searchsorted(codes, end)] - begin
            if sort == "institution":
                parts.append(pa.array([f"actor/{name}" for name in INSTITUTIONS]).take(some))
            else:
                prefix = f"text/{sort}" if sort in ("text", "provision") else f"actor/{sort}"
                parts.append(pc.binary_join_element_wise(prefix, _text(some), "-"))
        return pa.concat_arrays(parts)

    @functools.cached_property
    def number_of_adoptions(self) -> int:
        """How many acts adopt a text or a provision."""
        return ISSUES * len(STAGES) * (1 + self.provisions_of_a_text)

    @functools.cached_property
    def _classes_of_organisations(self) -> npt.NDArray[np.uint8]:
        """0 for small or medium firms, 1 for large ones, 2 for associations."""
        number = self.number("organisation")
        draws = self._draws(2).random(number, dtype=np.float32)
        large = np.where(np.arange(number) < number / 100, LARGE_AT_THE_TOP, LARGE)
        found = np.where(draws < large, 1, np.where(draws < large + ASSOCIATIONS, 2, 0))
        return found.astype(np.uint8)

    @functools.cached_property
    def _associations(self) -> Numbers:
        return np.flatnonzero(self._classes_of_organisations == 2)

    @functools.cached_property
    def _procedures(self) -> tuple[Numbers, Numbers]:
        """The first day of the procedure on each issue, and how many days it takes."""
        draws = self._draws(3)
        lengths = draws.integers(730, 1461, ISSUES)
        return draws.integers(180, DAYS - 60 - lengths), lengths

    @functools.cached_property
    def _days(self) -> Numbers:
        """How many of the acts that are no adoptions fall on or before each day."""
        days = [date.fromordinal(FIRST_DAY.toordinal() + day) for day in range(DAYS)]
        months = np.array([date(2023, month + 1, 1) for month in range(12)], dtype="M8[D]")
        lengths = np.diff(np.append(months, np.datetime64("2024-01-01"))).astype(int)
        busy = [WEEKDAYS[d.weekday()] * MONTHS[d.month - 1] / lengths[d.month - 1] for d in days]
        others = self.acts - self.number_of_adoptions
        return np.cumsum(self._draws(4).multinomial(others, np.array(busy) / sum(busy)))

    @functools.cached_property
    def _attention(self) -> npt.NDArray[np.float64]:
        """For each day and issue: the number of the day, and the shares of the issues so far."""
        begins, lengths = self._procedures
        days = np.arange(DAYS)[:, None]
        alive = (begins - 180 <= days) & (days <= begins + lengths)
        shares = _falling(ISSUES, "issue") * np.where(alive, 1, OUTSIDE_ITS_TIME)
        shares = np.cumsum(shares, axis=1)
        return np.asarray(shares / shares[:, -1:] + days).ravel()

    @functools.cached_property
    def _officials(self) -> npt.NDArray[np.float64]:
        return _summed(self._draws(5).gamma(0.7, size=self.number("official")))

    def _draws(self, *purpose: int) -> Draws:
        """Return draws of their own for each purpose, so that none depends on how many others."""
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=purpose))

    def _classes(self, codes: Numbers) -> tuple[Numbers, list[list[str]]]:
        """Return which of some lists of classes each thing has, and the lists."""
        lists = [
            ["tlg:Firm", "tlg:SmallOrMediumEnterprise"],
            ["tlg:Firm", "tlg:LargeMultinational"],
            ["tlg:TradeAssociation"],
            ["tlg:Person", "tlg:PublicOfficeHolder"],
            ["tlg:MemberState"],
            ["tlg:EUInstitution"],
            ["tlg:EUBody"],
            ["tlg:TextVersion"],
            ["tlg:ProvisionVersion"],
        ]
        later = [number for sort, number in self.first.items() if sort != "organisation"]
        found = np.searchsorted(np.array(later), codes, side="right") + 2
        some = codes < self.first["official"]
        found[some] = self._classes_of_organisations[codes[some]]
        return found, lists

    def _organisation(self, uniform: npt.NDArray[np.float64], among: int) -> Numbers:
        """Return ranks, of which a low one comes more often."""
        power = 1 / (1 - FALL_WITH_RANK["organisation"])
        return np.minimum(among - 1, (among * uniform**power).astype(np.int64))

    def _adoptions(self) -> dict[str, Numbers]:
        """Each institution adopts a text and its provisions on one day of the procedure."""
        begins, lengths = self._procedures
        each = 1 + self.provisions_of_a_text
        issue, stage, part = np.indices((ISSUES, len(STAGES), each)).reshape(3, -1)
        text = issue * TEXTS + np.minimum(stage, TEXTS - 1)
        provision = text * (each - 1) + part - 1
        share = np.array([stage[1] for stage in STAGES])[stage]
        day = BEGINNING + begins[issue] + (lengths[issue] * share).astype(np.int64)
        draws, number = self._draws(6), len(issue)
        return {
            "ground": np.arange(number),
            "kind": np.full(number, KINDS.index("adoption")),
            "type": np.array([TYPES.index(stage[2]) for stage in STAGES])[stage],
            "source": self.first["institution"] + np.array([stage[0] for stage in STAGES])[stage],
            "target": np.where(
                part, self.first["provision"] + provision, self.first["text"] + text
            ),
            "issue": issue,
            "earliest": day,
            "latest": day,
            "weight": draws.integers(1, 257, number),
            "passages": draws.geometric(0.5, number),
        }

    def _contacts_and_positions(self, places: Numbers, draws: Draws) -> dict[str, Numbers]:
        number = len(places)
        day = np.searchsorted(self._days, places, side="right")
        issue = np.searchsorted(self._attention, day + draws.random(number), side="right")
        issue = np.clip(issue - day * ISSUES, 0, ISSUES - 1)
        nameless = draws.random(number) < WITHOUT_ISSUE
        is_position = draws.random(number) < POSITIONS
        issue[nameless & ~is_position] = OPEN  # a position is one on something
        source, target, kind_of_act = self._contacts(number, draws)
        some = np.flatnonzero(is_position)
        source[some], target[some], kind_of_act[some] = self._positions(len(some), draws)
        earliest = BEGINNING + day
        latest = earliest.copy()
        imprecise = np.flatnonzero(draws.random(number) < TO_THE_MONTH)
        earliest[imprecise], latest[imprecise] = _month(earliest[imprecise])
        earliest[draws.random(number) < WITHOUT_BEGINNING] = OPEN
        return {
            "ground": self.number_of_adoptions + places,
            "kind": is_position.astype(np.int64),
            "type": kind_of_act,
            "source": source,
            "target": target,
            "issue": issue,
            "earliest": earliest,
            "latest": latest,
            "weight": draws.integers(1, 257, number),
            "passages": draws.geometric(0.5, number),
        }

    def _contacts(self, number: int, draws: Draws) -> tuple[Numbers, Numbers, Numbers]:
        source = self._organisation(draws.random(number), self.number("organisation"))
        official = np.searchsorted(self._officials, draws.random(number), side="right")
        seats = self.number("institution") + self.number("body")
        body = self.first["institution"] + draws.integers(0, seats, number)
        to_a_body = draws.random(number) < TO_AN_INSTITUTION
        target = np.where(to_a_body, body, self.first["official"] + official)
        kind_of_act = np.searchsorted([0.8, 0.97], draws.random(number), side="right")
        return source, target, kind_of_act

    def _positions(self, number: int, draws: Draws) -> tuple[Numbers, Numbers, Numbers]:
        """Return positions of states and associations towards institutions, and between these."""
        seats = self.first["institution"]
        state = self.first["state"] + self._states(number, draws)
        among = self._organisation(draws.random(number), len(self._associations))
        target = draws.choice(len(INSTITUTIONS), number, p=[0.4, 0.3, 0.3])
        institution = (target + draws.integers(1, len(INSTITUTIONS), number)) % len(INSTITUTIONS)
        uniform = draws.random(number)
        source = np.where(
            uniform < FROM_A_STATE,
            state,
            np.where(
                uniform < FROM_A_STATE + FROM_AN_ASSOCIATION,
                self._associations[among],
                seats + institution,
            ),
        )
        return source, seats + target, 3 + draws.integers(0, 2, number)

    def _states(self, number: int, draws: Draws) -> Numbers:
        return np.searchsorted(
            _summed(_falling(STATES, "state")), draws.random(number), side="right"
        )

    def _tenures(self) -> Iterator[dict[str, Numbers]]:
        """Yield the tenures: each official holds one office after another, one to three in all."""
        for number, begin in enumerate(range(0, self.number("official"), CHUNK // 4)):
            draws = self._draws(7, number)
            officials = np.arange(begin, min(self.number("official"), begin + CHUNK // 4))
            offices = draws.choice([1, 2, 3], len(officials), p=[0.5, 0.35, 0.15])
            official = np.repeat(officials, offices)
            place = np.arange(len(official)) - np.repeat(np.cumsum(offices) - offices, offices)
            of_all = np.repeat(offices, offices)
            cut = place + draws.uniform(-0.3, 0.3, len(official))
            earliest = BEGINNING + (DAYS / of_all * cut).astype(np.int64)
            is_last = place == of_all - 1
            latest = np.append(earliest[1:], 0) - 1
            left = BEGINNING + (DAYS * draws.uniform(0.8, 1, len(official))).astype(np.int64)
            latest[is_last] = np.where(draws.random(len(official)) < LEFT_OFFICE, left, OPEN)[
                is_last
            ]
            earliest[place == 0] -= draws.integers(400, 3000, len(official))[place == 0]
            national = np.repeat(draws.random(len(officials)) < NATIONAL, offices)
            national ^= draws.random(len(official)) < CHANGES_SIDES
            seats = self.number("institution") + self.number("body")
            seat = self.first["institution"] + draws.integers(0, seats, len(official))
            state = self.first["state"] + self._states(len(official), draws)
            yield self._relations(
                "office",
                "tlg:Tenure",
                self.first["official"] + official,
                np.where(national, state, seat),
                *_to_the_month(earliest, latest, draws),
            )

    def _memberships(self) -> Iterator[dict[str, Numbers]]:
        """Yield the memberships: of firms in associations, of the states in the Council."""
        for number, begin in enumerate(range(0, self.number("organisation"), CHUNK)):
            draws = self._draws(8, number)
            classes = self._classes_of_organisations[begin : begin + CHUNK]
            firms = begin + np.flatnonzero(classes < 2)
            source = np.repeat(firms, draws.poisson(MEMBERSHIPS_OF_A_FIRM, len(firms)))
            among = self._organisation(draws.random(len(source)), len(self._associations))
            earliest = BEGINNING + draws.integers(-1500, DAYS, len(source))
            latest = earliest + draws.integers(365, 3000, len(source))
            latest[latest > BEGINNING + DAYS] = OPEN
            yield self._relations(
                "membership",
                "tlg:Membership",
                source,
                self._associations[among],
                *_to_the_month(earliest, latest, draws),
            )
        states = self.first["state"] + np.arange(STATES)
        council = np.full(STATES, self.first["institution"])
        always = np.full(STATES, OPEN)
        yield self._relations("membership", "tlg:Membership", states, council, *(always,) * 4)

    def _bodies(self) -> dict[str, Numbers]:
        """Return which institution each body is part of."""
        institution = self.first["institution"] + np.repeat(np.arange(len(BODIES)), BODIES)
        bodies = self.first["body"] + np.arange(sum(BODIES))
        always = np.full(len(bodies), OPEN)
        return self._relations("part", "tlg:StandingRelation", bodies, institution, *(always,) * 4)

    def _relations(
        self,
        kind: str,
        class_of_ground: str,
        source: Numbers,
        target: Numbers,
        earliest: Numbers,
        latest: Numbers,
        core_earliest: Numbers,
        core_latest: Numbers,
    ) -> dict[str, Numbers]:
        """Return the columns of relations, which name no issue and are certain."""
        number = len(source)
        return {
            "kind": np.full(number, KINDS.index(kind)),
            "type": np.full(number, TYPES.index(class_of_ground)),
            "source": source,
            "target": target,
            "issue": np.full(number, OPEN),
            "earliest": earliest,
            "latest": latest,
            "core_earliest": core_earliest,
            "core_latest": core_latest,
            "weight": np.full(number, 256),
            "passages": np.ones(number, dtype=np.int64),
        }

    def _batch(self, schema: pa.Schema, columns: dict[str, Numbers]) -> pa.RecordBatch:
        made: dict[str, pa.Array] = {
            "ground": pa.array(columns["ground"], pa.int64()),
            "stance": pa.nulls(len(columns["source"]), _NAMES),
            # Products of a few weights are exact, so that engines can be compared.
            "weight": pa.array((columns["weight"] / 256).astype(np.float32)),
            "passages": pa.array(np.minimum(columns["passages"], 255).astype(np.uint8)),
            "kind": _encoded(columns["kind"], lambda codes: pa.array(KINDS).take(codes)),
            "type": _encoded(columns["type"], lambda codes: pa.array(TYPES).take(codes)),
            "issue": _encoded(
                columns["issue"],
                lambda codes: pc.binary_join_element_wise("issue/dossier", _text(codes), "-"),
            ),
        }
        for name in ("source", "target"):
            made[name] = _encoded(columns[name], self.names)
        for name in ("earliest", "latest", "core_earliest", "core_latest"):
            if name in columns:
                days = columns[name]
                made[name] = pa.array(days.astype(np.int32), pa.int32(), mask=days == OPEN).cast(
                    pa.date32()
                )
        return pa.record_batch([made[name] for name in schema.names], schema=schema)


def _falling(number: int, sort: str) -> npt.NDArray[np.float64]:
    return np.asarray(np.arange(1, number + 1) ** -FALL_WITH_RANK[sort])


def _summed(shares: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    sums = np.cumsum(shares)
    return np.asarray(sums[:-1] / sums[-1])


def _month(days: Numbers) -> tuple[Numbers, Numbers]:
    """Return the first and the last day of the month of each day."""
    months = days.astype("M8[D]").astype("M8[M]")
    first = months.astype("M8[D]").astype(np.int64)
    return first, (months + 1).astype("M8[D]").astype(np.int64) - 1


def _to_the_month(
    earliest: Numbers, latest: Numbers, draws: Draws
) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Return spans and cores of relations, of which some begin or end on a day not known.

    What begins in a month certainly holds on its last day only, and what ends on its first.
    """
    earliest, latest = earliest.copy(), latest.copy()
    core_earliest, core_latest = np.full(len(earliest), OPEN), np.full(len(latest), OPEN)
    begins = np.flatnonzero(draws.random(len(earliest)) < TENURE_TO_THE_MONTH)
    earliest[begins], core_earliest[begins] = _month(earliest[begins])
    ends = np.flatnonzero((draws.random(len(latest)) < TENURE_TO_THE_MONTH) & (latest != OPEN))
    core_latest[ends], latest[ends] = _month(latest[ends])
    return earliest, latest, core_earliest, core_latest


def _text(numbers: Numbers) -> pa.Array:
    return pa.array(numbers).cast(pa.string())


def _encoded(codes: Numbers, names: Callable[[Numbers], pa.Array]) -> pa.DictionaryArray:
    """Return codes as strings, with a dictionary of only those that occur."""
    found, places = np.unique(codes, return_inverse=True)
    absent = int(len(found) > 0 and found[0] == OPEN)
    places = places - absent
    indices = pa.array(places.astype(np.int32), mask=places < 0)
    return pa.DictionaryArray.from_arrays(indices, names(found[absent:]))


def _things(names: pa.Array, which: Numbers, lists: list[list[str]]) -> pa.RecordBatch:
    """Return things with classes; a label is the name in words."""
    words = pc.replace_substring(pc.list_element(pc.split_pattern(names, "/"), 1), "-", " ")
    classes = pa.array(lists, pa.list_(pa.string())).take(pa.array(which))
    return pa.record_batch([names, classes, pc.utf8_capitalize(words)], schema=THINGS)


def _hop(row: dict[str, object]) -> Hop:
    """Return a row as a hop. An end of a core that is not given is that of the span."""

    def day(name: str, otherwise: int) -> int:
        found = row.get(name)
        return found.toordinal() if isinstance(found, date) else otherwise

    ground = str(row["ground"])
    earliest, latest = day("earliest", NO_BEGINNING), day("latest", NO_END)
    standing = "core_earliest" in row
    core = (day("core_earliest", earliest), day("core_latest", latest))
    weight, passages = row["weight"], row["passages"]
    assert isinstance(weight, float)
    assert isinstance(passages, int)
    return Hop(
        ground,
        str(row["kind"]),
        str(row["source"]),
        str(row["target"]),
        frozenset() if row["issue"] is None else frozenset([Matter(str(row["issue"]))]),
        earliest,
        latest,
        standing=standing,
        core=core if standing else None,
        weight=weight,
        evidence=tuple(f"{ground}#{passage}" for passage in range(passages)),
    )


def main(arguments: Iterable[str] | None = None) -> None:
    """Write a register into a folder."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("acts", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quads", type=Path, metavar="FILE", help="N-Quads too; .gz compresses")
    given = parser.parse_args(None if arguments is None else list(arguments))
    register = Register(given.acts, given.seed)
    register.write(given.folder)
    if given.quads:
        from .register_quads import write

        write(register, given.quads)


if __name__ == "__main__":
    main()
