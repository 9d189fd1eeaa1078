"""The funnel plot with the contours chosen and the studies that trim and fill imputed."""

from reviewtool.charts.funnel import Funnel, Point
from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.plots.closer.drawn import Drawn
from reviewtool.synthesis.plots.pairwise import left_out, pairwise
from reviewtool.synthesis.queries import Line
from reviewtool.synthesis.rules.closer.small_studies import SmallStudiesFinding


def funnel(line: Line, run: AnalysisRun, found: SmallStudiesFinding) -> Funnel:
    """Effects against standard errors; imputed studies are empty circles."""
    result = pairwise(run)
    points = [
        Point(one.label, one.estimate, one.se)
        for one in result.studies
        if one.estimate is not None and one.se is not None
    ]
    filled = found.trim_fill.filled if found.trim_fill else ()
    points += [Point("imputed", one.estimate, one.se, imputed=True) for one in filled]
    notes = [f"Empty circles: {found.trim_fill.sentence}"] if found.trim_fill and filled else []
    return Funnel(
        measure=result.measure,
        points=tuple(points),
        estimate=result.pooled.estimate or 0.0,
        contours=found.contours if found.centre is not None else (),
        centre=found.centre or 0.0,
        size=result.size,
        notes=(*notes, *left_out(result)),
        title=f"{line.title} ({result.effect_measure.heading.lower()})",
    )


PLOTS = (Drawn("contour-funnel", "funnel plot with contours", funnel, lambda found: found.k > 1),)
