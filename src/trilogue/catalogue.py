"""The query catalogue: one query a file, its question in the header."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from trilogue.errors import QueryError, nearest
from trilogue.project import Project

CANONICAL = "sme-member-state-council"
"""The query that the graph was built for."""

_FIELD = re.compile(r"\*\*(?P<name>[A-Z][a-z]+):\*\*\s*")


@dataclass(frozen=True)
class Query:
    """A query file: its text, and what its header says."""

    path: Path
    text: str

    @property
    def name(self) -> str:
        """The name by which the command line calls it."""
        return self.path.stem

    @property
    def kind(self) -> str:
        """The folder it stands in: tables, paths, competency and so on."""
        return self.path.parent.name

    @property
    def question(self) -> str:
        r"""The first line of the header.

        >>> Query(Path("a.rq"), "# # Who met whom?\n# **Answers:** pairs.\n").question
        'Who met whom?'
        """
        first = self._header().partition("\n")[0]
        return first.removeprefix("# ").strip()

    def field(self, name: str) -> str:
        r"""Return a field of the header, such as Answers or Reads; empty where it has none.

        >>> Query(Path("a.rq"), "# # Who?\n# **Reads:** resolved,\n#   inferred.\n").field("Reads")
        'resolved, inferred.'
        """
        parts = _FIELD.split(self._header())
        fields = dict(zip(parts[1::2], parts[2::2], strict=True))
        return " ".join(fields.get(name, "").split())

    @property
    def reads(self) -> tuple[str, ...]:
        r"""The layers that it asks: ontology, asserted, resolved, inferred.

        >>> Query(Path("a.rq"), "# # Who?\n# **Reads:** asserted, inferred.\n").reads
        ('asserted', 'inferred')
        """
        return tuple(re.findall(r"[a-z]+", self.field("Reads")))

    @property
    def asserted(self) -> bool:
        """Whether it asks the asserted layer, where both sides of contradictions stand."""
        return "asserted" in self.reads

    @property
    def answered_here(self) -> bool:
        """Whether the graph alone answers it: rules add to it, and federated queries ask others."""
        return self.kind not in ("inference", "federation")

    @property
    def level(self) -> str:
        """How grave the findings of a check are: ERROR, WARN or INFO."""
        return self.field("Level")

    @property
    def covers(self) -> tuple[str, ...]:
        r"""The tests of other checkers that a check stands for.

        >>> Query(Path("a.rq"), "# # A?\n# **Covers:** OOPS! P08; FOOPS! VOC3.\n").covers
        ('OOPS! P08', 'FOOPS! VOC3')
        """
        names = self.field("Covers").removesuffix(".").split(";")
        return tuple(name.strip() for name in names if name.strip())

    @property
    def expected(self) -> Path:
        """The file of the expected result."""
        return self.path.parent / "expected" / f"{self.name}.csv"

    def _header(self) -> str:
        lines = []
        for line in self.text.splitlines():
            if not line.startswith("#"):
                break
            lines.append(line.removeprefix("#").removeprefix(" "))
        return "\n".join(lines)


def read(project: Project, kind: str | None = None) -> list[Query]:
    """Return the queries of the catalogue in order of kind and name."""
    paths = project.queries.glob(f"{kind or '*'}/*.rq")
    return [Query(path, path.read_text("utf-8")) for path in sorted(paths)]


def find(project: Project, name: str) -> Query:
    """Return the query of that name, or that stands in that file.

    Raises `QueryError`, with the nearest names, where there is none.
    """
    path = Path(name)
    if path.suffix == ".rq" or "/" in name or path.is_file():
        try:
            return Query(path, path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not UTF-8"
            raise QueryError(f"{name}: cannot be read: {reason}") from None
    queries = {query.name: query for query in read(project)}
    if name in queries:
        return queries[name]
    raise QueryError(f"no query '{name}' in the catalogue{nearest(name, queries)}")
