"""Runs of pairwise analyses as charts: forest, funnel, bubble."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from reviewtool.charts.bubble import Bubble, BubbleStudy, LinePoint
from reviewtool.charts.forest import (
    Between,
    Column,
    Forest,
    Pooling,
    Section,
    Study,
    Summary,
)
from reviewtool.charts.funnel import Funnel, Point
from reviewtool.stats.measures import Data
from reviewtool.stats.regression import NOT_REPORTED
from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.plots.plot import Plot
from reviewtool.synthesis.queries import Line
from reviewtool.synthesis.results import PairwiseResult, Pooled, Result, StudyEffect, Test
from reviewtool.synthesis.rules.pairwise import ENOUGH_FOR_FUNNEL
from reviewtool.synthesis.rules.selection import Group
from reviewtool.synthesis.sheets.standing import Left
from reviewtool.words import capital, named, num, p, thousands

TESTS = {
    "z": "Wald intervals",
    "t": "t distribution",
    "knha": "Hartung-Knapp intervals",
    "adhoc": "Hartung-Knapp intervals, never narrower than Wald",
}


Kind = Literal["", "events", "rates", "means", "changes", "sizes"]
KINDS: dict[Data, Kind] = {
    Data.COUNTS: "events",
    Data.COUNT: "events",
    Data.RATES: "rates",
    Data.RATE: "rates",
    Data.MEANS: "means",
    Data.MEAN: "means",
    Data.CHANGES: "changes",
    Data.CORRELATION: "sizes",
}
# What an arm's column holds: in one cell, its parts, and how they join.
ARMS: dict[Kind, tuple[str, tuple[str, ...], str]] = {
    "events": ("Events/total", ("Events", "Total"), "{0}/{1}"),
    "rates": ("Events/person-time", ("Events", "Time"), "{0}/{1}"),
    "means": ("Mean (SD), n", ("Mean", "SD", "Total"), "{0} ({1}), {2}"),
    "changes": ("Mean (SD) before, after; n", ("Before, after", "Total"), "{0}; {1}"),
    "sizes": ("n", (), ""),
}


def forest(line: Line, run: AnalysisRun) -> Forest:
    """A run as the chart wants it: on the scale people read."""
    result = pairwise(run)
    groups = {g.label: g for g in result.subgroups}
    by: dict[str, list[StudyEffect]] = {}
    for one in result.studies:
        by.setdefault((one.subgroup or NOT_REPORTED) if groups else "", []).append(one)
    kind = _kind(result)
    sections = tuple(
        Section(
            tuple(_study(one, result, kind) for one in by[title]),
            capital(title),
            _summary(groups[title], result, "Subtotal", by[title], kind)
            if title in groups
            else None,
        )
        for title in ([g for g in groups if g in by] if groups else by)
    )
    overall = _summary(
        result.pooled,
        result,
        model_of(result),
        result.studies,
        kind,
        prediction=True,
        between=result.between,
    )
    return Forest(
        measure=result.measure,
        sections=sections,
        overall=(overall,),
        columns=_columns(line, result, kind),
        favours=sides(line, result),
        level=result.level,
        notes=(_how(result), *_important_note(line, result), *left_out(result)),
        title=line.title,
        important=important(line, result),
    )


def linked(chart: Forest, addresses: Mapping[str, str]) -> Forest:
    """The same plot with the label of each study leading to its address."""
    return replace(
        chart,
        sections=tuple(
            replace(
                section,
                studies=tuple(
                    replace(one, url=addresses.get(one.label, "")) for one in section.studies
                ),
            )
            for section in chart.sections
        ),
    )


def important(line: Line, result: Result) -> tuple[float, ...]:
    """Where the minimal important difference stands on the axis, benefit first."""
    difference, of = line.outcome.minimal_important_difference, result.effect_measure
    if not difference or not of.in_units or of.null is None:
        return ()
    benefit = -abs(difference) if line.outcome.lower_is_better else abs(difference)
    return benefit, -benefit


def _important_note(line: Line, result: PairwiseResult) -> tuple[str, ...]:
    marks = important(line, result)
    if not marks:
        return ()
    size = num(abs(marks[0]), result.effect_measure.digits)
    unit = f" {line.outcome.unit}" if line.outcome.unit else ""
    return (f"Dotted lines: the minimal important difference, {size}{unit} either way.",)


def sides(line: Line, result: PairwiseResult) -> tuple[str, str]:
    """Words left and right of the null: whom it favours, or what a change of one group is."""
    measure = result.effect_measure
    if measure.groups == 1 and measure.null is None:
        return "", ""
    left, right = line.favours if measure.groups == 2 else measure.directions
    return capital(left), capital(right)


def pairwise(run: AnalysisRun) -> PairwiseResult:
    """The result of a run that pools one comparison. Raises TypeError for a network."""
    if not isinstance(run.result, PairwiseResult):
        raise TypeError("a network has other plots")
    return run.result


def left_out(result: PairwiseResult) -> tuple[str, ...]:
    """A note naming the studies that had numbers for the outcome and are not in the plot."""
    return Left.of(result).note


def _how(result: PairwiseResult) -> str:
    """The model in a line under the plot."""
    pooled = result.pooled
    if pooled.k == 1:
        return "A single study: nothing is pooled."
    if pooled.method == "MH":
        return "Common effect by the Mantel-Haenszel method."
    if pooled.method == "EE":
        return "Common effect by inverse variance."
    return f"Random effects by inverse variance; τ² by {pooled.method}; {TESTS[pooled.test]}."


def model_of(result: PairwiseResult) -> str:
    """The diamond's label."""
    method = result.pooled.method
    if result.pooled.k == 1:
        return "The only study"
    if method == "MH":
        return "All studies (Mantel-Haenszel)"
    return f"All studies ({'common effect' if method == 'EE' else 'random effects'})"


def _kind(result: PairwiseResult) -> Kind:
    """What the arm columns show; nothing where no effect was computed from arms."""
    if not any(one.source == "arms" for one in result.studies):
        return ""
    return KINDS.get(result.effect_measure.data, "")


def _columns(line: Line, result: PairwiseResult, kind: Kind) -> tuple[Column, ...]:
    if not kind:
        return ()
    names = [
        capital(" or ".join(treatments)) if 0 < len(treatments) <= 3 else other
        for treatments, other in (
            (line.comparison.experimental, "Experimental"),
            (line.comparison.comparator, "Comparator"),
        )
    ]
    return tuple(Column(name, *ARMS[kind]) for name in names[: result.effect_measure.groups])


def _study(one: StudyEffect, result: PairwiseResult, kind: Kind) -> Study:
    shown = result.shown(one)
    groups = (one.group1, one.group2)[: result.effect_measure.groups]
    return Study(
        one.label,
        shown.estimate,
        shown.ci_low,
        shown.ci_high,
        one.weight,
        tuple(cell for group in groups for cell in _cells(group, kind)) if kind else (),
    )


def _cells(group: Group, kind: Kind) -> tuple[str, ...]:
    """The numbers of an arm, part by part; empty where only a comparison was reported."""
    empty = ("",) * max(1, len(ARMS[kind][1]))
    if kind == "events" and group.events is not None and group.total is not None:
        return thousands(group.events), thousands(group.total)
    if kind == "rates" and group.events is not None and group.time is not None:
        return thousands(group.events), num(group.time, 1)
    if kind == "means" and group.mean is not None:
        return num(group.mean), num(group.sd), thousands(group.total)
    if kind == "changes" and group.mean is not None:
        both = ((group.mean_before, group.sd_before), (group.mean, group.sd))
        spread = ", ".join(num(m) + (f" ({num(sd)})" if sd is not None else "") for m, sd in both)
        return spread, thousands(group.total)
    if kind == "sizes" and group.total is not None:
        return (thousands(group.total),)
    return empty


def _totals(studies: Sequence[StudyEffect], kind: Kind, groups: int) -> tuple[str, ...]:
    """Sums over the studies computed from their arms, for the line of a diamond."""
    if not kind:
        return ()
    cells: list[str] = []
    for side in range(groups):
        own = [(s.group1, s.group2)[side] for s in studies if s.source == "arms"]
        total = thousands(sum((g.time if kind == "rates" else g.total) or 0 for g in own))
        events = thousands(sum(g.events or 0 for g in own))
        first = (events,) if kind in ("events", "rates") else ("",) * (len(ARMS[kind][1]) - 1)
        cells += [*first, total]
    return tuple(cells)


def _summary(
    pooled: Pooled,
    result: PairwiseResult,
    label: str,
    studies: Sequence[StudyEffect],
    kind: Kind,
    *,
    prediction: bool = False,
    between: Test | None = None,
) -> Summary:
    shown = result.shown(pooled)
    low, high = result.natural(pooled.pi_low), result.natural(pooled.pi_high)
    span = (low, high) if prediction and low is not None and high is not None else None
    return Summary(
        label,
        shown.estimate,
        shown.ci_low,
        shown.ci_high,
        sum(s.weight or 0.0 for s in studies),
        _totals(studies, kind, result.effect_measure.groups),
        prediction=span,
        pooled=_pooling(pooled, between, tests=result.effect_measure.null is not None),
        k=pooled.k,
    )


def _pooling(pooled: Pooled, between: Test | None, *, tests: bool) -> Pooling:
    """The numbers under a diamond. tests: whether there is a value of no effect to test."""
    test = None
    if between is not None and between.q is not None:
        test = Between(between.q, between.df, between.p, between.df2)
    return Pooling(
        tau2=pooled.tau2,
        q=pooled.q,
        q_df=pooled.q_df,
        q_p=pooled.q_p,
        i2=pooled.i2,
        statistic=pooled.statistic if tests else None,
        df=pooled.df,
        p=pooled.p,
        model="common" if pooled.method in ("EE", "MH", "Peto") else "random",
        method=pooled.method,
        between=test,
    )


def funnel(line: Line, run: AnalysisRun) -> Funnel:
    """The funnel plot of a run."""
    result = pairwise(run)
    points = tuple(
        Point(s.label, s.estimate, s.se)
        for s in result.studies
        if s.estimate is not None and s.se is not None
    )
    found = result.asymmetry
    notes = [*left_out(result)]
    if found is not None and found.p is not None:
        notes.insert(
            0, f"Egger’s test: {named(num(found.t), 't')}, df = {num(found.df, 0)}, {p(found.p)}"
        )
    return Funnel(
        measure=result.measure,
        points=points,
        estimate=result.pooled.estimate or 0.0,
        size=result.size,
        notes=tuple(notes),
        title=f"{line.title} ({result.effect_measure.heading.lower()})",
    )


def bubble(line: Line, run: AnalysisRun) -> Bubble:
    """The bubble plot of a meta-regression on one characteristic."""
    result = pairwise(run)
    found = result.regression
    if found is None or len(found.terms) < 2:
        raise TypeError("there is no meta-regression to draw")
    return Bubble(
        measure=result.measure,
        characteristic=capital(found.terms[1].name.replace("_", " ")),
        size=result.size,
        studies=tuple(BubbleStudy(x.label, x.value, x.estimate, x.weight) for x in found.points),
        line=tuple(LinePoint(x.value, x.estimate, x.ci_low, x.ci_high) for x in found.line),
        title=f"Meta-regression: {line.title}",
    )


PLOTS = (
    Plot("forest", "Forest plot", PairwiseResult, forest),
    Plot(
        "funnel",
        "Funnel plot",
        PairwiseResult,
        funnel,
        lambda result: len(result.studies) >= ENOUGH_FOR_FUNNEL,
    ),
    Plot(
        "bubble",
        "Meta-regression",
        PairwiseResult,
        bubble,
        lambda result: result.regression is not None and bool(result.regression.points),
    ),
)
