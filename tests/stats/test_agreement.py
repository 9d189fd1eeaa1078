"""What kappas must do, and the tables they refuse."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewtool.stats import StatsError
from reviewtool.stats.agreement import cohen_kappa, fleiss_kappa, landis_koch, weighted_kappa

tables = (
    st.integers(2, 4)
    .flatmap(
        lambda k: st.lists(
            st.lists(st.integers(0, 60), min_size=k, max_size=k), min_size=k, max_size=k
        )
    )
    .filter(lambda t: sum(map(sum, t)) > 0)
)


@given(tables)
def test_exchanging_the_raters_changes_nothing_but_the_bias(table: list[list[int]]) -> None:
    one, two = cohen_kappa(table), cohen_kappa(np.array(table).T.tolist())
    if one.kappa is None:
        assert two.kappa is None
    else:
        assert two.kappa == pytest.approx(one.kappa)
        assert two.se == pytest.approx(one.se, abs=1e-7)
    if one.bias_index is not None:
        assert two.bias_index == pytest.approx(-one.bias_index)


@given(tables)
def test_the_interval_holds_kappa_within_its_range(table: list[list[int]]) -> None:
    result = cohen_kappa(table)
    interval = result.interval()
    if result.kappa is not None and interval is not None:
        assert -1 <= interval.low <= result.kappa + 1e-12
        assert result.kappa - 1e-12 <= interval.high <= 1


def test_two_categories_make_weights_pointless() -> None:
    table = [[20, 5], [10, 15]]
    for weights in ("linear", "quadratic"):
        assert weighted_kappa(table, weights) == pytest.approx(cohen_kappa(table).kappa)


def test_perfect_agreement_is_one_and_certain_agreement_undefined() -> None:
    assert cohen_kappa([[10, 0], [0, 5]]).kappa == pytest.approx(1.0)
    always = cohen_kappa([[15, 0], [0, 0]])
    assert always.kappa is None
    assert always.word == "not estimable"
    assert "not defined" in always.sentence
    assert fleiss_kappa([[3, 0], [3, 0]]).kappa is None


def test_words_change_above_the_published_limits() -> None:
    words = [landis_koch(k) for k in (-0.01, 0.0, 0.2, 0.21, 0.6, 0.8, 0.81)]
    assert words == [
        "poor",
        "slight",
        "slight",
        "fair",
        "moderate",
        "substantial",
        "almost perfect",
    ]


REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: cohen_kappa([[1, 2]]), "square"),
    (lambda: cohen_kappa([[0, 0], [0, 0]]), "empty"),
    (lambda: cohen_kappa([[1, -2], [0, 3]]), "counts"),
    (lambda: cohen_kappa([[1, 2], [3]]), "equal length"),
    (lambda: weighted_kappa([[1, 2], [3, 4]], "cubic"), "quadratic"),
    (lambda: fleiss_kappa([[2, 1], [2, 0]]), "same number of raters"),
]


@pytest.mark.parametrize(("wrong", "words"), REFUSED)
def test_tables_without_an_answer_are_refused(wrong: Callable[[], object], words: str) -> None:
    with pytest.raises(StatsError, match=words):
        wrong()
