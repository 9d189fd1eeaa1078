"""Runs of time points together as charts: the effects over time, jointly and each alone."""

from reviewtool.charts.over_time import Moment, OverTime, Series
from reviewtool.protocol.rules.times import days_of
from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.plots.pairwise import important
from reviewtool.synthesis.plots.plot import Plot
from reviewtool.synthesis.queries import Line
from reviewtool.synthesis.results import Effect, OverTimeResult
from reviewtool.synthesis.sheets.standing import Left
from reviewtool.words import capital

ALONE, TOGETHER = "Each time point by itself", "All time points together"


def moments(result: OverTimeResult, *, alone: bool = False) -> tuple[Moment, ...]:
    """The effects of a run as people read them, earliest first."""
    found = []
    for one in result.times:
        effect: Effect = one.alone if alone else one
        shown = result.shown(effect)
        found.append(
            Moment(
                one.timepoint,
                shown.estimate,
                shown.ci_low,
                shown.ci_high,
                one.k,
                days_of(one.timepoint),
            )
        )
    return tuple(found)


def course(line: Line, run: AnalysisRun) -> OverTime:
    """Both series of a run."""
    result = run.result
    if not isinstance(result, OverTimeResult):
        raise TypeError("another kind of analysis has other plots")
    left, right = line.favours
    compares = result.effect_measure.groups == 2
    return OverTime(
        result.measure,
        (Series(ALONE, moments(result, alone=True)), Series(TOGETHER, moments(result))),
        favours=(capital(left), capital(right)) if compares else ("", ""),
        level=result.level,
        important=important(line, result),
        notes=Left.of(result).note,
        title=line.title,
    )


PLOTS = (Plot("over-time", "Effects over time", OverTimeResult, course),)
