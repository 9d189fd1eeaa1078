"""Several effects from one study: multilevel and multivariate models, robust tests, aggregation."""

from reviewtool.stats.dependence.aggregate import Aggregated, aggregate
from reviewtool.stats.dependence.model import DependentFit
from reviewtool.stats.dependence.multilevel import multilevel, profile_interval
from reviewtool.stats.dependence.multivariate import multivariate
from reviewtool.stats.dependence.robust import Robust, robust
from reviewtool.stats.dependence.sampling import block_covariance, correlated_covariance

__all__ = [
    "Aggregated",
    "DependentFit",
    "Robust",
    "aggregate",
    "block_covariance",
    "correlated_covariance",
    "multilevel",
    "multivariate",
    "profile_interval",
    "robust",
]
