"""Influence paths in DuckDB: every walk by joins, and the best that we could write by hand.

`Tables.walks` is written from `semantics.md`, not from our engines, which are tested against it:
one chain of joins for each word that the expression matches, and all conditions on datings at once,
in the closed form of a simple temporal problem (Dechter, Meiri and Pearl 1991) instead of day by
day. `ByHand` answers four questions about one expression as a skilled user of DuckDB would.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from trilogue.paths.network import NO_BEGINNING, NO_END
from trilogue.paths.query import Carry, Order, PathQuery

Word = tuple[str, ...]
Walk = tuple[tuple[int, ...], str | None]
Weighed = tuple[tuple[int, ...], float]

EPOCH = 719_163  # the ordinal of the day from which DuckDB counts
STANDING = ("office", "membership", "part")


def words(*places: Sequence[str]) -> list[Word]:
    """Return every word of an expression that gives kinds for each place, "" for none.

    >>> words(["contact"], ["", "office"])
    [('contact',), ('contact', 'office')]
    """
    return [tuple(filter(None, chosen)) for chosen in itertools.product(*places)]


class Tables:
    """A register in DuckDB, with things and issues numbered; one thread, as our engine has."""

    def __init__(self, folder: Path) -> None:
        self.connection = duckdb.connect(config={"threads": 1})
        self._run("SET preserve_insertion_order = false")
        # Estimates are wrong by orders of magnitude here; the order in which we write is kept.
        self._run("SET disabled_optimizers = 'join_order,build_side_probe_side'")
        for name in ("things", "acts", "relations"):
            self._run(f"CREATE VIEW {name} AS FROM '{folder / name}.parquet'")
        self._run("CREATE TABLE thing AS SELECT row_number() OVER () AS id, * FROM things")
        self._run(
            "CREATE TABLE issue AS SELECT row_number() OVER () AS id, issue AS name "
            "FROM (SELECT DISTINCT issue FROM acts WHERE issue IS NOT NULL ORDER BY issue)"
        )
        self._hops()

    def walks(self, query: PathQuery, expression: Iterable[Word], where: Mapping[str, str]) -> str:
        """Return SQL for the paths of a query: grounds in order, and the issue that they carry.

        The words stand for the expression; `where` has a condition on the hops of some kinds.
        """
        return "\nUNION\n".join(
            self._walks_of(word, query, where) for word in expression if len(word) <= query.bound
        )

    def paths(
        self, query: PathQuery, expression: Iterable[Word], where: Mapping[str, str] | None = None
    ) -> Iterator[Walk]:
        """Yield the paths of a query."""
        rows = self.connection.execute(
            f"SELECT w.grounds, i.name FROM ({self.walks(query, expression, where or {})}) w "
            "LEFT JOIN issue i ON i.id = w.carried"
        )
        while batch := rows.fetchmany(10_000):
            yield from ((tuple(grounds), issue) for grounds, issue in batch)

    def count(
        self, query: PathQuery, expression: Iterable[Word], where: Mapping[str, str] | None = None
    ) -> int:
        """Return the number of paths of a query."""
        return self._one(f"SELECT count(*) FROM ({self.walks(query, expression, where or {})})")

    def _hops(self) -> None:
        """Make a table for each kind, sorted by issue, where any, and by source."""
        days = ", ".join(
            f"coalesce({column} - DATE '1970-01-01' + {EPOCH}, {otherwise})::INT AS {name}"
            for column, otherwise, name in (
                ("earliest", NO_BEGINNING, "earliest"),
                ("latest", NO_END, "latest"),
                ("coalesce(core_earliest, earliest)", NO_BEGINNING, "core_earliest"),
                ("coalesce(core_latest, latest)", NO_END, "core_latest"),
            )
        )
        numbered = (
            f"SELECT ground, type, s.id AS source, t.id AS target, i.id AS issue, {days}, "
            "weight, passages "
            "FROM {table} JOIN thing s ON s.thing = source JOIN thing t ON t.thing = target "
            "LEFT JOIN issue i ON i.name = issue WHERE kind = '{kind}' ORDER BY issue, source"
        )
        acts = "(SELECT *, NULL::DATE AS core_earliest, NULL::DATE AS core_latest FROM acts)"
        for kind in ("contact", "position", "adoption", *STANDING):
            table = "relations" if kind in STANDING else acts
            self._run(f"CREATE TABLE {kind} AS {numbered.format(table=table, kind=kind)}")

    def _members(self, names: Iterable[str]) -> str:
        """Return SQL for the numbers of the things that are one of the names, or of such a class."""
        quoted = ", ".join(f"'{name}'" for name in sorted(names))
        return (
            f"(SELECT id FROM thing WHERE thing IN ({quoted}) OR list_has_any(classes, [{quoted}]))"
        )

    def _number(self, names: Iterable[str]) -> int:
        return self._one(f"SELECT count(*) FROM {self._members(names)}")

    def _walks_of(self, word: Word, query: PathQuery, where: Mapping[str, str]) -> str:
        hops = [f"h{place}" for place in range(len(word))]
        conditions = [
            f"{hops[0]}.source IN {self._members(query.origins)}",
            f"{hops[-1]}.target IN {self._members(query.destinations)}",
            *(f"{one}.target = {other}.source" for one, other in itertools.pairwise(hops)),
            *(f"({where[k].format(hop=h)})" for h, k in zip(hops, word, strict=True) if k in where),
            *self._carrying(hops, query),
            *_in_order(word, query),
        ]
        if query.simple:
            conditions += _simple(hops)
        carried = "NULL"
        if query.carry is not Carry.nothing:
            carried = f"coalesce({', '.join(f'{hop}.issue' for hop in hops)})"
        if query.issues is not None:
            issues = ", ".join(f"'{issue}'" for issue in query.issues)
            conditions.append(f"{carried} IN (SELECT id FROM issue WHERE name IN ({issues}))")
        tables = [f"{kind} {hop}" for kind, hop in zip(word, hops, strict=True)]
        if self._number(query.destinations) < self._number(query.origins):
            tables.reverse()
        return (
            f"SELECT [{', '.join(f'{hop}.ground' for hop in hops)}] AS grounds, {carried} AS carried\n"
            f"FROM {', '.join(tables)}\nWHERE {' AND '.join(conditions)}"
        )

    def _carrying(self, hops: Sequence[str], query: PathQuery) -> list[str]:
        """Return that hops name one issue or none; the registers have no stances."""
        if query.carry is Carry.nothing:
            return []
        return [
            f"({one}.issue = {other}.issue OR {one}.issue IS NULL OR {other}.issue IS NULL)"
            for one, other in itertools.combinations(hops, 2)
        ]

    def _run(self, statement: str) -> None:
        self.connection.execute(statement)

    def _one(self, statement: str) -> int:
        found = self.connection.execute(statement).fetchone()
        assert found is not None
        return int(found[0])


def _in_order(word: Word, query: PathQuery) -> list[str]:
    """Return the conditions on datings: those on each pair of acts, and no others, are enough."""
    acts = [place for place, kind in enumerate(word) if kind not in STANDING]
    spans = "core_" if query.order is Order.certain else ""
    if not acts:
        begins, ends = (
            f"{function}({', '.join(f'h{place}.{spans}{end}' for place in range(len(word)))})"
            for function, end in (("greatest", "earliest"), ("least", "latest"))
        )
        return [f"{begins} <= {ends}"]
    relations: dict[int, list[int]] = {act: [] for act in acts}
    for place, kind in enumerate(word):
        if kind in STANDING:
            relations[max([act for act in acts if act < place], default=acts[0])].append(place)
    return _certain(acts, relations, query) if spans else _possible(acts, relations, query)


def _certain(acts: list[int], relations: Mapping[int, list[int]], query: PathQuery) -> list[str]:
    conditions = [
        condition
        for act in acts
        for place in relations[act]
        for condition in (
            f"h{place}.core_earliest <= h{act}.earliest",
            f"h{act}.latest <= h{place}.core_latest",
        )
    ]
    for one, other in itertools.pairwise(acts):
        conditions.append(f"h{one}.latest + {query.step} <= h{other}.earliest")
        if query.largest_gap is not None:
            conditions.append(f"h{other}.latest - h{one}.earliest <= {query.largest_gap}")
    if query.largest_duration is not None and len(acts) > 1:
        conditions.append(f"h{acts[-1]}.latest - h{acts[0]}.earliest <= {query.largest_duration}")
    return conditions


def _possible(acts: list[int], relations: Mapping[int, list[int]], query: PathQuery) -> list[str]:
    """Return that the differences of days make no negative cycle through any two acts."""
    step, gap, duration = query.step, query.largest_gap, query.largest_duration
    steps = len(acts) - 1
    begins, ends = (
        [
            f"{function}({', '.join(f'h{place}.{end}' for place in (act, *relations[act]))})"
            for act in acts
        ]
        for function, end in (("greatest", "earliest"), ("least", "latest"))
    )
    conditions = [f"{begin} <= {end}" for begin, end in zip(begins, ends, strict=True)]
    for one, other in itertools.combinations(range(len(acts)), 2):
        apart = other - one
        conditions.append(f"{begins[one]} + {step * apart} <= {ends[other]}")
        bounds = [] if gap is None else [gap * apart]
        bounds += [] if duration is None else [duration - step * (steps - apart)]
        if bounds:
            conditions.append(f"{begins[other]} - {ends[one]} <= {min(bounds)}")
            conditions.append("true" if min(bounds) >= step * apart else "false")
    return conditions


def _simple(hops: Sequence[str]) -> list[str]:
    met = [f"{hops[0]}.source", *(f"{hop}.target" for hop in hops)]
    return [
        f"({hop}.source = {hop}.target OR {met[place + 1]} NOT IN ({', '.join(met[: place + 1])}))"
        for place, hop in enumerate(hops)
    ]


_WHOLE = "FROM uptakes u JOIN placed p ON p.place = u.source AND p.earliest <= u.ends"


class ByHand:
    """Four questions on `contact/office?/(membership|part)?/position/adoption`, in possible order.

    Tables hold what is asked for and no more, sorted by issue, 0 for none, so that all but a few
    blocks of a table are passed over; the paths to a provision carry its issue. Nothing is searched
    for from both ends more than once, and paths are counted without being made.
    """

    EXPRESSION = "contact/office?/(membership|part)?/position/adoption"

    def __init__(self, folder: Path) -> None:
        tables = Tables(folder)
        self.connection = tables.connection
        for kind in ("contact", "position", "adoption"):
            self.connection.execute(
                f"CREATE TABLE {kind}_on AS SELECT coalesce(issue, 0)::INT AS issue, source, target, "
                f"earliest, latest, weight::DOUBLE AS weight, ground FROM {kind} "
                "ORDER BY issue, source"
            )
            self.connection.execute(f"DROP TABLE {kind}")
        self.connection.execute(
            "CREATE TABLE belonging AS FROM membership UNION ALL FROM part ORDER BY source"
        )
        self.connection.execute("CREATE TABLE named AS SELECT thing, id FROM thing ORDER BY thing")
        classes = self.connection.execute("SELECT DISTINCT unnest(classes) FROM thing").fetchall()
        self.classes = {name: f"members_{number}" for number, (name,) in enumerate(classes)}
        for name, table in self.classes.items():
            self.connection.execute(
                f"CREATE TABLE {table} AS SELECT id FROM thing WHERE list_contains(classes, '{name}')"
            )
        self.connection.execute("RESET disabled_optimizers")

    def earliest(self, origin: str, provision: str) -> int | None:
        """Return the first day on which a path can arrive; only the first at each place matters."""
        first = "(SELECT place, min(earliest) AS earliest FROM placed GROUP BY place)"
        return self._first(origin, provision, first)

    def earliest_by_joins(self, origin: str, provision: str) -> int | None:
        """Return the same from all paths."""
        return self._first(origin, provision, "placed")

    def count(self, origin: str, provision: str) -> int:
        """Return the number of paths, of which only those that begin are summed, day by day."""
        ((found,),) = self._rows(
            origin,
            provision,
            """
            SELECT coalesce(sum(n), 0) FROM uptakes u ASOF JOIN (
                SELECT place, earliest,
                       sum(count(*)) OVER (PARTITION BY place ORDER BY earliest) AS n
                FROM useful GROUP BY place, earliest
            ) p ON p.place = u.source AND p.earliest <= u.ends
            """,
        )
        return int(found)

    def count_by_joins(self, origin: str, provision: str) -> int:
        """Return the same from all paths."""
        ((found,),) = self._rows(origin, provision, f"SELECT count(*) {_WHOLE}")
        return int(found)

    def paths(self, origin: str, provision: str) -> list[Weighed]:
        """Return each path, and the product of its weights."""
        return self._paths(origin, provision)

    def top(self, number: int, origin: str, provision: str) -> list[Weighed]:
        """Return the paths of the largest weight.

        No path that begins with a light contact weighs more than that times the best uptake.
        """
        ((best,),) = self._rows(origin, provision, "SELECT coalesce(max(weight), 0) FROM uptakes")
        order = f"ORDER BY weight DESC LIMIT {number}"
        for least in (0.98, 0.7, 0.0):
            found = self._paths(origin, provision, order, least)
            if len(found) == number and found[-1][1] >= least * best:
                break
        return found

    def top_by_joins(self, number: int, origin: str, provision: str) -> list[Weighed]:
        """Return the same from all paths."""
        return self._paths(origin, provision, f"ORDER BY weight DESC LIMIT {number}")

    def average_issue(self) -> str:
        """Return the issue on which about as many acts are as on the average one."""
        ((name,),) = self.connection.execute(
            """
            WITH sizes AS (SELECT issue, count(*) AS n FROM contact_on WHERE issue > 0 GROUP BY issue)
            SELECT name FROM sizes JOIN issue ON id = issue
            ORDER BY abs(n - (SELECT avg(n) FROM sizes)), name LIMIT 1
            """
        ).fetchall()
        return str(name)

    def provisions(self, issue: str) -> list[str]:
        """Return the provisions that were adopted on an issue, by when that was first."""
        found = self.connection.execute(
            f"""
            SELECT thing FROM adoption_on a JOIN thing t ON t.id = target
            WHERE a.issue = (SELECT id FROM issue WHERE name = '{issue}')
            AND list_contains(classes, 'tlg:ProvisionVersion')
            GROUP BY thing ORDER BY min(a.earliest), thing
            """
        ).fetchall()
        return [name for (name,) in found]

    def by_number_of_paths(self, origins: str, provision: str) -> list[str]:
        """Return the members of a class from which paths lead, those with the fewest first."""
        found = self._rows(
            origins,
            provision,
            """
            SELECT thing FROM placed p ASOF JOIN (
                SELECT source, ends, sum(count(*)) OVER (PARTITION BY source ORDER BY ends DESC) AS n
                FROM uptakes GROUP BY source, ends
            ) u ON p.place = u.source AND p.earliest <= u.ends
            JOIN contact_on c ON c.ground = p.contact JOIN thing t ON t.id = c.source
            GROUP BY thing ORDER BY sum(n), thing
            """,
        )
        return [name for (name,) in found]

    def touched(self, origin: str, provision: str) -> int:
        """Return how many acts and relations lie on a walk that matches, whatever their days."""
        ((found,),) = self._rows(
            origin,
            provision,
            """
            , used AS (FROM uptakes WHERE source IN (SELECT place FROM placed))
            SELECT (SELECT count(DISTINCT contact) + count(DISTINCT office)
                    + count(DISTINCT belonging) FROM useful)
                 + (SELECT count(DISTINCT position) + count(DISTINCT adoption) FROM used)
            """,
            timed="true OR",
        )
        return int(found)

    def _first(self, origin: str, provision: str, placed: str) -> int | None:
        ((found,),) = self._rows(
            origin,
            provision,
            f"SELECT min(greatest(begins, earliest)) {_WHOLE.replace('placed', placed)}",
        )
        return None if found is None else int(found)

    def _paths(
        self, origin: str, provision: str, best: str = "", least: float = 0.0
    ) -> list[Weighed]:
        rows = self._rows(
            origin,
            provision,
            "SELECT contact, office, belonging, position, adoption, p.weight * u.weight AS weight "
            f"{_WHOLE} {best}",
            least,
        )
        return [(tuple(hop for hop in hops if hop is not None), weight) for *hops, weight in rows]

    def _rows(
        self, origin: str, provision: str, question: str, least: float = 0.0, timed: str = ""
    ) -> list[tuple[Any, ...]]:
        """Ask of `uptakes`, positions that were adopted, and `placed`, contacts and to whom they got.

        Of the days of an uptake it matters on which its own acts `begin`, and by when the contact
        must have happened. With `timed`, which comes before each condition on days, none holds.
        """
        chosen = f"FROM {self.classes[origin]}" if origin in self.classes else self._number(origin)
        target = self._number(provision)
        issues = self.connection.execute(
            f"SELECT DISTINCT issue FROM adoption_on WHERE target = {target}"
        ).fetchall()
        if len(issues) != 1:
            raise ValueError(f"{provision} is adopted on {len(issues)} issues, expected 1")
        ((issue,),) = issues
        return self.connection.execute(
            f"""
            WITH adopted AS (
                FROM adoption_on WHERE issue = {issue} AND target = {target}
            ), stated AS (
                FROM position_on WHERE issue = {issue} UNION ALL FROM position_on WHERE issue = 0
            ), uptakes AS (
                SELECT p.source, greatest(p.earliest, a.earliest) AS begins,
                       least(p.latest, a.latest) AS ends, p.weight * a.weight AS weight,
                       p.ground AS position, a.ground AS adoption
                FROM adopted a JOIN stated p ON p.target = a.source
                WHERE ({timed} p.earliest <= a.latest)
            ), addressed AS (
                SELECT target AS place, earliest, latest, weight, ground AS contact,
                       NULL AS office, NULL AS belonging
                FROM (FROM contact_on WHERE issue = {issue} AND source IN ({chosen})
                      UNION ALL FROM contact_on WHERE issue = 0 AND source IN ({chosen}))
                WHERE weight >= {least}
            ), seated AS (
                FROM addressed
                UNION ALL SELECT o.target, greatest(a.earliest, o.earliest),
                       least(a.latest, o.latest), a.weight * o.weight, contact, o.ground, NULL
                FROM addressed a JOIN office o ON o.source = a.place
                WHERE {timed} greatest(a.earliest, o.earliest) <= least(a.latest, o.latest)
            ), placed AS (
                FROM seated
                UNION ALL SELECT b.target, greatest(s.earliest, b.earliest),
                       least(s.latest, b.latest), s.weight * b.weight, contact, office, b.ground
                FROM seated s JOIN belonging b ON b.source = s.place
                WHERE {timed} greatest(s.earliest, b.earliest) <= least(s.latest, b.latest)
            ), useful AS (
                FROM placed WHERE place IN (SELECT source FROM uptakes)
            ) {question}
            """
        ).fetchall()

    def _number(self, name: str) -> int:
        ((number,),) = self.connection.execute(
            f"SELECT id FROM named WHERE thing = '{name}'"
        ).fetchall()
        return int(number)
