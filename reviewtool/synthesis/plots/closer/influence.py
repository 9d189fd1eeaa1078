"""Forest plots of leaving out and of adding studies, and the Baujat plot."""

from collections.abc import Sequence

from reviewtool.charts.baujat import Baujat, BaujatStudy
from reviewtool.charts.forest import Forest, Section, Study, Summary
from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.plots.closer.drawn import Drawn
from reviewtool.synthesis.plots.pairwise import left_out, model_of, pairwise, sides
from reviewtool.synthesis.queries import Line
from reviewtool.synthesis.results import Effect
from reviewtool.synthesis.rules.closer.influence import InfluenceFinding


def without_each(line: Line, run: AnalysisRun, found: InfluenceFinding) -> Forest:
    """The pooled effect without each study in turn."""
    rows = [(one.omitted, one) for one in found.leave_one_out]
    return _forest(line, run, "Without", "Leaving out one study at a time", rows)


def cumulative(line: Line, run: AnalysisRun, found: InfluenceFinding) -> Forest:
    """The pooled effect as studies are added."""
    rows = [(f"{'' if one.k == 1 else '+ '}{one.added}", one) for one in found.cumulative]
    note = f"Studies are added one by one, {found.ordered}."
    return _forest(line, run, "Study added", "Cumulative analysis", rows, note)


def _forest(
    line: Line,
    run: AnalysisRun,
    heading: str,
    title: str,
    rows: Sequence[tuple[str, Effect]],
    *notes: str,
) -> Forest:
    result = pairwise(run)
    shown = result.shown(result.pooled)
    whole = Summary(model_of(result), shown.estimate, shown.ci_low, shown.ci_high)
    studies = []
    for label, one in rows:
        natural = result.shown(one)
        studies.append(Study(label, natural.estimate, natural.ci_low, natural.ci_high))
    return Forest(
        measure=result.measure,
        sections=(Section(tuple(studies)),),
        overall=(whole,),
        favours=sides(line, result),
        level=result.level,
        study_heading=heading,
        notes=(*notes, *left_out(result)),
        title=f"{title}: {line.title}",
    )


def baujat(line: Line, run: AnalysisRun, found: InfluenceFinding) -> Baujat:
    """Which studies make the heterogeneity, and which move the common effect."""
    return Baujat(
        tuple(BaujatStudy(one.study, one.heterogeneity, one.influence) for one in found.baujat),
        ("Common effect by inverse variance, whatever the model of the analysis.",),
        title=f"Baujat plot: {line.title}",
    )


PLOTS = (
    Drawn(
        "leave-one-out",
        "forest plot of leaving out one study at a time",
        without_each,
        lambda found: bool(found.leave_one_out),
    ),
    Drawn("cumulative", "cumulative forest plot", cumulative, lambda found: bool(found.cumulative)),
    Drawn("baujat", "Baujat plot", baujat, lambda found: bool(found.baujat)),
)
