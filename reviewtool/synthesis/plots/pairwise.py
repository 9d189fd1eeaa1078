"""Runs of pairwise analyses as charts: forest, funnel, bubble."""

from collections.abc import Sequence
from math import exp
from typing import Any

from reviewtool.charts.bubble import Bubble, BubbleStudy, LinePoint
from reviewtool.charts.forest import Column, Forest, Section, Study, Summary
from reviewtool.charts.funnel import Funnel, Point
from reviewtool.charts.numbers import name_of
from reviewtool.synthesis.models import AnalysisRun
from reviewtool.synthesis.queries import Line
from reviewtool.words import capital, num, out_of_hundred, p, thousands

TESTS = {
    "z": "Wald intervals",
    "t": "t distribution",
    "knha": "Hartung-Knapp intervals",
    "adhoc": "Hartung-Knapp intervals, never narrower than Wald",
}


def forest(line: Line, run: AnalysisRun) -> Forest:
    """A run as the chart wants it: ratios not logged."""
    result = run.result
    log = bool(result["log"])
    groups = {g["label"]: g for g in result.get("subgroups") or []}
    by: dict[str, list[dict[str, Any]]] = {}
    for one in result["studies"]:
        by.setdefault((one["subgroup"] or "Not reported") if groups else "", []).append(one)
    kind = _kind(result["studies"])
    sections = tuple(
        Section(
            tuple(_study(one, log, kind) for one in by[title]),
            capital(title),
            _summary(groups[title], log, "Subtotal", by[title], kind) if title in groups else None,
        )
        for title in ([g for g in groups if g in by] if groups else by)
    )
    overall = _summary(
        result["pooled"],
        log,
        model_of(run),
        result["studies"],
        kind,
        prediction=True,
        more=_difference(result),
    )
    return Forest(
        measure=result["measure"],
        sections=sections,
        overall=(overall,),
        columns=_columns(line, kind),
        favours=(capital(line.favours[0]), capital(line.favours[1])),
        level=result["level"],
        notes=(_how(run),),
        title=line.title,
    )


def _how(run: AnalysisRun) -> str:
    """The model in a line under the plot."""
    settings = run.settings
    if settings["method"] == "MH" and settings["measure"] in {"OR", "RR", "RD"}:
        return "Common effect by the Mantel-Haenszel method."
    if settings["model"] == "common" or settings["method"] in {"EE", "MH"}:
        return "Common effect by inverse variance."
    how = TESTS[settings["test"]]
    return f"Random effects by inverse variance; τ² by {settings['method']}; {how}."


def _difference(result: dict[str, Any]) -> tuple[str, ...]:
    between = result.get("between")
    if not between or between["q"] is None:
        return ()
    name = "F" if between.get("df2") else "Q"
    df = f"{between['df']}, {num(between['df2'], 0)}" if between.get("df2") else str(between["df"])
    return (
        f"Test for subgroup differences: {name} = {num(between['q'])}, df = {df}, "
        f"{p(between['p'])}",
    )


def _kind(studies: Sequence[dict[str, Any]]) -> str:
    """What the arm columns show: events, means or nothing."""
    for kind, key in (("events", "events"), ("means", "mean")):
        if any(one["group1"][key] is not None for one in studies):
            return kind
    return ""


def _columns(line: Line, kind: str) -> tuple[Column, ...]:
    under = {"events": "Events/total", "means": "Mean (SD), n"}.get(kind)
    if under is None:
        return ()
    names = [
        capital(treatments[0]) if len(treatments) == 1 and len(treatments[0]) <= 24 else other
        for treatments, other in (
            (line.comparison.experimental, "Experimental"),
            (line.comparison.comparator, "Comparator"),
        )
    ]
    return Column(names[0], under), Column(names[1], under)


def _plain(value: float | None, log: bool) -> float | None:
    return None if value is None else exp(value) if log else value


def _study(one: dict[str, Any], log: bool, kind: str) -> Study:
    return Study(
        one["label"],
        _plain(one["estimate"], log),
        _plain(one["ci_low"], log),
        _plain(one["ci_high"], log),
        one["weight"],
        (_cell(one["group1"], kind), _cell(one["group2"], kind)) if kind else (),
    )


def _cell(group: dict[str, Any], kind: str) -> str:
    if kind == "events" and group["events"] is not None and group["total"] is not None:
        return f"{thousands(group['events'])}/{thousands(group['total'])}"
    if kind == "means" and group["mean"] is not None:
        return f"{num(group['mean'])} ({num(group['sd'])}), {thousands(group['total'])}"
    return ""


def _totals(studies: Sequence[dict[str, Any]], kind: str) -> tuple[str, ...]:
    """Sums over the studies, for the line of a diamond."""
    if not kind:
        return ()
    cells = []
    for side in ("group1", "group2"):
        total = sum(s[side]["total"] or 0 for s in studies)
        events = sum(s[side]["events"] or 0 for s in studies)
        cells.append(
            f"{thousands(events)}/{thousands(total)}" if kind == "events" else thousands(total)
        )
    return tuple(cells)


def model_of(run: AnalysisRun) -> str:
    """The diamond's label."""
    settings = run.settings
    if settings["method"] == "MH" and settings["measure"] in {"OR", "RR", "RD"}:
        return "All studies (Mantel-Haenszel)"
    common = settings["model"] == "common" or settings["method"] in {"EE", "MH"}
    return "All studies (common effect)" if common else "All studies (random effects)"


def _summary(
    numbers: dict[str, Any],
    log: bool,
    label: str,
    studies: Sequence[dict[str, Any]],
    kind: str,
    *,
    prediction: bool = False,
    more: tuple[str, ...] = (),
) -> Summary:
    notes = [*_heterogeneity(numbers), *more]
    span = None
    if prediction and numbers.get("pi_low") is not None and numbers.get("pi_high") is not None:
        low, high = _plain(numbers["pi_low"], log), _plain(numbers["pi_high"], log)
        span = (low, high) if low is not None and high is not None else None
    return Summary(
        label,
        _plain(numbers["estimate"], log),
        _plain(numbers["ci_low"], log),
        _plain(numbers["ci_high"], log),
        sum(s["weight"] for s in studies),
        _totals(studies, kind),
        tuple(notes),
        span,
    )


def _heterogeneity(numbers: dict[str, Any]) -> list[str]:
    if numbers.get("q") is None or numbers["k"] < 2:
        return []
    tau2 = f"τ² = {num(numbers['tau2'], 3)}, " if numbers.get("tau2") is not None else ""
    i2 = f", I² = {out_of_hundred(numbers['i2'])}" if numbers.get("i2") is not None else ""
    return [
        f"Heterogeneity: {tau2}Q = {num(numbers['q'])}, df = {int(numbers['q_df'])}, "
        f"{p(numbers['q_p'])}{i2}"
    ]


def funnel(line: Line, run: AnalysisRun) -> Funnel:
    """The funnel plot of a run."""
    result = run.result
    points = tuple(Point(s["label"], s["estimate"], s["se"]) for s in result["studies"])
    notes = []
    found = result.get("asymmetry") or {}
    if found.get("p") is not None:
        notes.append(
            f"Egger’s test: t = {num(found['t'])}, df = {num(found['df'], 0)}, {p(found['p'])}"
        )
    return Funnel(
        measure=result["measure"],
        points=points,
        estimate=result["pooled"]["estimate"],
        notes=tuple(notes),
        title=f"{line.title} ({name_of(result['measure']).lower()})",
    )


def bubble(line: Line, run: AnalysisRun) -> Bubble:
    """The bubble plot of a meta-regression on one characteristic."""
    found = run.result["regression"]
    return Bubble(
        measure=run.result["measure"],
        characteristic=capital(found["terms"][1]["name"].replace("_", " ")),
        studies=tuple(
            BubbleStudy(p["label"], p["value"], p["estimate"], p["weight"]) for p in found["points"]
        ),
        line=tuple(
            LinePoint(p["value"], p["estimate"], p["ci_low"], p["ci_high"]) for p in found["line"]
        ),
        title=f"Meta-regression: {line.title}",
    )
