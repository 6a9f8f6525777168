"""The answers of a path query, in the forms in which people want them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sized
from typing import TYPE_CHECKING, Protocol

from trilogue.errors import QueryError
from trilogue.namespaces import compact
from trilogue.paths.enumeration import Enumeration, InfluencePath
from trilogue.paths.naming import resolved
from trilogue.paths.network import Hop, Matter, Network, day_in_words
from trilogue.paths.query import PathQuery, Score, one_of
from trilogue.results import Bindings

if TYPE_CHECKING:
    import pandas

    from trilogue.paths.register import Register

VARIABLES = ("path", "hop", "kind", "from", "to", "act", "date", "order", "evidence")


class Paths:
    """What a path query finds in a network; nothing is searched before it is asked for.

    Raises `QueryError` where the query names what the network does not know, or where no thing is
    among its origins or destinations.
    """

    def __init__(self, network: Network | Register, query: PathQuery) -> None:
        self.network = network
        self.query = resolved(query, network)
        self._search = _search(network, self.query)
        for what, names, things in (
            ("origins", query.origins, self._search.origins),
            ("destinations", query.destinations, self._search.destinations),
        ):
            if not len(things):
                listed = ", ".join(sorted(map(compact, names))) or "none given"
                raise QueryError(f"{what}: no thing of the network is among them: {listed}")

    def __iter__(self) -> Iterator[InfluencePath]:
        """Yield each path as it is found."""
        return self._search.paths()

    def exists(self) -> bool:
        """Tell whether there is a path; stops at the first."""
        return self._search.exists()

    def count(self) -> int:
        """Return the number of paths."""
        return self._search.count()

    def earliest(self) -> dict[str, str]:
        """Return the first day of arrival at each destination that is reached, the first first.

        A day is written YYYY-MM-DD, and is empty where no act of a path has one.
        """
        arrivals = self._search.earliest()
        ranked = sorted(arrivals.items(), key=lambda item: (item[1], item[0]))
        return {thing: day_in_words(day) for thing, day in ranked}

    def reachable(self) -> frozenset[str]:
        """Return the destinations at which a path ends."""
        return frozenset(self._search.earliest())

    def top(self, number: int, by: Score | str = Score.hops) -> list[InfluencePath]:
        """Return the best paths by a score, the best first."""
        if number < 1:
            raise QueryError(f"top {number}: expected 1 or more")
        return self._search.top(number, one_of(Score, by))

    def title(self, path: InfluencePath) -> str:
        """Return a path in one line: where it begins, what it carries, whom it passes.

        A place is named once where a hop leads from it to itself.
        """
        places = [path.origin, *(hop.target for hop in path.hops)]
        names = [self.network.label(place) for place, _ in itertools.groupby(places)]
        carried = matter_in_words(path.matter, self.network)
        names[0] += f" ({carried})" if carried else ""
        return " → ".join(names)

    def bindings(self, paths: Iterable[InfluencePath] | None = None) -> Bindings:
        """Return one row a hop: path, hop, kind, from, to, act, date, order, evidence."""
        rows = []
        for number, path in enumerate(self if paths is None else paths, 1):
            title = f"{number}. {self.title(path)}"
            for place, (hop, order) in enumerate(zip(path.hops, path.orders, strict=True), 1):
                ends = (self.network.label(hop.source), self.network.label(hop.target))
                details = (self._act(hop), hop.days, order, "; ".join(hop.evidence))
                rows.append((title, str(place), hop.kind, *ends, *details))
        return Bindings.of_text(VARIABLES, rows)

    def frame(self, paths: Iterable[InfluencePath] | None = None) -> pandas.DataFrame:
        """Return the same rows as a DataFrame."""
        return self.bindings(paths).frame()

    def _act(self, hop: Hop) -> str:
        """Return the act or relation in words; nothing where the ends of the hop say it all."""
        if hop.ground in (hop.source, hop.target):
            return ""
        if hop.source == hop.target and len(hop.matters) == 1:
            return matter_in_words(next(iter(hop.matters)), self.network)
        return self.network.labels.get(hop.ground, "")


class Search(Protocol):
    """What finds the answers of a query; that of `Enumeration` defines them."""

    @property
    def origins(self) -> Sized:
        """The things where paths may begin."""

    @property
    def destinations(self) -> Sized:
        """The things where paths may end."""

    def paths(self) -> Iterator[InfluencePath]:
        """Yield each path."""

    def exists(self) -> bool:
        """Tell whether there is a path."""

    def count(self) -> int:
        """Return the number of paths."""

    def earliest(self) -> dict[str, int]:
        """Return, for each destination that is reached, the first day of arrival."""

    def top(self, number: int, by: Score) -> list[InfluencePath]:
        """Return the best paths, the best first."""


def _search(network: Network | Register, query: PathQuery) -> Search:
    """Return the plain search for what fits into memory as hops, the compiled one for more."""
    if isinstance(network, Network):
        return Enumeration(network, query)
    return network.search(query)


def matter_in_words(matter: Matter | None, network: Network | Register) -> str:
    """Return what a path carries: the stance and its option, or else the issue."""
    if matter is None:
        return ""
    return " ".join(network.labels.get(name) or compact(name) for name in matter.names)
