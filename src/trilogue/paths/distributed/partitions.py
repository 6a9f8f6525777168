"""Acts as Parquet partitioned by issue, beside the register that they were read from.

`FOLDER/partitions/` holds `acts` (one folder an issue), `relations`, `things` (those that have a
hop, with their classes) and `header.json`. It is written at first use, and used again while the
register has the same content. On a cluster, all machines must see the folder under the same path.
"""

from __future__ import annotations

import functools
import json
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trilogue.errors import TrilogueError
from trilogue.paths.compiled.columns import EPOCH, digest_of_files
from trilogue.paths.network import NO_BEGINNING, NO_END

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

FOLDER = "partitions"
HOP = ("ground", "kind", "source", "target")  # what rows of one hop have in common
_VERSION = 1
_DAYS = ("earliest", "latest", "core_earliest", "core_latest")
_NAMED = ("kind", "issue", "type")
_OPTIONAL = ("weight", "passages")


class Partitions:
    """The hops and things of a register, as Spark reads them."""

    def __init__(self, spark: SparkSession, folder: Path) -> None:
        self.spark = spark
        self.path = folder / FOLDER
        digest = digest_of_files(folder)
        if _header(self.path).get("digest") != [_VERSION, digest]:
            _write(spark, folder, [_VERSION, digest])
        self.header = _header(self.path)
        self.acts = self._read("acts")
        self.relations = self._read("relations")
        self.things = self._read("things")

    def _read(self, name: str) -> DataFrame:
        from pyspark.sql.types import StructType

        schema = StructType.fromJson(self.header["schemas"][name])
        return self.spark.read.schema(schema).parquet(str(self.path / name))

    @functools.cached_property
    def hops(self) -> DataFrame:
        """Acts and relations alike, one row a hop and matter; days count as `network.Hop` does."""
        from pyspark.sql import functions

        parts = []
        for rows, standing in ((self.acts, False), (self.relations, True)):
            days = [
                functions.expr(f"coalesce(unix_date({column}) + {EPOCH}, {otherwise})").alias(name)
                for name, column, otherwise in _days_of(rows)
            ]
            columns = [*HOP, "type", "issue", "stance"]
            parts.append(rows.select(*columns, *days, functions.lit(standing).alias("standing")))
        return parts[0].unionByName(parts[1])

    def members(self, names: Iterable[str]) -> DataFrame:
        """Return the things that are one of the names, or a member of one of them."""
        from pyspark.sql import functions

        wanted = functions.array(*map(functions.lit, sorted(names)))
        chosen = functions.array_contains(wanted, functions.col("thing"))
        classes = functions.coalesce(functions.col("classes"), functions.array())
        return self.things.where(chosen | functions.arrays_overlap(classes, wanted)).select("thing")


def _days_of(rows: DataFrame) -> list[tuple[str, str, int]]:
    """Return name, column and open end of each day; a core's that is not given is the span's."""
    found = []
    for name in _DAYS:
        span = name.removeprefix("core_")
        column = f"coalesce({name}, {span})" if name in rows.columns else span
        found.append((name, column, NO_END if name.endswith("latest") else NO_BEGINNING))
    return found


def _header(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((path / "header.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _write(spark: SparkSession, folder: Path, digest: list[object]) -> None:
    """Write all beside its place, and move it there when it is whole."""
    tables = {
        name: spark.read.parquet(str(folder / f"{name}.parquet"))
        for name in ("acts", "relations", "things")
    }
    tables["acts"], tables["relations"] = _with_like_grounds(tables["acts"], tables["relations"])
    header: dict[str, Any] = {"digest": digest, "several": False}
    with tempfile.TemporaryDirectory(dir=folder, prefix=f".{FOLDER}.") as name:
        aside = Path(name)
        aside.chmod(0o755)
        for part in ("acts", "relations"):
            _refuse_wrong(tables[part], folder / f"{part}.parquet")
            tables[part], several = _said_once(tables[part], folder / f"{part}.parquet")
            header["several"] |= several
        header |= _vocabulary(tables)
        tables["things"] = _things_with_hops(tables)
        for part, rows in tables.items():
            writer = rows.write.partitionBy("issue") if part == "acts" else rows.write
            writer.parquet(str(aside / part))
        header["schemas"] = {part: rows.schema.jsonValue() for part, rows in tables.items()}
        (aside / "header.json").write_text(json.dumps(header, ensure_ascii=False), "utf-8")
        shutil.rmtree(folder / FOLDER, ignore_errors=True)
        aside.rename(folder / FOLDER)
        aside.mkdir()  # for its owner to remove


def _with_like_grounds(acts: DataFrame, relations: DataFrame) -> tuple[DataFrame, DataFrame]:
    if acts.schema["ground"].dataType == relations.schema["ground"].dataType:
        return acts, relations
    acts, relations = (
        rows.withColumn("ground", rows["ground"].cast("string")) for rows in (acts, relations)
    )
    return acts, relations


def _refuse_wrong(rows: DataFrame, path: Path) -> None:
    """Refuse rows that are no hops, as the index of the embedded engine does."""
    wrong = {f"without a {name}": f"{name} IS NULL" for name in HOP}
    wrong |= {f"without a {name}": f"{name} IS NULL" for name in _OPTIONAL if name in rows.columns}
    wrong["whose latest day is before the earliest"] = "latest < earliest"
    if "weight" in rows.columns:
        wrong["whose weight is not in (0, 1]"] = "NOT (weight > 0 AND weight <= 1)"
    numbers = [f"count_if({condition})" for condition in wrong.values()]
    found = rows.selectExpr(*numbers).first()
    for what, number in zip(wrong, found or (), strict=True):
        if number:
            raise TrilogueError(f"{path}: {number} rows {what}")


def _said_once(rows: DataFrame, path: Path) -> tuple[DataFrame, bool]:
    """Leave out the matters of a hop that say nothing more; tell whether any hop has several rows.

    Only rows of grounds that come again are looked at: a register may have none.
    """
    from pyspark.sql import Window, functions

    again = rows.groupBy("ground").count().where("count > 1").select("ground").persist()
    if again.isEmpty():
        return rows, False
    some = rows.join(again, "ground", "left_semi").select(rows.columns)
    rest = [name for name in rows.columns if name not in (*HOP, "issue", "stance")]
    contradiction = (
        some.groupBy(*HOP)
        .agg(functions.count_distinct(functions.struct(*rest)).alias("number"))
        .where("number > 1")
        .first()
    )
    if contradiction is not None:
        raise TrilogueError(f"{path}: the rows of ground {contradiction.ground} contradict another")
    of_hop, on_issue = Window.partitionBy(*HOP), Window.partitionBy(*HOP, "issue")
    names_any = functions.max(functions.col("issue").isNotNull()).over(of_hop)
    takes_any = functions.max(functions.col("stance").isNotNull()).over(on_issue)
    said = (
        some.withColumn("names_any", names_any)
        .withColumn("takes_any", takes_any)
        .where("issue IS NOT NULL OR NOT names_any")
        .where("stance IS NOT NULL OR NOT takes_any")
        .dropDuplicates([*HOP, "issue", "stance"])
        .select(rows.columns)
    )
    return rows.join(again, "ground", "left_anti").select(rows.columns).unionByName(said), True


def _things_with_hops(tables: dict[str, DataFrame]) -> DataFrame:
    ends = [
        tables[part].selectExpr(f"CAST({end} AS STRING) AS thing")
        for part in ("acts", "relations")
        for end in ("source", "target")
    ]
    every = functools.reduce(lambda one, other: one.union(other), ends).distinct()
    classes = tables["things"].select("thing", "classes").dropDuplicates(["thing"])
    return every.join(classes, "thing", "left")


def _vocabulary(tables: dict[str, DataFrame]) -> dict[str, list[str]]:
    """Return what a query can name, but for things."""
    found: dict[str, set[str]] = {"kinds": set(), "issues": set(), "classes": set()}
    for part in ("acts", "relations"):
        row = tables[part].selectExpr(*(f"collect_set({name})" for name in _NAMED)).first()
        for name, some in zip(found, row or (), strict=True):
            found[name].update(some)
    classes = tables["things"].selectExpr("explode(classes) AS name").distinct().collect()
    found["classes"].update(row.name for row in classes)
    return {name: sorted(some - {""}) for name, some in found.items()}
