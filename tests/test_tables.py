"""Bad rows stop the build, name their place, and leave the last good build as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Run

from trilogue.project import Project

ACT = (
    "{key},{key},Meeting,A meeting,google,european-commission,,,meeting,inside,,gpai-regulation,,,,"
    "They met.,,{date},{end},{passage},{basis}\n"
)
GOOD = {"key": "some-meeting", "date": "2023", "end": "", "passage": "p41", "basis": "reported"}


def append(project: Project, line: str) -> int:
    """Add a line to the acts and return its number."""
    path = project.root / "data" / "thesis" / "acts.csv"
    with path.open("a", encoding="utf-8") as file:
        file.write(line)
    return len(path.read_text("utf-8").splitlines())


def snapshot(project: Project) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in project.build.iterdir()}


def test_a_good_row_more_builds(checkout: Project, run: Run) -> None:
    append(checkout, ACT.format(**GOOD))
    result = run("build", cwd=checkout.root)
    assert result.returncode == 0, result.stderr
    assert "some-meeting" in checkout.asserted.read_text("utf-8")


@pytest.mark.parametrize(
    ("change", "column", "name", "message"),
    [
        ({"passage": ""}, 20, "passage", "expected a value"),
        ({"basis": ""}, 21, "basis", "expected a value"),
        ({"basis": "hearsay"}, 21, "basis", "hearsay"),
        ({"passage": "p99"}, 20, "passage", "unknown key 'p99': expected a key of passages.csv"),
        ({"passage": "p43-n9"}, 20, "passage", "unknown key 'p43-n9'"),
        ({"passage": "page 43"}, 20, "passage", "page"),
        ({"date": "2023-02-30"}, 18, "date", "2023-02-30 is no date"),
        ({"date": "2023-13"}, 18, "date", "2023-13 is no date"),
        ({"date": "June 2023"}, 18, "date", "June 2023"),
        ({"end": "2022"}, 19, "end", "before it begins"),
        ({"key": "elysee-dinner"}, 1, "key", "duplicate key 'elysee-dinner': line"),
        ({"key": "Some Meeting"}, 1, "key", "Some Meeting"),
    ],
)
def test_a_bad_cell_stops_the_build_and_names_line_and_column(
    checkout: Project,
    run: Run,
    change: dict[str, str],
    column: int,
    name: str,
    message: str,
) -> None:
    line = append(checkout, ACT.format(**{**GOOD, **change}))
    before = snapshot(checkout)
    result = run("build", cwd=checkout.root)
    assert result.returncode == 1
    assert f"data/thesis/acts.csv:{line}:{column} {name}: " in result.stderr
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert snapshot(checkout) == before


@pytest.mark.parametrize(
    ("old", "spoilt", "message"),
    [
        (
            ",google,",
            ",gogle,",
            "unknown key 'gogle': expected a key of actors.csv; nearest: google",
        ),
        (",gpai-regulation,", ",gpai-regulations,", "nothing declares 'issue/gpai-regulations'"),
        (
            ",meeting,inside,",
            ",carrier-pigeon,inside,",
            "nothing declares 'channel/carrier-pigeon'",
        ),
        (",Meeting,", ",Meting,", "Meting"),
        (",meeting,inside,", ",meeting,", "20 cells: expected 21"),
    ],
)
def test_an_unknown_key_stops_the_build_and_suggests_the_nearest(
    checkout: Project, run: Run, old: str, spoilt: str, message: str
) -> None:
    line = append(checkout, ACT.format(**GOOD).replace(old, spoilt, 1))
    result = run("build", cwd=checkout.root)
    assert result.returncode == 1
    assert f"data/thesis/acts.csv:{line}" in result.stderr
    assert message in result.stderr


def test_all_problems_are_told_at_once(checkout: Project, run: Run) -> None:
    append(checkout, ACT.format(**{**GOOD, "passage": "p99"}))
    append(checkout, ACT.format(**{**GOOD, "key": "other-meeting", "passage": "p98"}))
    assert run("build", cwd=checkout.root).stderr.count("unknown key") == 2


def test_a_byte_that_is_not_utf8_is_named_with_its_line(checkout: Project, run: Run) -> None:
    path = checkout.root / "data" / "thesis" / "acts.csv"
    line = len(path.read_text("utf-8").splitlines()) + 1
    path.write_bytes(
        path.read_bytes() + ACT.format(**GOOD).replace("They", "Thé").encode("latin-1")
    )
    result = run("build", cwd=checkout.root)
    assert result.returncode == 1
    assert f"acts.csv:{line}:16 byte 0xe9 is not UTF-8" in result.stderr


def test_a_spoilt_header_is_named(checkout: Project, run: Run) -> None:
    path = checkout.root / "data" / "thesis" / "acts.csv"
    path.write_text(path.read_text("utf-8").replace("performer", "perfomer", 1), "utf-8")
    result = run("build", cwd=checkout.root)
    assert result.returncode == 1
    assert "acts.csv:1 header" in result.stderr


def test_an_open_quote_is_named(checkout: Project, run: Run) -> None:
    append(checkout, ACT.format(**GOOD).replace("They met.", '"They met.'))
    result = run("build", cwd=checkout.root)
    assert result.returncode == 1
    assert "acts.csv:" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_missing_table_is_named(checkout: Project, run: Run) -> None:
    (checkout.root / "data" / "thesis" / "acts.csv").unlink()
    result = run("build", cwd=checkout.root)
    assert result.returncode == 1
    assert "data/thesis/acts.csv cannot be read: No such file or directory" in result.stderr


def test_an_empty_table_lacks_its_header(checkout: Project, run: Run) -> None:
    (checkout.root / "data" / "thesis" / "acts.csv").write_bytes(b"")
    result = run("build", cwd=checkout.root)
    assert result.returncode == 1
    assert "acts.csv:1 header []" in result.stderr


def test_outside_of_a_checkout_the_package_finds_its_own(run: Run, tmp_path: Path) -> None:
    result = run("query", "table-1", "--format", "csv", cwd=tmp_path)
    assert result.returncode == 0, result.stderr


def test_a_kind_that_does_not_exist_is_answered_with_those_that_do(
    checkout: Project, run: Run
) -> None:
    append(checkout, ACT.format(**GOOD).replace(",Meeting,", ",Meting,", 1))
    stderr = run("build", cwd=checkout.root).stderr
    assert "kind: 'Meting': expected one of " in stderr
    assert "nearest: Meeting" in stderr


def test_a_control_character_is_named_with_its_line(checkout: Project, run: Run) -> None:
    line = append(checkout, ACT.format(**GOOD).replace("They met.", "They\x00met."))
    result = run("build", cwd=checkout.root)
    assert result.returncode == 1
    assert f"data/thesis/acts.csv:{line} control character U+0000" in result.stderr


def test_broken_metadata_is_named(checkout: Project, run: Run) -> None:
    checkout.mapping.write_text(checkout.mapping.read_text("utf-8")[:1000], "utf-8")
    result = run("build", cwd=checkout.root)
    assert result.returncode == 1
    assert "data/mapping/thesis.json no CSVW metadata" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_byte_order_mark_is_named(checkout: Project, run: Run) -> None:
    path = checkout.root / "data" / "thesis" / "acts.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    result = run("build", cwd=checkout.root)
    assert result.returncode == 1
    assert "data/thesis/acts.csv:1:1 begins with a byte order mark" in result.stderr


def test_a_link_of_an_unknown_relation_is_answered_with_those_that_are(
    checkout: Project, run: Run
) -> None:
    path = checkout.root / "data" / "identifiers.csv"
    text = path.read_text("utf-8")
    path.write_text(text.replace(",owl:sameAs,", ",owl:samAs,", 1), "utf-8")
    stderr = run("build", cwd=checkout.root).stderr
    assert "relation: 'owl:samAs': expected one of owl:sameAs, skos:exactMatch" in stderr
    assert "nearest: owl:sameAs" in stderr
