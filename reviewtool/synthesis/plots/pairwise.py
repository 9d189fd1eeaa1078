"""Runs of pairwise analyses as charts: forest, funnel, bubble."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from reviewtool.charts.bubble import Bubble, BubbleStudy, LinePoint
from reviewtool.charts.forest import Column, Forest, Section, Study, Summary
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
from reviewtool.words import capital, named, num, out_of_hundred, p, thousands

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
UNDER = {
    "events": "Events/total",
    "rates": "Events/person-time",
    "means": "Mean (SD), n",
    "changes": "Mean (SD) before, after; n",
    "sizes": "n",
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
        more=_difference(result.between),
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


def _difference(between: Test | None) -> tuple[str, ...]:
    if between is None or between.q is None:
        return ()
    name = "F" if between.df2 else "Q"
    df = f"{between.df}, {num(between.df2, 0)}" if between.df2 else str(between.df)
    return (
        f"Test for subgroup differences: {named(num(between.q), name)}, df = {df}, {p(between.p)}",
    )


def _kind(result: PairwiseResult) -> Kind:
    """What the arm columns show; nothing where no effect was computed from arms."""
    if not any(one.source == "arms" for one in result.studies):
        return ""
    return KINDS.get(result.effect_measure.data, "")


def _columns(line: Line, result: PairwiseResult, kind: Kind) -> tuple[Column, ...]:
    if not kind:
        return ()
    names = [
        capital(treatments[0]) if len(treatments) == 1 and len(treatments[0]) <= 24 else other
        for treatments, other in (
            (line.comparison.experimental, "Experimental"),
            (line.comparison.comparator, "Comparator"),
        )
    ]
    return tuple(Column(name, UNDER[kind]) for name in names[: result.effect_measure.groups])


def _study(one: StudyEffect, result: PairwiseResult, kind: Kind) -> Study:
    shown = result.shown(one)
    groups = (one.group1, one.group2)[: result.effect_measure.groups]
    return Study(
        one.label,
        shown.estimate,
        shown.ci_low,
        shown.ci_high,
        one.weight,
        tuple(_cell(group, kind) for group in groups) if kind else (),
    )


def _cell(group: Group, kind: Kind) -> str:
    if kind == "events" and group.events is not None and group.total is not None:
        return f"{thousands(group.events)}/{thousands(group.total)}"
    if kind == "rates" and group.events is not None and group.time is not None:
        return f"{thousands(group.events)}/{num(group.time, 1)}"
    if kind == "means" and group.mean is not None:
        return f"{num(group.mean)} ({num(group.sd)}), {thousands(group.total)}"
    if kind == "changes" and group.mean is not None:
        both = ((group.mean_before, group.sd_before), (group.mean, group.sd))
        spread = ", ".join(num(m) + (f" ({num(sd)})" if sd is not None else "") for m, sd in both)
        return f"{spread}; {thousands(group.total)}"
    if kind == "sizes" and group.total is not None:
        return thousands(group.total)
    return ""


def _totals(studies: Sequence[StudyEffect], kind: Kind, groups: int) -> tuple[str, ...]:
    """Sums over the studies computed from their arms, for the line of a diamond."""
    if not kind:
        return ()
    cells = []
    for side in range(groups):
        own = [(s.group1, s.group2)[side] for s in studies if s.source == "arms"]
        total = sum((g.time if kind == "rates" else g.total) or 0 for g in own)
        events = sum(g.events or 0 for g in own)
        cells.append(
            f"{thousands(events)}/{thousands(total)}"
            if kind in ("events", "rates")
            else thousands(total)
        )
    return tuple(cells)


def _summary(
    pooled: Pooled,
    result: PairwiseResult,
    label: str,
    studies: Sequence[StudyEffect],
    kind: Kind,
    *,
    prediction: bool = False,
    more: tuple[str, ...] = (),
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
        (*_heterogeneity(pooled), *more),
        span,
    )


def _heterogeneity(pooled: Pooled) -> list[str]:
    if pooled.q is None or pooled.k < 2:
        return []
    tau2 = f"{named(num(pooled.tau2, 3), 'τ²')}, " if pooled.tau2 is not None else ""
    i2 = f", {named(out_of_hundred(pooled.i2), 'I²')}" if pooled.i2 is not None else ""
    df = int(pooled.q_df or 0)
    return [f"Heterogeneity: {tau2}{named(num(pooled.q), 'Q')}, df = {df}, {p(pooled.q_p)}{i2}"]


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
