"""Evidence adds up in odds, whatever the order, and one happening counts once."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trilogue.case.likelihood import Judgement, Range, believed, counted, posterior, reading
from trilogue.case.tornado import description, draw
from trilogue.drawing.saving import svg
from trilogue.errors import QueryError

PROBABILITIES = st.floats(0.01, 0.99)
RATIOS = st.lists(st.floats(0.05, 20), max_size=8)


def judgement(name: str, true: float, false: float, happening: str = "") -> Judgement:
    ranges = (
        Range(likelihood / 2, likelihood, (1 + likelihood) / 2) for likelihood in (true, false)
    )
    return Judgement(name, "h", happening or name, f"{name} was seen.", *ranges)


JUDGEMENTS = st.lists(
    st.builds(
        judgement, st.sampled_from("abcdef"), PROBABILITIES, PROBABILITIES, st.sampled_from("xyz")
    ),
    max_size=8,
    unique_by=lambda item: item.observation,
)


@given(PROBABILITIES, RATIOS, st.randoms())
def test_the_order_of_evidence_does_not_matter(prior: float, ratios: list[float], mix) -> None:  # type: ignore[no-untyped-def]
    mixed = list(ratios)
    mix.shuffle(mixed)
    assert posterior(prior, mixed) == posterior(prior, ratios)


@given(PROBABILITIES, RATIOS)
def test_the_odds_are_multiplied_by_the_ratios(prior: float, ratios: list[float]) -> None:
    odds = Fraction(prior) / (1 - Fraction(prior)) * math.prod(map(Fraction, ratios))
    assert posterior(prior, ratios) == pytest.approx(float(odds / (1 + odds)), rel=1e-9)


@given(PROBABILITIES, RATIOS, RATIOS)
def test_a_posterior_is_the_prior_of_what_comes_next(
    prior: float, first: list[float], second: list[float]
) -> None:
    after = posterior(prior, first)
    if 1e-9 < after < 1 - 1e-9:
        assert posterior(after, second) == pytest.approx(posterior(prior, first + second), rel=1e-5)


@given(PROBABILITIES, PROBABILITIES, PROBABILITIES)
def test_it_agrees_with_bayes_rule_in_probabilities(
    prior: float, true: float, false: float
) -> None:
    expected = prior * true / (prior * true + (1 - prior) * false)
    assert posterior(prior, [true / false]) == pytest.approx(expected)


@given(PROBABILITIES, JUDGEMENTS)
def test_a_happening_counts_once_by_what_tells_most(
    prior: float, judgements: list[Judgement]
) -> None:
    chosen = counted(judgements)
    assert [item.happening for item in chosen] == sorted({item.happening for item in judgements})
    strengths = {item.happening: abs(math.log(item.ratio.judged)) for item in chosen}
    assert all(abs(math.log(j.ratio.judged)) <= strengths[j.happening] for j in judgements)
    assert believed(prior, [*judgements, *chosen]) == believed(prior, judgements)


@given(PROBABILITIES, JUDGEMENTS)
def test_a_swing_holds_the_posterior_between_its_ends(
    prior: float, judgements: list[Judgement]
) -> None:
    found = reading(prior, judgements)
    belief = found.posterior.judged
    assert found.posterior.lowest <= belief <= found.posterior.highest
    for swing in found.swings:
        assert swing.lowest <= belief + 1e-12
        assert belief <= swing.highest + 1e-12
        rest = [item for item in judgements if item is not swing.judgement]
        assert swing.without == believed(prior, rest)


@pytest.mark.parametrize("prior", [0, 1, -0.5, 1.5, math.nan])
def test_a_prior_that_evidence_cannot_shift_is_refused(prior: float) -> None:
    with pytest.raises(QueryError, match="expected a number between 0 and 1"):
        posterior(prior, [2])


def test_the_plot_is_told_in_words_and_is_the_same_each_time() -> None:
    found = reading(0.5, [judgement("a", 0.6, 0.2), judgement("b", 0.3, 0.6)])
    picture = svg(draw("Access & more", found)).decode()
    assert picture == svg(draw("Access & more", found)).decode()
    assert '<title id="title">Access &amp; more</title>' in picture
    assert "a was seen." in description("Access", found)
    assert picture.count("a was seen.") == 2  # in the label and in the description


def test_a_plot_of_no_evidence_shows_the_prior() -> None:
    picture = svg(draw("Access", reading(0.5, []))).decode()
    assert "from a prior of 0.50 to 0.50, 0 happenings" in picture
