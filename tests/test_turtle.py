"""The one Turtle serializer."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import Graph
from rdflib.compare import isomorphic

from trilogue.errors import TrilogueError
from trilogue.project import Project
from trilogue.turtle import formatted, main


def test_formatting_twice_changes_nothing_and_keeps_every_triple(project: Project) -> None:
    for path in sorted(project.ontology.rglob("*.ttl")):
        text = path.read_text("utf-8")
        once = formatted(text)
        assert formatted(once) == once
        assert isomorphic(Graph().parse(data=text), Graph().parse(data=once))


def test_long_strings_keep_their_lines() -> None:
    text = '@prefix : <https://example.org/> . :a :says """one\n    two\n\nthree""" .'
    assert isomorphic(Graph().parse(data=text), Graph().parse(data=formatted(text)))


def test_order_in_the_file_does_not_matter() -> None:
    head = "@prefix : <https://example.org/> . "
    assert formatted(head + ":a a :C . :b a :C .") == formatted(head + ":b a :C . :a a :C .")


def test_broken_turtle_is_refused_in_one_line() -> None:
    with pytest.raises(TrilogueError) as error:
        formatted("@prefix : <https://example.org/> . :a :b .")
    assert "\n" not in str(error.value)


def test_a_check_names_the_file_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "untidy.ttl"
    file.write_text("@prefix : <https://example.org/> . :b a :C . :a a :C .")
    before = file.read_text()
    assert main(["--check", str(file)]) == 1
    assert "untidy.ttl: not formatted" in capsys.readouterr().err
    assert file.read_text() == before
    assert main([str(file)]) == 0
    assert main(["--check", str(file)]) == 0
