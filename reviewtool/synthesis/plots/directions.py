"""The effect direction plot of a run that does not pool every study."""

from reviewtool.charts.directions import Arrows, EffectDirections, Mark
from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.plots.plot import Plot
from reviewtool.synthesis.queries import Line
from reviewtool.synthesis.results import NarrativeResult, PairwiseResult, Told
from reviewtool.synthesis.sheets.directions import ToldWords
from reviewtool.synthesis.sheets.standing import Left
from reviewtool.words import capital, thousands

LABEL = "Effect direction plot"


def mark(one: Told) -> Mark:
    """A study's arrow: by the people of its experimental group."""
    return Mark(one.direction, one.people[0], one.judgement)


def plot(line: Line, run: AnalysisRun) -> EffectDirections:
    """Every study of the run with its direction. Raises TypeError for runs that tell none."""
    told = ToldWords.of(line, run)
    if told is None:
        raise TypeError("this analysis tells no directions")
    votes = told.found.votes
    where = f", {line.planned.timepoint}" if line.planned.timepoint else ""
    return EffectDirections(
        columns=(f"{line.outcome.name}{where}",),
        rows=tuple(Arrows(one.label, (mark(one),)) for one in told.found.rows),
        sides=(capital(told.sides[0]), capital(told.sides[1])),
        counts=(f"{thousands(votes.favour)} of {thousands(votes.total)}",) if votes.total else (),
        notes=(told.sentence, *Left.of(told.result).note),
        title=f"Effect directions: {line.title}",
    )


PLOTS = (
    Plot("directions", LABEL, NarrativeResult, plot, lambda result: result.directions.known),
    Plot(
        "directions",
        LABEL,
        PairwiseResult,
        plot,
        lambda result: result.directions is not None and result.directions.known,
    ),
)
