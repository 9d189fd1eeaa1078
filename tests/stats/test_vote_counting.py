"""Vote counting and combined p values against R's binom.test and against hand calculations."""

import pytest

from reviewtool.stats.errors import BadInput
from reviewtool.stats.vote_counting import fisher, one_sided, sign_test


@pytest.mark.parametrize(
    ("favour", "against", "p", "low", "high"),
    [  # binom.test(favour, favour + against) of R 4.3
        (11, 1, 0.006347656, 0.6152038, 0.9978924),
        (5, 0, 0.0625, 0.4781762, 1.0),
        (0, 3, 0.25, 0.0, 0.7075982),
        (4, 4, 1.0, 0.1570128, 0.8429872),
    ],
)
def test_the_sign_test_is_that_of_r(favour, against, p, low, high):
    found = sign_test(favour, against)
    assert (found.p, found.ci_low, found.ci_high) == pytest.approx((p, low, high), abs=1e-7)


def test_no_direction_at_all_is_no_test():
    with pytest.raises(BadInput, match="at least one study"):
        sign_test(0, 0)


def test_fisher_adds_logs():
    found = fisher([0.5, 0.5])  # -2 ln(1/4); P(chi2_4 > x) = exp(-x/2)(1 + x/2)
    assert (found.statistic, found.df) == (pytest.approx(2.7725887), 4)
    assert found.p == pytest.approx(0.25 * (1 + 1.38629436))
    with pytest.raises(BadInput):
        fisher([0.0, 0.2])


def test_what_is_not_known_of_a_p_value_counts_against_an_effect():
    exact = one_sided(0.05, along=True)
    assert one_sided(0.05, along=True, bound="<") == exact
    assert one_sided(0.05, along=True, bound=">") > exact
    assert one_sided(0.05, along=False, bound="<") > one_sided(0.05, along=False)
