"""Prior and posterior of the mean effect and of the between-study standard deviation."""

import numpy as np

from reviewtool.charts.densities import Densities, Density, Points
from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.plots.closer.drawn import Drawn
from reviewtool.synthesis.plots.pairwise import pairwise
from reviewtool.synthesis.queries import Line
from reviewtool.synthesis.results import Effect, PairwiseResult
from reviewtool.synthesis.rules.closer.bayesian import BayesianFinding
from reviewtool.synthesis.rules.closer.posterior import Curve, Posterior
from reviewtool.words import capital


def densities(line: Line, run: AnalysisRun, found: BayesianFinding) -> Densities:
    """The mean effect above, heterogeneity below."""
    result, after = pairwise(run), found.posterior
    if after is None or found.of_mean is None or found.of_tau is None:
        raise TypeError("there is no posterior to draw")
    notes = [f"Prior of τ: {after.prior}{f' ({after.source})' if after.source else ''}."]
    return Densities(
        (_of_mean(line, result, found.of_mean, after), _of_tau(result, found.of_tau, after.tau)),
        result.level,
        tuple(notes),
        title=f"Prior and posterior: {line.title}",
    )


def _of_mean(line: Line, result: PairwiseResult, curve: Curve, after: Posterior) -> Density:
    about = result.effect_measure
    shown = result.shown(after.effect)
    marks = [] if about.null is None else [about.null]
    size = line.outcome.minimal_important_difference
    if size and about.in_units and about.null is not None:
        marks += [-abs(size), abs(size)]
    return Density(
        capital(about.axis_title),
        _points(result, curve, curve.posterior),
        _points(result, curve, curve.prior),
        shown.ci_low or 0.0,
        shown.estimate or 0.0,
        shown.ci_high or 0.0,
        tuple(marks),
        log=about.is_ratio,
        digits=about.digits,
    )


def _points(result: PairwiseResult, curve: Curve, heights: tuple[float, ...]) -> Points:
    """A curve over natural values. A ratio keeps its heights, because its axis is that of logs."""
    if not heights:
        return ()
    at = [result.natural(value) or 0.0 for value in curve.at]
    density = np.array(heights)
    if not result.is_ratio:
        slope = np.gradient(np.array(at), np.array(curve.at))
        density = density / np.where(slope > 0, slope, np.inf)
    return tuple(zip(at, density.tolist(), strict=True))


def _of_tau(result: PairwiseResult, curve: Curve, tau: Effect) -> Density:
    scale = result.effect_measure.scale
    name = f" ({scale.name} scale)" if scale.r_back else ""
    return Density(
        f"Standard deviation between studies, τ{name}",
        tuple(zip(curve.at, curve.posterior, strict=True)),
        tuple(zip(curve.at, curve.prior, strict=True)) if curve.prior else (),
        tau.ci_low or 0.0,
        tau.estimate or 0.0,
        tau.ci_high or 0.0,
        from_zero=True,
        digits=3,
    )


PLOTS = (
    Drawn(
        "densities",
        "picture of prior and posterior",
        densities,
        lambda found: found.posterior is not None,
    ),
)
