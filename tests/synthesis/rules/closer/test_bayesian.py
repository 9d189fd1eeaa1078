"""Bayesian pooling as a page shows it: the engine's numbers, a prior that fits, what it changes."""

import numpy as np
import pytest
from pydantic import ValidationError
from scipy import integrate, stats

from reviewtool.errors import Invalid
from reviewtool.stats import StatsError
from reviewtool.stats.bayes import half_cauchy, half_normal, pool_bayes, rhodes_2015, turner_2015
from reviewtool.synthesis.rules.closer.bayesian import BayesianChoices, bayesian
from reviewtool.synthesis.rules.selection import Group, Row
from tests.synthesis.rules.closer.sets import ROWS, effects, looked_at

SHAM = Group(total=40, mean=9.0, sd=12.0)
MEANS = tuple(
    Row(i, f"Trial {i}", None, "x", "y", Group(total=40, mean=m, sd=8.0), SHAM)
    for i, m in enumerate((5.0, 7.5, 4.0), 1)
)


def chosen(have, **choices):
    return bayesian(have, BayesianChoices(**choices))


def test_an_odds_ratio_is_offered_the_published_prior_of_its_kind_of_outcome():
    assert chosen(looked_at(name="Pain relief")).proposal == turner_2015("pain").name
    harm = chosen(looked_at(name="Nausea", harm=True))
    assert harm.proposal == turner_2015("adverse events").name
    assert chosen(looked_at(name="Response")).proposal == turner_2015("any").name


def test_a_standardised_difference_is_offered_the_other_table():
    found = chosen(looked_at(MEANS, measure="SMD", name="Depressed mood"))
    assert found.proposal == rhodes_2015("mental health").name
    assert found.areas == ("other", "respiratory", "cancer")


def test_elsewhere_half_a_standard_deviation_between_people_is_proposed_and_says_so():
    found = chosen(looked_at(MEANS, measure="MD"))
    assert found.proposal == half_normal(5.1).name  # of sqrt((64 + 144) / 2)
    assert "standard deviation between people" in found.why
    assert chosen(looked_at(measure="RR")).proposal == half_normal(0.5).name
    reported = chosen(looked_at(effects((1, 1, 0.2), (2, 2, 0.4), (3, 2, 0.4)), measure="MD"))
    assert "no group gives a standard deviation" in reported.why


def test_the_posterior_is_the_engines_and_its_probabilities_are_under_its_density():
    have = looked_at(MEANS, measure="MD", important=3.0)
    found = chosen(have, prior="half-cauchy", scale=2.0, mean=0.0, sd=10.0)
    engine = pool_bayes(have.y, have.v, half_cauchy(2.0), mu_prior=(0.0, 10.0))
    shown = found.posterior
    assert (shown.effect.estimate, shown.effect.ci_low) == (engine.mu.median, engine.mu.low)
    assert (shown.tau.estimate, shown.pi_high) == (engine.tau.median, engine.prediction.high)

    def under(low, high):
        return integrate.quad(
            lambda x: float(engine.mu_posterior.density(np.array([x]))[0]), low, high, limit=200
        )[0]

    assert shown.better == pytest.approx(under(-60, 0), abs=1e-6)
    assert shown.important == pytest.approx(under(-60, -3), abs=1e-6)
    assert shown.harmful == pytest.approx(under(3, 60), abs=1e-6)
    area = np.trapezoid(found.of_tau.posterior, found.of_tau.at)
    assert area == pytest.approx(1.0, abs=0.05)  # a tail is not drawn
    at = np.array(found.of_tau.at)
    assert found.of_tau.prior == pytest.approx(stats.halfcauchy.pdf(at, scale=2.0), rel=1e-9)


def test_other_priors_stand_beside_the_chosen_one_and_none_twice():
    found = chosen(looked_at(name="Pain"), prior="half-normal", scale=0.5)
    names = [found.posterior.prior, *(one.prior for one in found.others)]
    assert len(set(names)) == len(names)
    assert {turner_2015("pain").name, turner_2015("any").name} <= set(names)
    assert not found.proposed


def test_one_study_has_a_posterior_and_an_old_result_keeps_its_direction():
    found = chosen(looked_at(ROWS[:1]))
    assert found.posterior.effect.ci_low < found.pooled.estimate < found.posterior.effect.ci_high
    assert 0 < found.posterior.better < 1


def test_a_prior_that_does_not_fit_says_what_to_do():
    have = looked_at(measure="RR")
    with pytest.raises(Invalid, match="published for odds ratios, and the analysis pools a risk"):
        chosen(have, prior="turner-2015")
    with pytest.raises(Invalid, match="Write both"):
        chosen(have, prior="log-normal", log_mean=-2.0)
    with pytest.raises(Invalid, match="needs an SD"):
        chosen(have, mean=1.0)
    with pytest.raises(StatsError, match="Choose one of"):
        chosen(looked_at(), prior="turner-2015", outcome="happiness")


def test_numbers_are_read_as_people_type_them():
    found = BayesianChoices(prior="half-normal", scale="0,25", mean="−0.1", sd="2")
    assert (found.scale, found.mean, found.sd) == (0.25, -0.1, 2.0)
    for wrong in ("1,234", "much"):
        with pytest.raises(ValidationError, match="number|can be read"):
            BayesianChoices(scale=wrong)
