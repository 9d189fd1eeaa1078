"""Variances and effects at the edge of what a computer can hold: right, or refused by name."""

from fractions import Fraction

import numpy as np
import pytest

from reviewtool.stats import (
    influence,
    leave_one_out,
    pool,
    pool_many,
    regress,
    regtest,
    subgroups,
    trimfill,
)
from reviewtool.stats.errors import BadInput, BadStudy
from reviewtool.stats.heterogeneity import METHODS
from reviewtool.stats.network import fit_network, given_contrasts
from reviewtool.stats.pairwise import TESTS

TINY = ([1.0, 2.0, 3.0], [1e-20, 1.0, 1.0])


def exactly(y, v):
    """Mean, Q and DerSimonian-Laird tau2 in rational arithmetic."""
    y, v = ([Fraction(x) for x in part] for part in (y, v))
    w = [1 / x for x in v]
    total = sum(w)
    mean = sum(a * b for a, b in zip(w, y, strict=True)) / total
    q = sum(a * (b - mean) ** 2 for a, b in zip(w, y, strict=True))
    trace = total - sum(a * a for a in w) / total
    return float(mean), float(q), float(max(0, (q - len(y) + 1) / trace))


@pytest.mark.parametrize("tiny", [1e-8, 1e-12, 1e-16, 1e-20, 1e-40, 1e-59])
def test_one_tiny_variance_leaves_every_digit_of_the_rest(tiny):
    y, v = [0.1, 2.0, 3.3, 0.7], [tiny, 1.0, 0.5, 2.0]
    mean, q, tau2 = exactly(y, v)
    result = pool(y, v, method="DL")
    assert pool(y, v, method="EE").estimate == pytest.approx(mean, rel=1e-12)
    assert result.q == pytest.approx(q, rel=1e-9)
    assert result.tau2 == pytest.approx(tau2, rel=1e-9)
    many = pool_many([y], [v], method="DL")
    assert (many.q[0], many.tau2[0]) == (result.q, result.tau2)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("test", TESTS)
def test_every_estimator_bears_a_tiny_variance_and_says_whose_it_is(method, test):
    result = pool(*TINY, method=method, test=test, labels=["Ada", "Bea", "Cal"])
    assert np.isfinite([result.estimate, result.se, result.tau2, result.i2, result.q]).all()
    assert any("Ada" in w and "check it" in w for w in result.warnings)


def test_sensitivity_analyses_bear_a_tiny_variance():
    y, v = [*TINY[0], 2.5], [*TINY[1], 2.0]
    assert all(np.isfinite(step.fit.estimate) for step in leave_one_out(y, v))
    assert np.isfinite(influence(y, v).hat).all()
    groups = subgroups(y, v, ["a", "a", "b", "b"])
    assert all(np.isfinite(group.fit.estimate) for group in groups.groups)


def test_lines_through_a_tiny_variance_are_refused_by_name():
    y, v, names = [*TINY[0], 2.5], [*TINY[1], 2.0], ["Ada", "Bea", "Cal", "Dee"]
    x = np.column_stack([np.ones(4), [1.0, 2.0, 3.0, 5.0]])
    for analysis in (
        lambda: regress(y, v, x, ["intrcpt", "dose"], labels=names),
        lambda: regtest(y, v, labels=names),
        lambda: trimfill(y, v, labels=names),
        lambda: fit_network(given_contrasts(names, "AABA", "BCCB", y, np.sqrt(v))),
    ):
        with pytest.raises(BadStudy, match="Ada"):
            analysis()


def test_a_network_refuses_what_cannot_be_weighed_by_name():
    for error in (1e-40, 1e40):
        with pytest.raises(BadStudy, match="Bea"):
            fit_network(given_contrasts(["Ada", "Bea"], "AB", "BC", [1.0, 2.0], [1.0, error]))


@pytest.mark.parametrize(
    ("y", "v"),
    [
        (0.5, 0.0),
        (0.5, -1.0),
        (0.5, 1e-320),
        (0.5, 1e-70),
        (0.5, 1e70),
        (0.5, np.inf),
        (0.5, np.nan),
        (1e80, 1.0),
        (np.inf, 1.0),
        (np.nan, 1.0),
    ],
)
def test_what_cannot_be_weighed_is_refused_by_name(y, v):
    with pytest.raises(BadStudy, match="Bea"):
        pool([0.1, y], [0.2, v], labels=["Ada", "Bea"])
    if not (np.isnan(y) or np.isnan(v)):
        with pytest.raises(BadInput, match="study 2"):
            pool_many([[0.1, y]], [[0.2, v]])
