"""`trilogue paths --along`, run as users run it."""

from __future__ import annotations

import csv
import io
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import Run

ROUTE = ("--along", "contact/office?/part*/position", "--from", "SmallOrMediumEnterprise",
         "--to", "actor/council-of-the-eu", "--hops", "6")  # fmt: skip


def test_paths_are_printed_hop_by_hop_with_acts_order_and_pages(run: Run) -> None:
    printed = run("paths", *ROUTE, "--limit", "1").stdout
    assert printed.startswith("1. Aleph Alpha")
    assert "order certain" in printed or "order possible" in printed
    assert "p. 45, n. 3" in " ".join(printed.split())
    assert "the first 1 of " in printed


def test_the_forms_hold_one_row_a_hop(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("paths", *ROUTE, "-f", "csv").stdout)))
    bindings = json.loads(run("paths", *ROUTE, "-f", "json").stdout)["results"]["bindings"]
    assert len(rows) == len(bindings)
    assert len({row["path"] for row in rows}) == 20
    assert [row["hop"] for row in rows][:3] == ["1", "2", "3"]


def test_paths_come_as_rdf_and_as_nanopublications(run: Run) -> None:
    for form, mark in (
        ("turtle", "tlg:ContactHop"),
        ("nt", "<https://w3id.org/trilogue/ns#InfluencePath> ."),
        ("jsonld", '"https://w3id.org/trilogue/ns#hopNumber"'),
        ("rdfxml", "<rdf:RDF"),
        ("nanopub", "a np:Nanopublication"),
    ):
        assert mark in run("paths", *ROUTE, "--limit", "2", "-f", form).stdout, form


def test_what_the_limit_leaves_out_is_said_beside_the_answer(run: Run) -> None:
    result = run("paths", *ROUTE, "-f", "csv", "--limit", "2")
    count = run("paths", *ROUTE, "-f", "csv", "--answer", "count").stdout.splitlines()[1]
    assert f"the first 2 of {count} paths" in result.stderr
    assert not run("paths", *ROUTE, "-f", "csv", "--limit", "1000").stderr


def test_other_answers_are_a_number_a_truth_value_and_days(run: Run) -> None:
    assert int(run("paths", *ROUTE, "--answer", "count", "-f", "csv").stdout.splitlines()[1]) > 10
    assert run("paths", *ROUTE, "--answer", "exists").stdout == "true\n"
    arrival = run("paths", *ROUTE, "--answer", "earliest", "-f", "csv").stdout.splitlines()
    assert arrival == ["destination,day", "Council of the European Union,2023-11-09"]


@pytest.mark.parametrize("score", ["earliest", "shortest", "hops", "evidence", "weight"])
def test_the_best_are_chosen_by_each_score(run: Run, score: str) -> None:
    printed = run("paths", *ROUTE, "--best", score, "--limit", "2").stdout
    assert f"the best 2 by {score}" in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--along", "contact//office", "--from", "Firm", "--to", "Actor"), "column 9: found '/'"),
        (("--along", "contct", "--from", "Firm", "--to", "Actor"), "nearest: contact"),
        (("--along", "contact", "--from", "Frim", "--to", "Actor"), "nearest: Firm"),
        (("--along", "contact", "--to", "Actor"), "--from: expected a thing"),
        (("--along", "contact", "--from", "Firm"), "--to: expected a thing"),
        (("--along", "contact+", "--from", "Firm", "--to", "Actor"), "largest number of hops"),
        (("--along", "contact", "--from", "Firm", "--to", "Actor", "--limit", "0"), "--limit 0"),
        (("--from", "Firm", "--answer", "count"), "--from: only with --along"),
        (("sme-to-council", "--along", "contact"), "a name and --along are given"),
        (("sme-to-council", "--answer", "count", "--plot", "x.svg"), "paths are drawn"),
        (("sme-to-council", "--plot", "x.pdf"), "into a file .svg or .png"),
        (("--data", "x", "--endpoint", "http://127.0.0.1:1", "--along", "contact"), "expected one"),
        (("--along", "contact", "--from", "Meeting", "--to", "Actor"), "origins: no thing"),
        (("--along", "contact", "--from", "SELECT ?x {", "--to", "Actor"), "expected one of"),
        (("--along", "contact", "--from", "Firm", "--to", "Actor", "--issue", "x"), "no issue 'x'"),
    ],
)
def test_what_cannot_be_asked_is_one_line_and_exit_code_2(
    run: Run, arguments: tuple[str, ...], message: str
) -> None:
    result = run("paths", *arguments)
    assert result.returncode == 2
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not result.stdout


def catches_interrupts(process: subprocess.Popen[str]) -> bool:
    """Tell whether a process has a handler for Ctrl-C, as Linux shows it."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    mask = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(mask, 16) >> (signal.SIGINT - 1) & 1)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
def test_an_interrupt_ends_the_search_with_one_line() -> None:
    command = [sys.executable, "-m", "trilogue.cli", "paths", "--along", "any{1,9}", "--from",
               "Actor", "--to", "Actor", "--carry", "nothing", "--answer", "count"]  # fmt: skip
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        # Python catches signals, the store is then asked deaf to them, and the search is not.
        for caught in (True, False, True):
            while catches_interrupts(process) is not caught:
                time.sleep(0.01)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        printed, message = process.communicate(timeout=20)
    assert process.returncode == 130
    assert message.strip().splitlines()[-1:] == ["trilogue: interrupted; nothing was half written"]
    assert not printed


def test_a_route_is_searched_by_its_name(run: Run) -> None:
    assert "27 paths" in run("paths", "sme-to-council", "--limit", "1").stdout
    number = run("paths", "sme-to-council", "--order", "certain", "--answer", "count", "-f", "csv")
    assert 0 < int(number.stdout.splitlines()[1]) < 27


def test_paths_are_drawn_into_a_file(run: Run, tmp_path: Path) -> None:
    for name in ("paths.svg", "paths.png"):
        result = run("paths", "sme-to-council", "--limit", "3", "--plot", str(tmp_path / name))
        assert result.stderr.splitlines()[-1] == str(tmp_path / name)
    assert (tmp_path / "paths.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (tmp_path / "paths.svg").read_text("utf-8")
    result = run("paths", "sme-to-council", "--plot", str(tmp_path / "paths.txt"))
    assert result.returncode == 2
    assert not (tmp_path / "paths.txt").exists()
