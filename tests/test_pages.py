"""Pages show what the command line prints, and nothing in them is run."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

from conftest import Run

from trilogue.contradictions import Contradiction, Side
from trilogue.pages import contradictions_page


class Words(HTMLParser):
    """Collects the text and the tags of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.tags: set[str] = set()

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)


def read(page: str) -> Words:
    words = Words()
    words.feed(page)
    return words


def test_both_sides_stand_on_the_page_with_pages_and_rows() -> None:
    item = Contradiction(
        "two-dates-of-one-thing", "ERROR", "certain",
        Side("act/a tlg:date 2023-06", "p. 43", "data/thesis/acts.csv:3"),
        Side("act/a tlg:date 2023-07", "p. 44, n. 1", "data/thesis/acts.csv:4"),
        "accepted", "Nobody knows.",
    )  # fmt: skip
    text = read(contradictions_page([item])).text
    for cell in item.cells()[3:]:
        assert cell in text
    assert "two dates of one thing" in text
    assert "1 contradictions: 1 accepted" in text


def test_what_a_row_says_is_never_markup() -> None:
    evil = Side("<script>alert(1)</script>", "p. 1 & <b>", '"><img src=x>')
    item = Contradiction("a-kind", "WARN", "possible", evil, evil, "open", "<i>why</i>")
    words = read(contradictions_page([item]))
    assert not {"script", "img", "b", "i"} & words.tags
    assert "<script>alert(1)</script>" in words.text


def test_the_page_of_the_thesis_is_written_whole(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "pages" / "contradictions.html"
    result = run("contradictions", "--page", str(file))
    assert result.returncode == 0
    words = read(file.read_text("utf-8"))
    assert "act/white-paper-publication tlg:date 2020-02-29" in words.text
    assert "p. 18, n. 2" in words.text
