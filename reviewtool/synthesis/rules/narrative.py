"""An analysis that is told, not pooled: by plan, or because pooling is refused."""

from reviewtool.synthesis.results import NarrativeResult, PairwiseResult
from reviewtool.synthesis.rules.directions import directions
from reviewtool.synthesis.rules.pairwise import analyse
from reviewtool.synthesis.rules.pooling import Inputs, NothingToPool, Settings, effects


def synthesise(inputs: Inputs, settings: Settings) -> PairwiseResult | NarrativeResult:
    """One comparison: pooled, or told where the plan says so or nothing can be pooled.

    Raises NothingToPool when no study has anything to tell, StatsError naming the study.
    """
    if settings.kind == "narrative":
        return narrate(inputs, settings)
    try:
        return analyse(inputs, settings)
    except NothingToPool as error:
        if not inputs.rows or inputs.lower_is_better is None:
            raise
        told = narrate(inputs, settings, error.message)
        if not told.directions.known:
            raise
        return told


def narrate(inputs: Inputs, settings: Settings, refused: str = "") -> NarrativeResult:
    """An analysis that pools nothing. refused: why not, where pooling was planned.

    A plan to tell of studies of which none reports the outcome tells that.
    """
    told = directions(inputs, effects(inputs.rows, settings), settings)
    return NarrativeResult(
        measure=settings.measure,
        level=settings.level,
        notes=inputs.notes,
        warnings=told.doubts,
        left_out=inputs.left_out,
        directions=told,
        refused=refused,
    )
