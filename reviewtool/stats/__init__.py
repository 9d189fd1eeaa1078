"""Meta-analysis as a pure library: numpy and scipy, no Flask, no database.

Effect sizes in, pooled results out; every result is frozen, knows its warnings and
has a ``sentence`` for a methods section.

>>> from reviewtool.stats import effect_sizes, pool
>>> e = effect_sizes("RR", ai=[4, 6, 3], n1i=[123, 306, 231], ci=[11, 29, 11], n2i=[139, 303, 220])
>>> result = pool(e.y, e.v, method="REML", test="knha")
>>> round(float(e.back(result.estimate)), 3)
0.264
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reviewtool.stats.batch import Many, pool_many
    from reviewtool.stats.count_pooling import mantel_haenszel, peto
    from reviewtool.stats.dependence.aggregate import aggregate
    from reviewtool.stats.dependence.multilevel import multilevel
    from reviewtool.stats.dependence.multivariate import multivariate
    from reviewtool.stats.dependence.robust import robust
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
    )
    from reviewtool.stats.small_studies.trimfill import trimfill

# Where each name lives: a name is imported when it is first asked for, so that one
# analysis does not wait for the modules of the others.
_HOMES = {
    "Many": "batch",
    "pool_many": "batch",
    "mantel_haenszel": "count_pooling",
    "peto": "count_pooling",
    "aggregate": "dependence.aggregate",
    "multilevel": "dependence.multilevel",
    "multivariate": "dependence.multivariate",
    "robust": "dependence.robust",
    "Design": "design",
    "design_matrix": "design",
    "StatsError": "errors",
    "EffectSizes": "measures",
    "effect_sizes": "measures",
    "pool": "pairwise",
    "glmm": "rare_events",
    "Regression": "regression",
    "Subgroups": "regression",
    "regress": "regression",
    "subgroups": "regression",
    "Interval": "results",
    "Pooled": "results",
    "cumulative": "sensitivity",
    "influence": "sensitivity",
    "leave_one_out": "sensitivity",
    "pool_subset": "sensitivity",
    "pool_binary": "side_by_side",
    "pool_continuous": "side_by_side",
    "fail_safe_n": "small_studies",
    "funnel_contours": "small_studies",
    "metabias": "small_studies",
    "pet_peese": "small_studies",
    "ranktest": "small_studies",
    "regtest": "small_studies",
    "selection_model": "small_studies",
    "trimfill": "small_studies.trimfill",
}
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


def __getattr__(name: str) -> Any:
    """A name of the library, from the module that holds it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
