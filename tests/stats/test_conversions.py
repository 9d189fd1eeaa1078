"""Conversions undo each other, and refuse what no report can have meant."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewtool.stats import StatsError
from reviewtool.stats import conversions as c

size = st.integers(2, 5000)
positive = st.floats(1e-3, 1e3)


@given(positive, size)
def test_an_interval_made_from_an_sd_gives_it_back(sd: float, n: int) -> None:
    half = 1.959963984540054 * sd / n**0.5
    assert c.sd_from_ci_mean(10 - half, 10 + half, n, dist="z").sd == pytest.approx(sd, rel=1e-7)


@given(st.floats(0.1, 10), st.floats(0.01, 0.9))
def test_odds_and_risk_ratios_convert_both_ways(odds_ratio: float, p0: float) -> None:
    assert c.rr_to_or(c.or_to_rr(odds_ratio, p0), p0) == pytest.approx(odds_ratio)


@given(positive, positive)
def test_log_scale_and_back_is_the_identity(mean: float, sd: float) -> None:
    there = c.raw_to_log(mean, sd)
    back = c.log_to_raw(there.mean_log, there.sd_log)
    assert back == pytest.approx((mean, sd), rel=1e-6)


@given(positive, positive, st.floats(-0.99, 0.99))
def test_the_correlation_behind_a_change_sd_is_found(b: float, f: float, r: float) -> None:
    assert c.corr_from_sds(b, f, c.sd_change(b, f, r)) == pytest.approx(r, abs=1e-6)


@given(st.lists(st.tuples(size, st.floats(-50, 50), positive), min_size=2, max_size=5))
def test_the_order_of_groups_does_not_matter(groups: list[tuple[int, float, float]]) -> None:
    one, two = (c.combine_groups(*zip(*order, strict=True)) for order in (groups, groups[::-1]))
    assert one == pytest.approx(two, rel=1e-9, abs=1e-9)


@given(st.integers(1, 400), st.data())
def test_a_printed_percentage_finds_its_count(n: int, data: st.DataObject) -> None:
    events = data.draw(st.integers(0, n))
    found = c.events_from_percent(round(100 * events / n, 1), n, 1)
    assert events in found.candidates


@given(positive)
def test_units_convert_there_and_back(mean: float) -> None:
    there = c.unit_convert("HbA1c", "%", "mmol/mol", mean)
    assert c.unit_convert("HbA1c", "mmol/mol", "%", float(there)) == pytest.approx(mean)


def test_a_lopsided_summary_is_flagged() -> None:
    assert c.skew_suspected(100, 2, min=1, q1=1.5, q3=8, max=60)
    assert not c.skew_suspected(100, 10, min=0, q1=7, q3=13, max=20)


REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: c.sd_from_se(-1, 10), "se is −1"),
    (lambda: c.sd_from_se(1, 1), "2 or more"),
    (lambda: c.sd_from_ci_mean(3, 2, 10), "upside down"),
    (lambda: c.md_se_from_p(0, 0.5, 10, 10), "zero"),
    (lambda: c.md_se_from_p(1, 1, 10, 10), "between 0 and 1"),
    (lambda: c.log_se_from_ratio_ci(1, 0, 2), "above zero"),
    (lambda: c.sd_change(1, 1, 1.5), "correlation"),
    (lambda: c.corr_from_sds(1, 1, 5), "standard error"),
    (lambda: c.median_to_mean_sd(20, 5), "alone"),
    (lambda: c.median_to_mean_sd(20, 5, q1=6, q3=7), "order"),
    (lambda: c.median_to_mean_sd(20, 5, q1=4, q3=7, method="guess"), "luo_wan"),
    (lambda: c.rr_to_or(5, 0.5), "certainty"),
    (lambda: c.events_from_percent(120, 10), "percentage"),
    (lambda: c.unit_convert("glucose", "mg/dL", "stone", 5), "Known are"),
    (lambda: c.reverse_scale(11, 1, 0, 10), "outside"),
]


@pytest.mark.parametrize(("wrong", "words"), REFUSED)
def test_impossible_reports_are_refused_in_words(wrong: Callable[[], object], words: str) -> None:
    with pytest.raises(StatsError, match=words):
        wrong()
