"""Pictures of paths can be read: nothing lies on anything else, and each sign says what it should."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
import warnings
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from matplotlib.figure import Figure
from matplotlib.patches import Polygon
from test_path_semantics import networks, queries

from trilogue.drawing import canvas
from trilogue.drawing.saving import save
from trilogue.errors import QueryError
from trilogue.paths.enumeration import Enumeration, InfluencePath
from trilogue.paths.lanes import Layout
from trilogue.paths.network import NO_BEGINNING, NO_END, Hop, Matter, Network
from trilogue.paths.picture import draw
from trilogue.paths.query import PathQuery

SVG = "{http://www.w3.org/2000/svg}"
LONG = "Directorate for the Regulation of General-Purpose Models with a Name Longer than any Lane"


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def act(name: str, source: str, target: str, begin: str = "", end: str = "", **more: Any) -> Hop:
    first = day(begin) if begin else NO_BEGINNING
    last = day(end or begin) if end or begin else NO_END
    return Hop(
        name, more.pop("kind", "contact"), source, target, earliest=first, latest=last, **more
    )


def tie(kind: str, source: str, target: str) -> Hop:
    return Hop(f"{kind}-{source}-{target}", kind, source, target, standing=True)


def path(*hops: Hop, matter: Matter | None = None) -> InfluencePath:
    return InfluencePath(hops, matter, 0, 0)


CHAIN = path(
    tie("demand", "firm", "firm"),
    act("dinner", "firm", "president", "2023-06-01", "2023-06-30", evidence=("p. 43", "p. 44")),
    tie("office", "president", "state"),
    act("paper", "state", "council", "2023-11-19", kind="position"),
    act("deal", "council", "text", "2023-12-09", kind="adoption"),
)


def dossier(number: int) -> tuple[list[InfluencePath], Network]:
    """Paths of a dossier that has all there can be: long names, open dates, one day for many acts."""
    random = np.random.default_rng(5)
    firms, people, states = (
        [f"{kind}-{n}" for n in range(size)]
        for kind, size in (("firm", 4), ("person", 5), ("state", 3))
    )
    first = day("2022-03-01")
    hops = [tie("office", person, states[n % 3]) for n, person in enumerate(people)]
    hops += [tie("demand", firm, firm) for firm in firms]
    for n, (firm, person) in enumerate(itertools.product(firms, people)):
        begin = first + int(random.integers(0, 300))
        spans = [(begin, begin), (begin, begin + 60), (NO_BEGINNING, begin), (NO_BEGINNING, NO_END)]
        earliest, latest = spans[n % 4]
        hops.append(
            Hop(f"contact-{n}", "contact", firm, person, earliest=earliest, latest=latest,
                evidence=(f"p. {n}", f"p. {n}, n. 1"))
        )  # fmt: skip
    hops += [act(f"position-{s}", s, "council", "2023-05-05", kind="position") for s in states]
    hops += [act("deal", "council", f"text-{n}", "2023-12-09", kind="adoption") for n in range(3)]
    network = Network(
        tuple(hops),
        labels={"council": LONG, "firm-0": f"{LONG} {LONG}", "contact-3": f"{LONG} {LONG}"},
    )
    query = PathQuery(
        "demand/contact/office/position/adoption",
        frozenset(firms),
        frozenset(f"text-{n}" for n in range(3)),
    )
    found = list(Enumeration(network, query).paths())
    chosen = random.choice(len(found), number, replace=False)
    return [found[int(one)] for one in chosen], network


def texts(figure: Figure) -> Iterator[tuple[str, Any]]:
    figure.canvas.draw()  # places the boxes around texts
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    for text in figure.axes[0].texts:
        patch = text.get_bbox_patch()
        box = (text if patch is None else patch).get_window_extent(renderer)
        if text.get_text():
            yield text.get_text(), box


def assert_readable(figure: Figure) -> None:
    boxes = list(texts(figure))
    for (one, box), (other, second) in itertools.combinations(boxes, 2):
        apart = (
            box.x1 <= second.x0 or second.x1 <= box.x0 or box.y1 <= second.y0 or second.y1 <= box.y0
        )
        assert apart, f"{one!r} lies on {other!r}"
    for text, box in boxes:
        inside = figure.bbox
        assert inside.x0 <= box.x0 and box.x1 <= inside.x1, f"{text!r} leaves the picture"  # noqa: PT018
        assert inside.y0 <= box.y0 and box.y1 <= inside.y1, f"{text!r} leaves the picture"  # noqa: PT018


def written(figure: Figure, folder: Path, name: str = "paths.svg") -> bytes:
    save(figure, folder / name)
    return (folder / name).read_bytes()


def titles(content: bytes) -> dict[str, str]:
    root = ElementTree.fromstring(content)
    found = {}
    for group in root.iter(f"{SVG}g"):
        if (title := group.find(f"{SVG}title")) is not None:
            found[group.attrib["id"]] = title.text or ""
    return found


@pytest.mark.parametrize("number", [0, 1, 2, 10, 50])
def test_no_text_lies_on_another_or_leaves_the_picture(number: int) -> None:
    assert_readable(draw(*dossier(number)))


@settings(max_examples=25, deadline=None)
@given(networks(), queries())
def test_whatever_is_found_can_be_drawn_and_read(network: Network, query: PathQuery) -> None:
    paths = list(itertools.islice(Enumeration(network, query).paths(), 30))
    assert_readable(draw(paths, network))


@settings(max_examples=150, deadline=None)
@given(networks(), queries())
def test_columns_keep_their_room_and_their_day(network: Network, query: PathQuery) -> None:
    paths = list(itertools.islice(Enumeration(network, query).paths(), 30))
    layout = Layout(paths)
    columns = sorted(layout.columns.values(), key=lambda column: column.x)
    for one, other in itertools.pairwise(columns):
        assert other.x - one.x >= one.right + other.left - 1e-6
    for hop, column in layout.columns.items():
        if hop is None or not column.dated:
            assert column.x < layout.undated
            continue
        assert layout.x(hop.earliest) <= column.x <= layout.x(hop.latest + 1)
        assert layout.axis <= column.x - column.left
        assert column.x + column.right <= layout.width + 1e-6
    if any(column.dated for column in columns):
        begins = [layout.x(number) for number in range(layout.days[0], layout.days[1] + 2)]
        assert begins == sorted(begins)


@pytest.mark.parametrize(
    "spans",
    [
        [("2023-01-01", "2023-12-31"), ("2023-02-01", "2023-02-28")],
        [("2023-04-20", "2023-04-20"), ("2023-01-01", "2023-04-30")],
        [("2023-01-01", "2023-12-31"), ("2023-02-01", "2023-02-28"), ("2023-01-01", "2023-06-30")],
        [("", "2023-06-30"), ("2023-01-01", "2023-03-31"), ("2023-03-01", "2023-03-01")],
    ],
)
def test_imprecise_acts_stand_on_days_that_keep_their_path_in_order(
    spans: list[tuple[str, str]],
) -> None:
    # The middle of each span would not.
    acts = [act(f"act-{n}", "abcd"[n], "abcd"[n + 1], *span) for n, span in enumerate(spans)]
    layout = Layout([path(*acts)])
    places = [layout.columns[one].x for one in acts]
    assert places == sorted(places)


def test_time_runs_evenly_where_nothing_is_in_the_way() -> None:
    acts = [
        act(f"act-{n}", "a", "b", text)
        for n, text in enumerate(("2023-01-01", "2023-04-11", "2023-10-28"))
    ]
    layout = Layout([path(one) for one in acts])
    first, second, third = (layout.columns[one].x for one in acts)
    assert (third - second) / (second - first) == pytest.approx(2)


def test_whiskers_lie_above_one_another_where_they_overlap() -> None:
    early, late, long = (
        act(name, "a", "b", *span)
        for name, span in (
            ("early", ("2023-01-01", "2023-01-31")),
            ("late", ("2023-06-01", "2023-06-30")),
            ("long", ("2023-01-15", "2023-06-15")),
        )
    )
    layout = Layout([path(one) for one in (early, late, long)])
    assert layout.row_y(early) == layout.row_y(late) != layout.row_y(long)
    assert layout.y("a") < layout.row_y(early) < layout.row_y(long) < layout.y("b")


def test_acts_of_one_day_stand_side_by_side_on_a_day_that_is_stretched() -> None:
    acts = [act(f"act-{n}", "a", f"b-{n}", "2023-05-05") for n in range(9)]
    layout = Layout([path(one) for one in [*acts, act("later", "a", "c", "2023-05-09")]])
    ((found, begin, end),) = layout.stretched
    assert found == day("2023-05-05")
    assert all(begin < layout.columns[one].x < end for one in acts)


def test_origins_are_at_the_top_destinations_at_the_bottom_and_neighbours_near() -> None:
    pairs = [(f"firm-{n}", f"person-{9 - n}") for n in range(8)]
    layout = Layout(
        [
            path(act(f"c-{f}", f, p, "2023-01-01"), act(f"d-{p}", p, "text", "2023-02-01"))
            for f, p in pairs
        ]
    )
    assert set(layout.lanes[:8]) == {firm for firm, _ in pairs}
    assert layout.lanes[-1] == "text"
    for firm, person in pairs:
        assert layout.lanes.index(person) - layout.lanes.index(firm) == 8


def test_a_shared_act_is_drawn_once_and_wider(tmp_path: Path) -> None:
    single = path(act("other", "firm", "president", "2023-03-01"), *CHAIN.hops[2:])
    figure = draw([CHAIN, single], Network(()))
    names = titles(written(figure, tmp_path))
    acts = [name for key, name in names.items() if key.startswith("act-")]
    assert len(acts) == 4
    widths = {
        str(line.get_label()).split(": ")[-1]: line.get_linewidth()
        for line in figure.axes[0].lines
        if str(line.get_gid()).startswith("act-")
    }
    assert widths["paper"] == widths["deal"] > widths["other"] == widths["dinner (p. 43; p. 44)"]


def test_heads_are_hollow_where_the_order_is_only_possible() -> None:
    def heads(figure: Figure) -> list[bool]:
        found = [patch for patch in figure.axes[0].patches if isinstance(patch, Polygon)]
        return [patch.get_facecolor()[:3] != (1, 1, 1) for patch in found]

    def two(first: tuple[str, str]) -> InfluencePath:
        return path(act("one", "a", "b", *first), act("two", "b", "c", "2023-06-15"))

    certain, possible = ("2023-05-01", "2023-05-31"), ("2023-06-01", "2023-06-30")
    assert all(heads(draw([two(certain)], Network(()))))
    figure = draw([two(possible)], Network(()))
    assert heads(figure).count(False) == 2  # the act, and the legend
    both = draw([two(certain), two(possible)], Network(()))
    waits = [line for line in both.axes[0].lines if line.get_color() == canvas.GREY][:2]
    assert (
        len({float(np.asarray(line.get_ydata())[0]) for line in waits}) == 2
    )  # or one would hide the other
    dashed = [line for line in figure.axes[0].lines if line.get_linestyle() == "--"]
    assert len(dashed) == 2  # the wait, and the legend


def test_each_act_is_listed_with_its_days_and_evidence(tmp_path: Path) -> None:
    undated = path(act("talk", "firm", "state"), *CHAIN.hops[3:])
    until = path(act("letter", "firm", "state", end="2023-07-01"), *CHAIN.hops[3:])
    network = Network((), labels={"dinner": "Dinner at the palace"})
    shown = {text for text, _ in texts(draw([CHAIN, undated, until], network))}
    assert {
        "contact: Dinner at the palace",
        "2023-06-01/2023-06-30",
        "p. 43; p. 44",
        "by 2023-07-01",
    } <= shown
    # Once in the list, once over the place for such acts.
    assert [text for text, _ in texts(draw([undated], network))].count("undated") == 2


def test_what_is_carried_stands_below_the_title() -> None:
    network = Network((), labels={"s": "opposes", "o": "strict rules", "i": "rules"})
    for matter, shown in ((Matter("i", "s o"), "opposes strict rules"), (Matter("i"), "rules")):
        figure = draw([path(*CHAIN.hops, matter=matter)], network)
        assert f"Carried: {shown}" in {text for text, _ in texts(figure)}
    assert not any("Carried" in text for text, _ in texts(draw([CHAIN], network)))


def test_paths_without_any_act_can_be_drawn() -> None:
    figure = draw(
        [path(tie("part", "ministry", "state"), tie("part", "state", "union"))], Network(())
    )
    assert_readable(figure)
    assert {"ministry", "state", "union", "undated"} <= {text for text, _ in texts(figure)}


def test_what_is_shortened_stands_in_full_in_the_title(tmp_path: Path) -> None:
    paths, network = dossier(50)
    content = written(draw(paths, network), tmp_path)
    names = titles(content)
    assert f"{LONG} {LONG}" in names.values()
    assert any(name.endswith(f"{LONG} {LONG} (p. 3; p. 3, n. 1)") for name in names.values())
    root = ElementTree.fromstring(content)
    assert root.attrib["role"] == "img"
    title, description = root[0], root[1]
    assert (title.tag, description.tag) == (f"{SVG}title", f"{SVG}desc")
    assert root.attrib["aria-labelledby"].split() == [title.attrib["id"], description.attrib["id"]]
    assert (title.text or "").startswith(f"50 paths from {LONG}")
    assert len((description.text or "").splitlines()) == 50


def test_signs_of_markup_and_mathematics_are_letters_like_others(tmp_path: Path) -> None:
    name = 'R&D <b>$x^2$</b> "quoted"'
    figure = draw([CHAIN], Network((), labels={"firm": name}))
    content = written(figure, tmp_path)
    assert name in titles(content).values()
    assert name in {text for text, _ in texts(figure)}
    fonts = re.findall(r"font-family: ([^;\"]+)", content.decode())
    assert set(fonts) == {"'DejaVu Sans', Verdana, sans-serif"}
    drawn = [text.text for text in ElementTree.fromstring(content).iter(f"{SVG}text")]
    assert name in drawn


def test_the_same_paths_give_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib; sys.path.insert(0, sys.argv[1])\n"
        "from test_path_picture import dossier, draw, save\n"
        "for name in ('paths.svg', 'paths.png'):\n"
        "    save(draw(*dossier(10)), pathlib.Path(sys.argv[2]) / name)\n"
    )
    for seed in "12":
        subprocess.run(
            [sys.executable, "-c", program, str(Path(__file__).parent), str(tmp_path / seed)],
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        )
    for name in ("paths.svg", "paths.png"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()
    text = (tmp_path / "1" / "paths.svg").read_text()
    assert not re.search(r"<dc:date>|Matplotlib v", text)
    assert written(draw(*dossier(10)), tmp_path).decode() == text


def test_a_name_without_a_font_is_replaced_by_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    chinese = "欧盟理事会"
    network = Network((), labels={"council": chinese})
    for clear in (canvas.families, canvas.printable):
        clear.cache_clear()
    monkeypatch.setattr(canvas, "FALLBACKS", ())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = draw([CHAIN], network)
        shown = {text for text, _ in texts(figure)}
    assert "council" in shown
    assert chinese not in shown


def test_a_name_is_kept_where_another_font_has_its_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    # STIXGeneral comes with matplotlib, and has a letter that the first font lacks.
    lacking = "Council \u1d81"
    for families, expected in (((), "council"), (("STIXGeneral",), lacking)):
        monkeypatch.setattr(canvas, "FALLBACKS", families)
        for clear in (canvas.families, canvas.printable):
            clear.cache_clear()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            figure = draw([CHAIN], Network((), labels={"council": lacking}))
            assert expected in {text for text, _ in texts(figure)}
    for clear in (canvas.families, canvas.printable):
        clear.cache_clear()


def test_a_picture_is_written_as_svg_or_png_or_not_at_all(tmp_path: Path) -> None:
    figure = draw([CHAIN], Network(()))
    assert written(figure, tmp_path, "paths.png").startswith(b"\x89PNG")
    with pytest.raises(QueryError, match=r"\.svg or \.png"):
        save(figure, tmp_path / "paths.pdf")
    assert [file.name for file in tmp_path.iterdir()] == ["paths.png"]


def test_more_than_can_be_seen_is_refused() -> None:
    acts = [act(f"act-{n}", "a", "b", "2023-01-01") for n in range(100)]
    with pytest.raises(QueryError, match="100 acts in one picture, expected at most 99"):
        draw([path(one) for one in acts], Network(()))
    chain = [tie("part", f"body-{n}", f"body-{n + 1}") for n in range(150)]
    with pytest.raises(QueryError, match="151 things in one picture"):
        draw([path(*chain)], Network(()))


def test_nobody_waits_for_matplotlib_who_draws_nothing() -> None:
    program = "import sys, trilogue.paths.picture; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
