"""Meta-analysis as a pure library: numpy and scipy, no Flask, no database."""

from reviewtool.stats.errors import StatsError
from reviewtool.stats.measures import EffectSizes, effect_sizes
from reviewtool.stats.pairwise import pool
from reviewtool.stats.results import Interval, Pooled

__all__ = ["EffectSizes", "Interval", "Pooled", "StatsError", "effect_sizes", "pool"]
