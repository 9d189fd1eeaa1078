"""``reviewtool network``: a network meta-analysis of a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reviewtool.cli.statistics.answering import Level, answer, finite, plain, to_json
from reviewtool.cli.statistics.options import (
    answer_options,
    check_options,
    chosen_columns,
    column_options,
    given,
)
from reviewtool.cli.statistics.plots import layout_option

if TYPE_CHECKING:
    from reviewtool.stats.sheets import Sheet

KINDS = ("network", "rankogram", "forest", "splits", "contributions", "heat", "funnel")
CHOICES = ("undesirable", "desirable")
# Outcome kind -> the columns its arms need, and the same for people.
ARMS = {
    "continuous": (("mean", "sd", "n"), "means"),
    "dichotomous": (("event", "n"), "events of people"),
    "rate": (("event", "time"), "events in person-time"),
}


@click.command()
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path, allow_dash=True)
)
@click.option(
    "--measure",
    default=None,
    help="OR, RR, RD, MD, SMD, ROM, IRR ... Without it: OR for counts, MD for means, IRR for "
    "rates, and the effect as it is for contrasts; the text says which.",
)
@click.option("--method", default="REML", show_default=True, help="DL, REML, ML; MH for counts.")
@click.option("--model", default="random", show_default=True, help="random or common.")
@click.option("--reference", default=None, help="Treatment that others are compared with.")
@click.option(
    "--part",
    default=None,
    help="A treatment: analyse only the part of a disconnected network that has it.",
)
@click.option(
    "--components", is_flag=True, help="Take combinations (A + B) as the sum of their components."
)
@click.option("--inactive", default=None, help="A component without effect, with --components.")
@click.option(
    "--interaction",
    "interactions",
    multiple=True,
    metavar="A*B",
    help="Components that do more or less together. Can be repeated.",
)
@click.option(
    "--small-values",
    type=click.Choice(CHOICES),
    default="undesirable",
    show_default=True,
    help="desirable when a small effect is good (harms).",
)
@click.option(
    "--plot",
    "plots",
    multiple=True,
    metavar="[KIND:]FILE",
    help="Draw to .svg, .pdf, .png or .tiff: network, rankogram, forest, splits (direct and "
    "indirect evidence), contributions, heat (net heat plot) or funnel (comparison-adjusted). Can "
    "be repeated.",
)
@click.option(
    "--plot-kind", type=click.Choice(KINDS), default=None, help="Kind of a --plot without one."
)
@click.option(
    "--interval-level",
    type=Level(),
    default=95.0,
    show_default=True,
    help="Level of the intervals in the table, per cent.",
)
@layout_option
@answer_options
@column_options
def network(
    file: Path,
    measure: str | None,
    method: str,
    model: str,
    reference: str | None,
    part: str | None,
    components: bool,
    inactive: str | None,
    interactions: tuple[str, ...],
    small_values: str,
    plots: tuple[str, ...],
    plot_kind: str | None,
    layout: str | None,
    interval_level: float,
    level: float,
    strict: bool,
    worksheet: str | None,
    digits: int,
    output: Path | None,
    as_json: bool,
) -> None:
    """Network meta-analysis of FILE: CSV, TSV or .xlsx, '-' for standard input.

    A row per arm (study, treatment and event, n; or mean, sd, n; or event, time), per
    contrast (study, treat1, treat2, te, se), or arms for some studies and contrasts for
    others. Any column can be chosen for its role with the --col options.
    """
    columns = chosen_columns()

    def run() -> str:
        from reviewtool.cli.statistics import plots as drawing
        from reviewtool.cli.statistics.tables import read
        from reviewtool.cli.statistics.text import component_text, network_text
        from reviewtool.stats.errors import BadInput

        check_options(as_json)
        wanted = drawing.wanted(plots, plot_kind, KINDS)
        sheet = read(file, worksheet).choosing(columns)
        asked = interval_level if given("interval_level") else None
        if components or inactive or interactions:
            _check_components(components, wanted or given("part") or method.upper() == "MH")
            found = _components(
                sheet, measure, method, model, inactive, interactions, level, asked, strict
            )
            return to_json(found) if as_json else "\n".join(component_text(found, digits))
        if method.upper() == "MH":
            without = ("model", "reference", "part", "small_values", "interval_level")
            typed = [o for o in without if given(o)]
            if typed or wanted:
                options = ", ".join(f"--{o.replace('_', '-')}" for o in typed) or "--plot"
                raise BadInput(
                    problem=f"{options} does not go with --method MH.", remedy="Leave it out."
                )
            report = _sparse_network(sheet, measure, level, strict)
        else:
            net, report = _network(
                sheet, measure, method, model, reference, part, small_values, level, asked, strict
            )
            charts = (drawing.network_chart(one, net, report, small_values) for one in wanted)
            drawing.save(zip(wanted, charts, strict=True), layout)
        return to_json(report) if as_json else "\n".join(network_text(report, digits))

    answer(run, output)


def _measure(sheet: Sheet, measure: str | None) -> tuple[str, list[str]]:
    """The measure asked for, or what the table suggests with a note that says so."""
    from reviewtool.stats.errors import BadSheet
    from reviewtool.stats.from_sheets.networks.rows import has_arms, refuse_empty
    from reviewtool.stats.from_sheets.suggestion import estimate_heading, named_by
    from reviewtool.stats.measures import default_for
    from reviewtool.stats.measures import measure as measure_named
    from reviewtool.words import capital

    if measure is not None:
        return measure_named(measure).name, []
    found = [kind for kind, (roles, _) in ARMS.items() if has_arms(sheet, roles)]
    if len(found) > 1:
        raise BadSheet(
            problem=f"The arms of this table give {' and '.join(ARMS[kind][1] for kind in found)}.",
            remedy="Say what to pool with --measure.",
        )
    if found:
        usual = default_for(found[0], groups=2)
        return usual.name, [f"{capital(usual.plural)} were computed; --measure chooses another."]
    heading = estimate_heading(sheet)
    if heading is None or not (sheet.find("treat1") and sheet.find("treat2")):
        refuse_empty(sheet)
        raise AssertionError
    named = named_by(heading)
    if named is None:
        return "GEN", []
    return named.name, [f"The column {heading} was taken for {named.plural}."]


def _network(
    sheet: Sheet,
    measure: str | None,
    method: str,
    model: str,
    reference: str | None,
    part: str | None,
    small_values: str,
    level: float,
    interval_level: float | None,
    strict: bool,
) -> tuple[Any, dict[str, Any]]:
    """The fitted network, and everything ``network`` prints. Raises StatsError."""
    from reviewtool.stats import network as nma
    from reviewtool.stats.errors import BadInput
    from reviewtool.stats.from_sheets.networks.contrasts import network_contrasts

    chosen, notes = _measure(sheet, measure)
    doubtful: list[str] = []
    contrasts = network_contrasts(
        sheet,
        chosen,
        interval_level=interval_level,
        say=notes.append,
        warn=doubtful.append,
        strict=strict,
    )
    try:
        net = nma.fit_network(
            contrasts,
            method=method,
            reference=reference,
            level=level,
            inconsistent="refuse" if strict else "leave out",
            part=part,
        )
    except nma.Disconnected as error:
        listed = " | ".join(", ".join(names) for names in error.subnets)
        raise BadInput(
            problem=f"The network falls into {len(error.subnets)} parts that no study connects: "
            f"{listed}.",
            remedy="Choose one by any of its treatments with --part.",
        ) from error
    table = nma.league(net, model, small_values)
    return net, {
        "measure": chosen,
        "method": method,
        "model": model,
        "level": level,
        "reference": net.reference,
        "treatments": list(table.treatments),
        "p_scores": list(table.scores),
        "good": "small" if small_values == "desirable" else "large",
        "k": net.k,
        "m": net.m,
        "tau2": net.tau2,
        "tau": net.tau,
        "i2": net.i2,
        "q_total": plain(net.q_total),
        "q_within": plain(net.q_within),
        "q_between": plain(net.q_between),
        "design_by_treatment": plain(nma.design_by_treatment(net)),
        "league": plain(table.network),
        "direct": plain(table.direct),
        "node_splits": [
            {**plain(s), "difference": finite(s.difference), "p": finite(s.p)}
            for s in nma.split_nodes(net, model)
            if s.studies and s.share < 1 - 1e-8
        ],
        "geometry": nma.geometry(net.evidence).sentence,
        "sentence": net.sentence,
        "notes": [*sheet.notes, *notes],
        "parts": [list(one) for one in net.evidence.parts],
        "left_out": [{"study": name, "reason": reason} for name, reason in net.left_out],
        "warnings": [*doubtful, *net.warnings],
    }


def _check_components(asked: bool, beside: object) -> None:
    """Raises BadInput for options that do not go with components."""
    from reviewtool.stats.errors import BadInput

    if not asked:
        raise BadInput(
            problem="--inactive and --interaction say something about components.",
            remedy="Add --components.",
        )
    if beside:
        raise BadInput(
            problem="--components goes with neither --plot, --part nor --method MH.",
            remedy="Leave them out.",
        )


def _components(
    sheet: Sheet,
    measure: str | None,
    method: str,
    model: str,
    inactive: str | None,
    interactions: tuple[str, ...],
    level: float,
    interval_level: float | None,
    strict: bool,
) -> dict[str, Any]:
    """The additive model of a table, and everything that is printed of it. Raises StatsError."""
    from reviewtool.stats.from_sheets.networks.contrasts import network_contrasts
    from reviewtool.stats.network.additive import fit_components

    chosen, notes = _measure(sheet, measure)
    contrasts = network_contrasts(
        sheet,
        chosen,
        interval_level=interval_level,
        say=notes.append,
        warn=notes.append,
        strict=strict,
    )
    net = fit_components(
        contrasts,
        method=method,
        model=model,
        level=level,
        inactive=inactive or "",
        interactions=interactions,
        inconsistent="refuse" if strict else "leave out",
    )
    return {
        "measure": chosen,
        "model": model,
        "method": method,
        "level": level,
        "inactive": net.inactive,
        "k": len(net.evidence.studies),
        "tau2": net.tau2,
        "components": {name: plain(net.term(name)) for name in net.terms},
        "q_additive": plain(net.q_additive),
        "q_standard": plain(net.q_standard),
        "q_difference": plain(net.q_difference),
        "parts": [list(one) for one in net.evidence.parts],
        "notes": [*sheet.notes, *notes],
        "left_out": [{"study": name, "reason": reason} for name, reason in net.evidence.left_out],
        "warnings": list(net.evidence.warnings),
    }


def _sparse_network(
    sheet: Sheet, measure: str | None, level: float, strict: bool
) -> dict[str, Any]:
    import numpy as np

    from reviewtool.stats.distributions import critical
    from reviewtool.stats.errors import BadInput
    from reviewtool.stats.from_sheets.networks.arms import network_counts
    from reviewtool.stats.network import mantel_haenszel_network

    if (measure or "OR").upper() != "OR":
        raise BadInput(
            problem=f"--method MH pools odds ratios in networks, not {measure}.",
            remedy="Choose another method or measure.",
        )
    notes: list[str] = []
    net = mantel_haenszel_network(*network_counts(sheet, say=notes.append, strict=strict))
    te, half = net.effects.te, critical(level, None) * net.effects.se
    cells = np.exp(np.stack([te, te - half, te + half], axis=-1))
    return {
        "measure": "OR",
        "method": "MH",
        "model": "common",
        "level": level,
        "k": net.k,
        "treatments": list(net.treatments),
        "league": cells.tolist(),
        "q_between": plain(net.q_between),
        "sentence": net.sentence,
        "notes": [*sheet.notes, *notes],
        "left_out": [{"study": name, "reason": reason} for name, reason in net.left_out],
        "warnings": list(net.warnings),
    }
