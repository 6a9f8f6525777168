"""Spark finds the paths that the embedded engine finds, on two worker processes, one killed or not."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from benchmarks.registers import Register as Synthetic
from conftest import Run

from trilogue.errors import QueryError, TrilogueError
from trilogue.paths.distributed.reduction import components
from trilogue.paths.distributed.register import DistributedRegister
from trilogue.paths.distributed.session import connected
from trilogue.paths.enumeration import Enumeration
from trilogue.paths.enumeration import InfluencePath as Found
from trilogue.paths.expression import parse
from trilogue.paths.network import Hop, Matter, Network
from trilogue.paths.query import Carry, Order, PathQuery, Score
from trilogue.paths.register import Register

MASTER = "local-cluster[2,1,2048]"
UPTAKE = "contact/office?/(membership|part)?/position/adoption"
RESTATED = "membership?/contact[type=tlg:Meeting; from!=tlg:Firm]/office/position{1,2}/adoption"
AGAIN = "contact/(office|part)*/position+"
SMALL_FIRMS = "tlg:SmallOrMediumEnterprise"
# Code that runs for seconds is not worth compiling well.
QUICKLY = {
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
    "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}
ACTS = pa.schema(
    [("ground", pa.int64())]
    + [(name, pa.string()) for name in ("kind", "source", "target", "issue", "stance")]
    + [("earliest", pa.date32()), ("latest", pa.date32())]
)
SECONDS = 60  # for what a worker does to begin


def asked(expression: str, origin: str, destination: str, **conditions: Any) -> PathQuery:
    return PathQuery(expression, frozenset([origin]), frozenset([destination]), **conditions)


def walks(paths: Iterator[Found]) -> Counter[object]:
    return Counter((path.hops, path.matter, path.arrival, path.duration) for path in paths)


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    pytest.importorskip("pyspark", reason="needs PySpark, the extra `spark`")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("needs Java 17 or later: on the PATH, or in JAVA_HOME")
    with connected(MASTER, QUICKLY) as session:
        yield session


@pytest.fixture(scope="module")
def registers(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Folders of registers, by their number of acts."""
    folder = tmp_path_factory.mktemp("registers")
    found = {acts: folder / str(acts) for acts in (2_000, 100_000, 1_000_000)}
    for acts, path in found.items():
        Synthetic(acts).write(path)
    return found


def agree(one: Register, other: Register, query: PathQuery, *, listed: bool = True) -> int:
    """Hold a register against another; return the number of paths."""
    ours, theirs = one.search(query), other.search(query)
    expected = theirs.count()
    assert ours.count() == expected
    assert ours.earliest() == theirs.earliest()
    if listed:
        assert walks(ours.paths()) == walks(theirs.paths())
        best = [path.weight for path in ours.top(10, Score.weight)]
        assert best == [path.weight for path in theirs.top(10, Score.weight)]
    return expected


@pytest.mark.spark
@pytest.mark.parametrize(
    ("acts", "query"),
    [
        (100_000, asked(UPTAKE, SMALL_FIRMS, "text/provision-27")),
        (100_000, asked(RESTATED, "tlg:TradeAssociation", "text/provision-27", largest_gap=300)),
        (1_000_000, asked(UPTAKE, "actor/organisation-20", "text/provision-104")),
    ],
)
def test_spark_finds_what_the_embedded_engine_finds(
    spark: Any, registers: dict[int, Path], acts: int, query: PathQuery
) -> None:
    folder = registers[acts]
    assert agree(DistributedRegister(spark, folder), Register(folder), query)


@pytest.mark.spark
@pytest.mark.parametrize(
    "query",
    [
        asked(UPTAKE, SMALL_FIRMS, "tlg:TextVersion", ties=False, largest_duration=400),
        asked(UPTAKE, "tlg:Firm", "tlg:TextVersion", order=Order.certain, largest_gap=500),
        asked(AGAIN, "tlg:Firm", "actor/council", carry=Carry.nothing, most_hops=3),
    ],
)
def test_paths_too_many_for_one_machine_are_counted_and_dated_on_spark(
    spark: Any, registers: dict[int, Path], query: PathQuery
) -> None:
    folder = registers[2_000]
    embedded, none_comes_back = Register(folder), DistributedRegister(spark, folder, most=0)
    assert agree(none_comes_back, embedded, query, listed=False)
    search = none_comes_back.search(query)
    for refused in (lambda: next(search.paths()), lambda: search.top(1, Score.hops)):
        with pytest.raises(QueryError, match="narrow the query, or ask for the number"):
            refused()
    with pytest.raises(QueryError, match="too many to count simple paths"):
        none_comes_back.search(replace(query, simple=True)).count()


@pytest.mark.spark
def test_hops_with_several_matters_carry_each_of_them(spark: Any, tmp_path: Path) -> None:
    network = _write_several(tmp_path)
    register, none_comes_back = (DistributedRegister(spark, tmp_path, most) for most in (1000, 0))
    for carry in Carry:
        query = asked("contact/office?/position{1,2}", "actor/firm", "actor/body", carry=carry)
        expected = Enumeration(network, query)
        assert none_comes_back.search(query).count() == expected.count() > 0
        assert walks(register.search(query).paths()) == walks(expected.paths())
    nowhere = register.paths("contact/office", origins="actor/firm", destinations="actor/body")
    assert (nowhere.count(), nowhere.earliest(), nowhere.exists()) == (0, {}, False)


@pytest.mark.spark
def test_a_worker_killed_in_the_middle_of_a_job_does_not_change_the_answer(
    spark: Any, registers: dict[int, Path]
) -> None:
    folder = registers[1_000_000]
    query = asked(UPTAKE, SMALL_FIRMS, "text/provision-530")
    register = DistributedRegister(spark, folder)
    killed: list[int] = []

    def kill() -> None:
        status = spark.sparkContext.statusTracker()
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline and not killed:
            stages = map(status.getStageInfo, status.getActiveStageIds())
            if any(stage and stage.numActiveTasks for stage in stages):
                killed.append(_executors(spark)[0])
                os.kill(killed[0], signal.SIGKILL)
            time.sleep(0.01)

    _wait_for_executors(spark)
    killer = threading.Thread(target=kill)
    killer.start()
    search = register.search(query)
    count, earliest = search.count(), search.earliest()
    killer.join()
    assert killed, "no job was running"
    _wait_for_executors(spark)
    assert killed[0] not in _executors(spark)
    embedded = Register(folder).search(query)
    assert (count, earliest) == (embedded.count(), embedded.earliest())
    assert count > 0


def _executors(spark: Any) -> list[int]:
    """Return the processes of the executors of a session."""
    name = f"--app-id\0{spark.sparkContext.applicationId}\0".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes()
        except OSError:
            continue  # ended in the meantime
        if name in words and b"CoarseGrainedExecutorBackend" in words:
            found.append(int(path.parent.name))
    return found


def _wait_for_executors(spark: Any) -> None:
    deadline = time.monotonic() + SECONDS
    while len(_executors(spark)) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(_executors(spark)) == 2


def _write_several(folder: Path) -> Network:
    """Write a register of which some acts have several rows; return the same as a network."""
    begin = date(2023, 1, 1)
    matters: list[tuple[str, str, str, list[tuple[str | None, str | None]]]] = [
        ("contact", "actor/firm", "actor/minister", [("issue/x", None), ("issue/x", "for a")]),
        ("contact", "actor/firm", "actor/minister", [("issue/x", "for a"), ("issue/y", "for b")]),
        ("contact", "actor/firm", "actor/state", [(None, None), ("issue/y", None)]),
        ("position", "actor/state", "actor/body", [("issue/x", "for a"), ("issue/x", "for c")]),
        ("position", "actor/state", "actor/body", [("issue/y", None), ("issue/y", None)]),
        ("position", "actor/body", "actor/body", [(None, None)]),
        ("office", "actor/minister", "actor/state", [(None, None)]),
    ]
    hops: list[Hop] = []
    rows: dict[bool, list[dict[str, object]]] = {False: [], True: []}
    for number, (kind, source, target, named) in enumerate(matters):
        standing = kind == "office"
        days = begin if standing else begin + timedelta(number), begin + timedelta(number + 1)
        span = days[0].toordinal(), days[1].toordinal()
        carried = frozenset(Matter(issue, stance) for issue, stance in named if issue)
        core = span if standing else None
        ends = (str(number), kind, source, target)
        hops.append(Hop(*ends, carried, *span, standing=standing, core=core))
        rows[standing] += [
            dict(zip(ACTS.names, (number, *ends[1:], *matter, *days), strict=True))
            for matter in named
        ]
    for name, some in (("acts", rows[False]), ("relations", rows[True])):
        table = pa.Table.from_pylist(some, ACTS).append_column(
            "type", pa.nulls(len(some), pa.string())
        )
        pq.write_table(table, folder / f"{name}.parquet")
    things = [{"thing": "actor/firm", "classes": ["tlg:Firm"]}]
    pq.write_table(pa.Table.from_pylist(things), folder / "things.parquet")
    return Network(tuple(hops))


def test_positions_are_gone_through_so_that_none_is_needed_before_its_turn() -> None:
    order = components(parse("a?/(b|c/(d/e)*)/f+"))
    assert [positions for positions, _ in order][-1] == [5]
    places = {position: place for place, (some, _) in enumerate(order) for position in some}
    assert places[0] < places[1] < places[5]
    assert places[2] < places[3] == places[4] < places[5]
    assert [again for _, again in order if again] == [True, True]


def test_without_pyspark_the_user_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "py4j", None)
    monkeypatch.setitem(sys.modules, "py4j.protocol", None)
    message = r"needs PySpark: pip install 'trilogue\[spark\]'"
    with pytest.raises(TrilogueError, match=message), connected(MASTER):
        pass


def test_the_engine_is_for_registers(run: Run) -> None:
    search = ("paths", "--along", "contact", "--from", "Firm", "--to", "Person")
    result = run(*search, "--engine", "spark")
    assert result.returncode == 2
    assert "--engine spark: only with --data" in result.stderr
    result = run(*search, "--master", "local[1]")
    assert "--master: only with --engine spark" in result.stderr
