"""Effect measures: one entry each, asked by everybody, and their effects per study.

Conventions (signs, zero cells, small-sample corrections) are those of the
literature each formula names; ratios are on the log scale. A measure is an entry
of ``MEASURES`` in a module of this package; a new module is found by being there.
"""

from reviewtool.stats.measures.base import KINDS, Data, Measure
from reviewtool.stats.measures.effects import (
    EffectSizes,
    effect_sizes,
    effects_from,
    reported_effects,
)
from reviewtool.stats.measures.registry import REGISTRY, default_for, discover, fitting, measure
from reviewtool.stats.measures.scales import Scale, double_arcsine_back
from reviewtool.stats.measures.single import clopper_pearson, harmonic_mean

__all__ = [
    "KINDS",
    "REGISTRY",
    "Data",
    "EffectSizes",
    "Measure",
    "Scale",
    "clopper_pearson",
    "default_for",
    "discover",
    "double_arcsine_back",
    "effect_sizes",
    "effects_from",
    "fitting",
    "harmonic_mean",
    "measure",
    "reported_effects",
]

discover(__path__)
