"""Forest and funnel plots of a run."""

from collections.abc import Callable
from math import exp
from typing import Any, cast

from reviewtool.charts import Format, Theme, render
from reviewtool.charts.forest import Column, Forest, Section, Study, Summary
from reviewtool.charts.funnel import Funnel, Point
from reviewtool.charts.numbers import name_of
from reviewtool.drawings import kept
from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.queries import Line
from reviewtool.synthesis.rules.pairwise import ENOUGH_FOR_FUNNEL

MEDIA = {"svg": "image/svg+xml", "pdf": "application/pdf", "png": "image/png"}


def forest(line: Line, run: AnalysisRun, kind: str, theme: Theme = "print") -> bytes:
    """The forest plot of a run as a file; the same run always gives the same bytes."""
    return _drawn(lambda: forest_chart(line, run), "forest", line, run, kind, theme)


def funnel(line: Line, run: AnalysisRun, kind: str, theme: Theme = "print") -> bytes:
    """The funnel plot of a run as a file."""
    return _drawn(lambda: _funnel_chart(line, run), "funnel", line, run, kind, theme)


def _drawn(
    chart: Callable[[], Any], what: str, line: Line, run: AnalysisRun, kind: str, theme: Theme
) -> bytes:
    key = f"{what} {run.id} {run.created_at} {run.inputs_hash} {line.title} {line.favours} {kind} {theme}"
    return kept(key, lambda: render(chart(), cast(Format, kind), theme, f"{what}{run.id}"))


def prepare(line: Line, run: AnalysisRun) -> None:
    """Draw what the page shows, so that the first reader does not wait."""
    if run.result.get("studies"):
        forest(line, run, "svg", "screen")
        if len(run.result["studies"]) >= ENOUGH_FOR_FUNNEL:
            funnel(line, run, "svg", "screen")


def forest_chart(line: Line, run: AnalysisRun) -> Forest:
    """A run as the chart wants it: ratios not logged."""
    result = run.result
    log = bool(result["log"])
    groups = {g["label"]: g for g in result.get("subgroups") or []}
    by: dict[str, list[Study]] = {}
    for one in result["studies"]:
        by.setdefault(one["subgroup"] if groups else "", []).append(_study(one, log))
    sections = tuple(
        Section(
            tuple(studies),
            title.capitalize(),
            _summary(groups[title], log, "Subtotal") if title in groups else None,
        )
        for title, studies in by.items()
    )
    overall = _summary(result["pooled"], log, _model(run), prediction=True)
    notes = []
    between = result.get("between")
    if between and between["q"] is not None:
        notes.append(
            f"Test for subgroup differences: Q = {between['q']:.2f}, df = {between['df']}, "
            f"p {_p(between['p'])}"
        )
    columns = _columns(line, result)
    return Forest(
        measure=result["measure"],
        sections=sections,
        overall=(overall,),
        columns=columns,
        favours=line.favours,
        level=result["level"],
        notes=tuple(notes),
        title=line.title,
    )


def _columns(line: Line, result: dict[str, Any]) -> tuple[Column, ...]:
    first = result["studies"][0]["group1"]
    if first["events"] is not None:
        under = "Events/total"
    elif first["mean"] is not None:
        under = "Mean (SD), n"
    else:
        return ()
    one = len(line.comparison.experimental) == 1
    name1 = line.comparison.experimental[0].capitalize() if one else "Experimental"
    name2 = ", ".join(line.comparison.comparator).capitalize()
    return Column(name1, under), Column(name2, under)


def _plain(value: float | None, log: bool) -> float | None:
    return None if value is None else exp(value) if log else value


def _study(one: dict[str, Any], log: bool) -> Study:
    cells = tuple(text for text in (_cell(one["group1"]), _cell(one["group2"])) if text)
    return Study(
        one["label"],
        _plain(one["estimate"], log),
        _plain(one["ci_low"], log),
        _plain(one["ci_high"], log),
        one["weight"],
        cells,
    )


def _cell(group: dict[str, Any]) -> str:
    if group["events"] is not None and group["total"] is not None:
        return f"{_count(group['events'])}/{_count(group['total'])}"
    if group["mean"] is not None:
        return f"{group['mean']:.2f} ({group['sd']:.2f}), {_count(group['total'])}"
    return ""


def _count(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.1f}"


def _p(value: float | None) -> str:
    if value is None:
        return "not defined"
    return "< 0.001" if value < 0.001 else f"= {value:.3f}"


def _model(run: AnalysisRun) -> str:
    settings = run.settings
    if settings["method"] == "MH":
        return "Mantel-Haenszel"
    common = settings["model"] == "common" or settings["method"] == "EE"
    return "Common effect" if common else "Random effects"


def _summary(numbers: dict[str, Any], log: bool, label: str, prediction: bool = False) -> Summary:
    notes = []
    if numbers.get("q") is not None and numbers["k"] > 1:
        tau2 = f"τ² = {numbers['tau2']:.3f}, " if numbers.get("tau2") is not None else ""
        i2 = f", I² = {numbers['i2']:.0f} %" if numbers.get("i2") is not None else ""
        notes.append(
            f"Heterogeneity: {tau2}Q = {numbers['q']:.2f}, df = {int(numbers['q_df'])}, "
            f"p {_p(numbers['q_p'])}{i2}"
        )
    span = None
    if prediction and numbers.get("pi_low") is not None and numbers.get("pi_high") is not None:
        low, high = _plain(numbers["pi_low"], log), _plain(numbers["pi_high"], log)
        span = (low, high) if low is not None and high is not None else None
    return Summary(
        label,
        _plain(numbers["estimate"], log),
        _plain(numbers["ci_low"], log),
        _plain(numbers["ci_high"], log),
        None,
        (),
        tuple(notes),
        span,
    )


def _funnel_chart(line: Line, run: AnalysisRun) -> Funnel:
    result = run.result
    points = tuple(Point(s["label"], s["estimate"], s["se"]) for s in result["studies"])
    notes = []
    found = result.get("asymmetry") or {}
    if found.get("p") is not None:
        notes.append(
            f"Egger’s test: t = {found['t']:.2f}, df = {found['df']:.0f}, p {_p(found['p'])}"
        )
    return Funnel(
        measure=result["measure"],
        points=points,
        estimate=result["pooled"]["estimate"],
        notes=tuple(notes),
        title=f"{line.title} ({name_of(result['measure']).lower()})",
    )
