"""``--plot``: the charts of an analysis as files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from reviewtool.cli.statistics.answering import write
from reviewtool.stats.errors import BadInput

if TYPE_CHECKING:
    from reviewtool.charts import Chart
    from reviewtool.charts.forest import Forest, Pooling, Study, Summary
    from reviewtool.cli.statistics.question import Analysis, Question

FORMATS = ("svg", "pdf", "png", "tiff")
MODELS = {"EE": "common effect", "MH": "Mantel-Haenszel", "Peto": "Peto"}


class Wanted(NamedTuple):
    """One drawing: its kind, its format, the file to write."""

    kind: str
    format: Any
    path: Path


def wanted(plots: Sequence[str], kind: str | None, kinds: Sequence[str]) -> list[Wanted]:
    """What --plot and --plot-kind ask for: KIND:FILE, or the kind by the file's name.

    Raises BadInput for an unknown kind or format.
    """
    if kind and not plots:
        raise BadInput(
            problem="--plot-kind says how to draw.", remedy="Say where with --plot FILE."
        )
    return [_wanted(plot, kind, kinds) for plot in plots]


def _wanted(plot: str, kind: str | None, kinds: Sequence[str]) -> Wanted:
    head, colon, tail = plot.partition(":")
    # One letter before a colon is a drive, as in C:\\forest.svg.
    own, file = (head.strip().casefold(), tail) if colon and len(head) > 1 else ("", plot)
    path = Path(file)
    if own and own not in kinds:
        raise BadInput(
            problem=f"There is no plot of the kind {own!r} here.",
            remedy=f"Choose one of: {', '.join(kinds)}.",
        )
    named = next((k for k in kinds if path.stem.casefold().startswith(k)), "")
    format = path.suffix.removeprefix(".").casefold()
    if format not in FORMATS:
        raise BadInput(
            problem=f"{path.name or plot} does not say how to draw.",
            remedy="End the file in .svg, .pdf, .png or .tiff.",
        )
    return Wanted(own or kind or named or kinds[0], format, path)


LAYOUTS = ("revman", "jama", "bmj")


def layout_option(command: Any) -> Any:
    """``--layout`` of the commands that draw forest plots."""
    return click.option(
        "--layout",
        type=click.Choice(LAYOUTS),
        default=None,
        help="Draw the forest plot as this journal does.",
    )(command)


def save(drawings: Iterable[tuple[Wanted, Chart]], layout: str | None = None) -> None:
    """Write every drawing, once all of them could be drawn; forest plots in a layout."""
    drawings = list(drawings)
    if not drawings:
        return
    from reviewtool.charts import render
    from reviewtool.charts.forest import Forest

    drawings = [
        (one, replace(chart, layout=layout or "") if isinstance(chart, Forest) else chart)
        for one, chart in drawings
    ]
    ready = [(one.path, render(chart, one.format, name=one.kind)) for one, chart in drawings]
    for path, content in ready:
        write(path, content)


def chart(one: Wanted, done: Analysis, ask: Question) -> Chart:
    """``one`` of the analysis. Raises BadInput where the data have no such plot."""
    charts: dict[str, Any] = {
        "forest": forest,
        "funnel": funnel,
        "baujat": baujat,
        "labbe": labbe,
        "bubble": bubble,
    }
    found: Chart = charts[one.kind](done, ask)
    return found


def forest(done: Analysis, ask: Question) -> Forest:
    """Studies, by subgroup where there are, and the pooled effect."""
    from reviewtool.charts.forest import Column, Forest, Section
    from reviewtool.stats.results import TEST_NAMES
    from reviewtool.words import capital

    r = done.report
    left, right = done.studies.measure.directions
    cells, heads = _cells(done)
    studies = [_study(s, c) for s, c in zip(r["studies"], cells, strict=True)]
    overall = [_summary(r["shown"], _model(ask), (), pooled=_pooling(done, ask), k=len(studies))]
    if "common" in r:
        overall.append(_summary(r["common"], "All studies (common effect)", ()))
    if "subgroups" in r:
        sections = tuple(
            Section(
                tuple(
                    one
                    for one, s in zip(studies, r["studies"], strict=True)
                    if s["subgroup"] == group["level"]
                ),
                group["level"],
                _summary(
                    group["shown"],
                    "Subtotal",
                    (f"τ² = {_num(group['tau2'], 3)}, I² = {_num(group['i2'], 0)}%",),
                    weight=group["weight"],
                ),
            )
            for group in r["subgroups"]["groups"]
        )
    else:
        sections = (Section(tuple(studies)),)
    test = TEST_NAMES.get(r.get("test", ""), "")
    notes = [f"{capital(test)}."] if test else []
    notes += _left_out(r)
    return Forest(
        measure=r["measure"],
        sections=sections,
        overall=tuple(overall),
        columns=tuple(Column(*head) for head in heads),
        favours=(capital(left), capital(right)),
        level=r["level"],
        notes=tuple(notes),
        title=f"Forest plot: {r['heading'].lower()}",
    )


def _model(ask: Question) -> str:
    return f"All studies ({MODELS.get(ask.method, 'random effects')})"


def _study(s: dict[str, Any], cells: tuple[str, ...]) -> Study:
    from reviewtool.charts.forest import Study

    weight = s["weight"] if s["weight"] == s["weight"] else None
    return Study(s["study"], s["estimate"], s["ci_low"], s["ci_high"], weight, cells)


def _summary(
    shown: dict[str, Any],
    label: str,
    notes: tuple[str, ...],
    *,
    weight: float | None = None,
    pooled: Pooling | None = None,
    k: int = 0,
) -> Summary:
    from reviewtool.charts.forest import Summary

    prediction = shown.get("prediction")
    return Summary(
        label,
        shown["estimate"],
        shown["ci_low"],
        shown["ci_high"],
        weight,
        (),
        notes,
        tuple(prediction) if prediction else None,
        pooled,
        k,
    )


def _pooling(done: Analysis, ask: Question) -> Pooling:
    from reviewtool.charts.forest import Pooling

    r, test = done.report, done.result
    return Pooling(
        tau2=r.get("tau2"),
        q=r["q"],
        q_df=r["q_df"],
        q_p=r["q_p"],
        i2=r["i2"],
        statistic=getattr(test, "statistic", None) if done.studies.measure.groups == 2 else None,
        df=getattr(test, "df", None),
        p=getattr(test, "p", None),
        model="common" if ask.method in MODELS else "random",
        method=ask.method,
    )


def _num(value: float | None, digits: int) -> str:
    from reviewtool.words import num

    return num(value, digits)


Head = tuple[str, str, tuple[str, ...], str]
COUNTS = ("Events/total", ("Events", "Total"), "{0}/{1}")
MEANS = ("Mean (SD), n", ("Mean", "SD", "Total"), "{0} ({1}), {2}")


def _cells(done: Analysis) -> tuple[list[tuple[str, ...]], list[Head]]:
    """What the groups gave, study by study, and the headings over it."""
    from reviewtool.words import num, thousands

    columns, rows = done.studies.columns, done.rows.tolist()

    def written(names: Sequence[str], *forms: Any) -> list[tuple[str, ...]]:
        def cells(i: int) -> tuple[str, ...]:
            values = [columns[name][i] for name in names]
            if any(value != value for value in values[:2]):
                return ("",) * len(names)
            return tuple(form(value) for form, value in zip(forms, values, strict=True))

        return [cells(i) for i in rows]

    if {"ai", "n1i", "ci", "n2i"} <= columns.keys():
        sides = [written(names, thousands, thousands) for names in (("ai", "n1i"), ("ci", "n2i"))]
        heads: list[Head] = [(arm, *COUNTS) for arm in done.studies.arms]
    elif {"m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"} <= columns.keys():
        groups = (("m1i", "sd1i", "n1i"), ("m2i", "sd2i", "n2i"))
        sides = [written(names, num, num, thousands) for names in groups]
        heads = [(arm, *MEANS) for arm in done.studies.arms]
    elif {"xi", "ni"} <= columns.keys():
        sides, heads = (
            [written(("xi", "ni"), thousands, thousands)],
            [("Events/total", "", *COUNTS[1:])],
        )
    else:
        return [()] * len(rows), []
    return [sum(parts, ()) for parts in zip(*sides, strict=True)], heads


def funnel(done: Analysis, ask: Question) -> Chart:
    """Effects against standard errors."""
    from reviewtool.charts.funnel import Funnel, Point

    points = zip(done.names, done.y.tolist(), (done.v**0.5).tolist(), strict=True)
    return Funnel(
        measure=done.report["measure"],
        points=tuple(Point(*point) for point in points),
        estimate=done.result.estimate,
        title=f"Funnel plot: {done.report['heading'].lower()}",
    )


def baujat(done: Analysis, ask: Question) -> Chart:
    """Share of Q against influence, both under the common effect (Baujat 2002)."""
    from reviewtool.charts.baujat import Baujat, BaujatStudy
    from reviewtool.stats import sensitivity

    if done.y.size < 2:
        raise BadInput(problem="A Baujat plot needs two studies.", remedy="Add studies.")
    share, moved = sensitivity.baujat(done.y, done.v)
    return Baujat(
        tuple(
            BaujatStudy(name, q, shift)
            for name, q, shift in zip(done.names, share.tolist(), moved.tolist(), strict=True)
        )
    )


def labbe(done: Analysis, ask: Question) -> Chart:
    """Risk in one group against risk in the other."""
    from reviewtool.charts.labbe import Labbe, LabbeStudy

    columns = done.studies.columns
    if not {"ai", "ci"} <= columns.keys():
        raise BadInput(
            problem="A L'Abbé plot needs events and totals of two groups.",
            remedy="Choose another plot.",
        )
    n1 = columns["n1i"] if "n1i" in columns else columns["ai"] + columns["bi"]
    n2 = columns["n2i"] if "n2i" in columns else columns["ci"] + columns["di"]
    rows = [i for i in done.rows.tolist() if n1[i] > 0 and n2[i] > 0]
    measure = done.studies.measure
    effect = done.report["shown"]["estimate"]
    line: tuple[tuple[float, float], ...] = ()
    if measure.absolute is not None:
        risks = [(i / 200, measure.absolute(i / 200, effect)) for i in range(201)]
        line = tuple((c, e) for c, e in risks if 0 <= e <= 1)
    return Labbe(
        tuple(
            LabbeStudy(
                done.studies.names[i],
                float(columns["ai"][i] / n1[i]),
                float(columns["ci"][i] / n2[i]),
                float(n1[i] + n2[i]),
            )
            for i in rows
        ),
        line,
        done.studies.arms,
        title=f"L'Abbé plot: {done.report['heading'].lower()}",
    )


def bubble(done: Analysis, ask: Question) -> Chart:
    """Effects against the only moderator, with the line of the meta-regression."""
    import numpy as np

    from reviewtool.charts.bubble import Bubble, BubbleStudy, LinePoint
    from reviewtool.stats.design import design_matrix
    from reviewtool.stats.regression import regress

    if len(ask.moderators) != 1:
        raise BadInput(
            problem="A bubble plot shows a meta-regression on one number.",
            remedy="Name its column with --moderators.",
        )
    heading = done.sheet.heading(ask.moderators[0])
    if not done.sheet.is_numeric(heading):
        raise BadInput(
            problem=f"The column {heading} holds words, and a bubble plot needs numbers.",
            remedy="Compare subgroups with --subgroup.",
        )
    values = done.sheet.numbers_under(heading)
    design = design_matrix({heading: values})
    y, v, x = done.y[design.rows], done.v[design.rows], values[design.rows]
    fit = regress(y, v, design.x, design.names, ask.method, done.test, ask.level)
    along = np.linspace(float(x.min()), float(x.max()), 41)
    predicted = fit.predict(np.column_stack([np.ones(along.size), along]))
    weights = 1 / (v + fit.tau2)
    return Bubble(
        measure=done.report["measure"],
        characteristic=heading,
        studies=tuple(
            BubbleStudy(done.names[row], float(value), float(effect), float(weight))
            for row, value, effect, weight in zip(
                design.rows.tolist(), x, y, 100 * weights / weights.sum(), strict=True
            )
        ),
        line=tuple(
            LinePoint(float(at), float(one.estimate), float(one.ci_low), float(one.ci_high))
            for at, one in zip(along, predicted, strict=True)
        ),
        title=f"Meta-regression: {heading}",
    )


# Networks ----------------------------------------------------------------------------


def network_chart(one: Wanted, net: Any, report: dict[str, Any], small_values: str) -> Chart:
    """``one`` of a network."""
    charts: dict[str, Any] = {
        "network": _geometry,
        "forest": _against,
        "rankogram": _ranks,
        "splits": _splits,
        "contributions": _contributions,
        "heat": _heat,
        "funnel": _adjusted,
    }
    found: Chart = charts[one.kind](net, report, small_values)
    return found


def _geometry(net: Any, report: dict[str, Any], small_values: str) -> Chart:
    from reviewtool.charts.network import Edge, Geometry, Node
    from reviewtool.stats import network as nma

    shape = nma.geometry(net.evidence)
    return Geometry(
        tuple(Node(node.treatment) for node in shape.nodes),
        tuple(Edge(edge.treatment1, edge.treatment2, edge.studies) for edge in shape.edges),
        notes=_left_out(report),
    )


def _left_out(report: dict[str, Any]) -> tuple[str, ...]:
    return tuple(f"Left out: {s['study']} ({s['reason']})." for s in report["left_out"])


def _against(net: Any, report: dict[str, Any], small_values: str) -> Chart:
    """Every treatment against the reference, best first."""
    from reviewtool.charts.forest import Forest, Section, Study

    names, reference = report["treatments"], report["reference"]
    at = names.index(reference)
    studies = tuple(
        Study(name, *report["league"][i][at]) for i, name in enumerate(names) if i != at
    )
    return Forest(
        measure=report["measure"],
        sections=(Section(studies),),
        level=report["level"],
        study_heading=f"Treatment versus {reference}",
        notes=(
            f"Network estimates, {report['model']} effects, best treatment first "
            f"({report['good']} values are good).",
            *_left_out(report),
        ),
        title="Network estimates",
    )


def _splits(net: Any, report: dict[str, Any], small_values: str) -> Chart:
    from reviewtool.charts import of_networks

    if not of_networks.both_sources(net, report["model"]):
        raise BadInput(
            problem="No comparison of this network has both direct and indirect evidence.",
            remedy="Choose another plot.",
        )
    return of_networks.splits(net, report["model"], _left_out(report))


def _contributions(net: Any, report: dict[str, Any], small_values: str) -> Chart:
    from reviewtool.charts import of_networks

    return of_networks.contribution_matrix(net, report["model"], _left_out(report))


def _heat(net: Any, report: dict[str, Any], small_values: str) -> Chart:
    from reviewtool.charts import of_networks

    if not of_networks.has_heat(net):
        raise BadInput(
            problem="No two designs of this network can disagree.", remedy="Choose another plot."
        )
    return of_networks.heat(net, report["model"], _left_out(report))


def _adjusted(net: Any, report: dict[str, Any], small_values: str) -> Chart:
    """The order of the funnel: the reference last, the others by name."""
    from reviewtool.charts import of_networks

    order = [name for name in net.treatments if name != net.reference] + [net.reference]
    if not of_networks.funnel_points(net, report["model"], order):
        raise BadInput(
            problem="No comparison of this network has two studies.", remedy="Choose another plot."
        )
    return of_networks.adjusted_funnel(net, report["model"], order, _left_out(report))


def _ranks(net: Any, report: dict[str, Any], small_values: str) -> Chart:
    from reviewtool.charts.ranks import Rankogram, Ranks
    from reviewtool.stats.network.ranking import rank_probabilities, sucra

    chances = rank_probabilities(net, report["model"], small_values)
    surfaces = sucra(chances)
    order = sorted(range(len(surfaces)), key=lambda i: -surfaces[i])
    return Rankogram(
        tuple(
            Ranks(net.treatments[i], tuple(chances[i].tolist()), float(surfaces[i])) for i in order
        ),
        notes=(f"Rank 1 is the best: {report['good']} values are good.", *_left_out(report)),
    )
