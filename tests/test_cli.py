"""The command line, run as users run it."""

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

import trilogue
from trilogue import catalogue
from trilogue.project import Project


def test_the_version_is_that_of_the_package(run: Run) -> None:
    assert run("--version").stdout == f"trilogue {trilogue.__version__}\n"


@pytest.mark.parametrize(
    "command", [(), ("build",), ("reason",), ("validate",), ("query",), ("tables",), ("paths",), ("show",)]
)  # fmt: skip
def test_every_command_has_help_with_an_example(run: Run, command: tuple[str, ...]) -> None:
    result = run(*command, "--help")
    assert result.returncode == 0
    assert "Example" in result.stdout


def test_an_answer_comes_in_every_form_of_sparql_results(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("query", "table-3", "-f", "csv").stdout)))
    bindings = json.loads(run("query", "table-3", "-f", "json").stdout)["results"]["bindings"]
    assert [row["event"] for row in rows] == [item["event"]["value"] for item in bindings]
    assert run("query", "table-3", "-f", "xml").stdout.startswith("<?xml")
    assert run("query", "table-3", "-f", "tsv").stdout.startswith("?date\t?body\t?event\n")
    table = run("query", "table-3").stdout
    assert "What were the main events of the procedure?" in table
    assert "7 rows" in table


def test_triples_come_in_forms_of_rdf(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "visits.rq"
    file.write_text("CONSTRUCT WHERE { ?act a <https://w3id.org/trilogue/ns#CabinetVisit> }")
    iri = "https://w3id.org/trilogue/id/act/andrulis-cabinet-visit"
    for form in ("table", "turtle", "nt", "jsonld", "rdfxml"):
        assert iri in run("query", str(file), "-f", form).stdout.replace("act:", iri)


def test_a_form_that_does_not_fit_is_refused(run: Run) -> None:
    result = run("query", "table-3", "-f", "turtle")
    assert result.returncode == 2
    assert "format 'turtle': expected one of csv, json, tsv, xml" in result.stderr


def test_the_catalogue_is_listed(run: Run, project: Project) -> None:
    listing = run("query").stdout
    questions = [query for query in catalogue.read(project) if query.kind != "inference"]
    assert all(f"  {query.name}\n" in listing for query in questions)
    rows = list(csv.DictReader(io.StringIO(run("query", "--format", "csv").stdout)))
    assert [(row["name"], row["question"]) for row in rows] == [
        (query.name, query.question) for query in questions
    ]


def test_columns_that_do_not_fit_are_printed_as_records_without_broken_words(run: Run) -> None:
    narrow = run("query", "how-much-of-the-record-falls-into-each-stage", env={"COLUMNS": "80"})
    assert "stage      Trilogue" in [line.rstrip() for line in narrow.stdout.splitlines()]
    assert "12 rows" in narrow.stdout
    table = run("query", "table-3", env={"COLUMNS": "80"}).stdout
    assert "2020-02-19" in table
    assert "┃" in table


def test_an_answer_in_the_terminal_says_how_it_is_worked_out(run: Run) -> None:
    output = run("query", "table-3").stdout
    assert "Table 3 of the thesis (p. 29): seven events with date and body." in output


def test_a_locator_leads_to_its_passage(run: Run) -> None:
    output = run("show", "p. 44, n. 1").stdout
    assert "https://w3id.org/trilogue/id/passage/p44-n1" in output
    assert "act/mensch-interview-2023-11" not in output
    assert "row/acts-mensch-interview-2023-11" in output
    missing = run("show", "p. 44, n. 99")
    assert missing.returncode == 2
    assert "the graph knows nothing of" in missing.stderr


def test_a_thing_is_shown_with_basis_and_cited_source(run: Run) -> None:
    output = run("show", "position/mistral-ai-foundation-models").stdout
    assert "(cited)" in output
    assert "source/" in output


def test_an_endpoint_of_another_layer_is_not_asked_for_the_asserted_one(run: Run) -> None:
    query = run("query", "both-sides-of-each-contradiction", "--endpoint", "http://127.0.0.1:1/")
    assert query.returncode == 2
    assert "contradiction.rq: it reads the asserted layer" in query.stderr
    shown = run("show", "actor/dust", "--asserted", "--endpoint", "http://127.0.0.1:1/")
    assert shown.returncode == 2
    assert "it reads the asserted layer, and no endpoint is given for that" in shown.stderr


def test_an_unknown_query_is_refused_with_the_nearest_name(run: Run) -> None:
    result = run("query", "tabel-3")
    assert result.returncode == 2
    assert (
        result.stderr
        == "trilogue: no query 'tabel-3' in the catalogue; nearest: table-3, table-9, table-8\n"
    )


def test_a_query_file_that_is_missing_or_no_text_is_named(run: Run, tmp_path: Path) -> None:
    missing = run("query", str(tmp_path / "missing.rq"))
    assert missing.returncode == 2
    assert "missing.rq: cannot be read: No such file or directory" in missing.stderr
    (tmp_path / "binary.rq").write_bytes(b"\xff\xfe\x00")
    assert "not UTF-8" in run("query", str(tmp_path / "binary.rq")).stderr


def test_a_malformed_query_gives_the_position_and_exit_code_2(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "broken.rq"
    file.write_text("SELECT ?act WHERE {\n  ?act a tlg:Act\n}\n")
    result = run("query", str(file))
    assert result.returncode == 2
    assert "2:" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_all_tables_are_printed(run: Run) -> None:
    output = run("tables").stdout
    assert output.count(" rows\n") == 9


def test_both_kinds_of_path_are_printed_with_their_pages(run: Run) -> None:
    output = run("paths").stdout
    assert "Mistral AI (opposes mandatory rules for foundation models) → France" in output
    assert "p. 43, n. 4" in output
    assert "2 paths" in output
    assert "does not meet the demand" in run("paths", "multinational-institution-text").stdout


def test_a_query_that_is_no_path_query_is_refused(run: Run) -> None:
    result = run("paths", "table-3")
    assert result.returncode == 2
    assert "expected a path query" in result.stderr


def test_a_thing_is_shown_with_the_pages_of_every_statement(run: Run) -> None:
    output = run("show", "actor/mistral-ai").stdout
    assert "https://w3id.org/trilogue/id/actor/mistral-ai" in output
    assert "actor/france" in output
    assert "p. 43" in output
    assert "act/elysee-dinner" in output


@pytest.mark.parametrize("name", ["actor/nobody", "not an iri", "<>", "tlg:Nothing", "'; DROP"])
def test_what_the_graph_does_not_know_is_refused(run: Run, name: str) -> None:
    result = run("show", name)
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1


def test_a_reader_that_stops_reading_is_no_error(run: Run, project: Project) -> None:

    command = f"{sys.executable} -m trilogue.cli tables | head -1"
    result = subprocess.run(
        command, shell=True, cwd=project.root, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("seconds", [0.5, 0.8, 1.1])
def test_an_interrupt_leaves_the_last_build_and_says_so(checkout: Project, seconds: float) -> None:

    before = {path.name: path.read_bytes() for path in checkout.build.iterdir()}
    command = [sys.executable, "-m", "trilogue.cli", "build"]
    with subprocess.Popen(
        command, cwd=checkout.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()
    after = {path.name: path.read_bytes() for path in checkout.build.iterdir()}
    assert after == before
    assert process.returncode in (0, 130, -signal.SIGINT)
    assert "Traceback" not in errors or process.returncode == -signal.SIGINT


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("mistral", "actor/mistral-ai"),
        ("actor/aleph-alfa", "nearest: actor/aleph-alpha"),
        ("Scholz", "actor/olaf-scholz"),
    ],
)
def test_a_word_that_names_no_thing_is_answered_with_things_that_bear_it(
    run: Run, name: str, suggestion: str
) -> None:
    result = run("show", name)
    assert result.returncode == 2
    assert suggestion in result.stderr


def test_tables_are_written_as_files_that_equal_the_expected_ones(
    run: Run, tmp_path: Path, project: Project
) -> None:
    assert run("tables", "--into", str(tmp_path / "tables")).returncode == 0
    queries = catalogue.read(project, "tables")
    for query in queries:
        written = (tmp_path / "tables" / f"{query.name}.csv").read_text("utf-8")
        assert written == query.expected.read_text("utf-8")
    assert len(list((tmp_path / "tables").iterdir())) == len(queries)


@pytest.mark.parametrize("form", ["table", "csv"])
def test_a_full_disk_is_told_in_one_line(run: Run, project: Project, form: str) -> None:

    command = f"{sys.executable} -m trilogue.cli query table-3 -f {form} > /dev/full"
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    result = subprocess.run(
        command, shell=True, cwd=project.root, capture_output=True, text=True, check=False
    )
    assert result.returncode != 0
    assert "Traceback" not in result.stderr


def test_a_terminal_without_unicode_gets_escapes(run: Run) -> None:
    result = run("show", "actor/cedric-o", env={"LC_ALL": "C", "PYTHONUTF8": "0"})
    assert "Traceback" not in result.stderr


def test_an_endpoint_that_is_no_address_is_refused(run: Run) -> None:
    result = run("query", "table-3", "--endpoint", "foo")
    assert result.returncode == 3
    assert result.stderr == "trilogue: foo: expected an http or https address\n"


@pytest.mark.parametrize(
    ("thing", "name"),
    [
        ("actor/cedric-o", "Cédric O"),
        ("concept/open-washing", "open-washing"),
        ("source/wang-2024-ai-governance-comparison", "欧美人工智能治理模式比较研究"),
    ],
)
def test_a_thing_is_headed_by_its_english_name_or_its_title(
    run: Run, thing: str, name: str
) -> None:
    assert run("show", thing).stdout.splitlines()[0] == name
