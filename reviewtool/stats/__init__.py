"""Meta-analysis as a pure library: numpy and scipy, no Flask, no database.

Effect sizes in, pooled results out; every result is frozen, knows its warnings and
has a ``sentence`` for a methods section.

>>> from reviewtool.stats import effect_sizes, pool
>>> e = effect_sizes("RR", ai=[4, 6, 3], n1i=[123, 306, 231], ci=[11, 29, 11], n2i=[139, 303, 220])
>>> result = pool(e.y, e.v, method="REML", test="knha")
>>> round(float(e.back(result.estimate)), 3)
0.264
"""

from reviewtool.stats.batch import Many, pool_many
from reviewtool.stats.count_pooling import mantel_haenszel, peto
from reviewtool.stats.dependence import aggregate, multilevel, multivariate, robust
from reviewtool.stats.design import Design, design_matrix
from reviewtool.stats.errors import StatsError
from reviewtool.stats.measures import EffectSizes, effect_sizes
from reviewtool.stats.pairwise import pool
from reviewtool.stats.rare_events import glmm
from reviewtool.stats.regression import Regression, Subgroups, regress, subgroups
from reviewtool.stats.results import Interval, Pooled
from reviewtool.stats.sensitivity import cumulative, influence, leave_one_out, pool_subset
from reviewtool.stats.side_by_side import pool_binary, pool_continuous
from reviewtool.stats.small_studies import (
    fail_safe_n,
    funnel_contours,
    metabias,
    pet_peese,
    ranktest,
    regtest,
    selection_model,
    trimfill,
)

__all__ = [
    "Design",
    "EffectSizes",
    "Interval",
    "Many",
    "Pooled",
    "Regression",
    "StatsError",
    "Subgroups",
    "aggregate",
    "cumulative",
    "design_matrix",
    "effect_sizes",
    "fail_safe_n",
    "funnel_contours",
    "glmm",
    "influence",
    "leave_one_out",
    "mantel_haenszel",
    "metabias",
    "multilevel",
    "multivariate",
    "pet_peese",
    "peto",
    "pool",
    "pool_binary",
    "pool_continuous",
    "pool_many",
    "pool_subset",
    "ranktest",
    "regress",
    "regtest",
    "robust",
    "selection_model",
    "subgroups",
    "trimfill",
]
