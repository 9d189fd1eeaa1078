"""Bayesian random-effects meta-analysis by numerical integration."""

from reviewtool.stats.bayes.empirical import rhodes_2015, turner_2012, turner_2015
from reviewtool.stats.bayes.model import Bayesian, pool_bayes
from reviewtool.stats.bayes.named import prior_named
from reviewtool.stats.bayes.priors import (
    Prior,
    half_cauchy,
    half_normal,
    log_normal,
    log_student,
    uniform,
)

__all__ = [
    "Bayesian",
    "Prior",
    "half_cauchy",
    "half_normal",
    "log_normal",
    "log_student",
    "pool_bayes",
    "prior_named",
    "rhodes_2015",
    "turner_2012",
    "turner_2015",
    "uniform",
]
