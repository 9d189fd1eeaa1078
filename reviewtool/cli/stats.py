"""`reviewtool pool` and `reviewtool network`: a CSV file in, a table or JSON out."""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reviewtool.cli.stats_text import network_text, pool_text
from reviewtool.stats.errors import StatsError

if TYPE_CHECKING:
    from reviewtool.stats.measures import Scale


def guarded(run: Callable[[], str]) -> None:
    """Print what ``run`` returns; bad input is one line on the error stream and exit 2."""
    try:
        click.echo(run())
    except StatsError as error:
        click.echo(error.message, err=True)
        raise SystemExit(2) from None
    except UnicodeDecodeError:
        click.echo("The file is not text in UTF-8. Save it as CSV (UTF-8).", err=True)
        raise SystemExit(2) from None


def read(path: Path | None) -> str:
    """The file's text, or standard input for '-'."""
    if path is None or str(path) == "-":
        return sys.stdin.read()
    return path.read_text(encoding="utf-8-sig")


@click.command()
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path, allow_dash=True)
)
@click.option("--measure", default="OR", show_default=True, help="OR, RR, RD, MD, SMD, HR, GEN ...")
@click.option(
    "--method",
    default="REML",
    show_default=True,
    help="EE, DL, HE, HS, SJ, ML, REML, EB, PM; MH or Peto for counts.",
)
@click.option("--test", default="z", show_default=True, help="z, t, knha or adhoc.")
@click.option("--level", default=95.0, show_default=True, help="Confidence level, per cent.")
@click.option("--subgroup", default=None, help="Column with subgroups.")
@click.option("--common-tau2", is_flag=True, help="One tau² for all subgroups.")
@click.option("--moderators", default=None, help="Columns of a meta-regression, with commas.")
@click.option(
    "--prior",
    default=None,
    help="Also pool the Bayesian way: half-normal:0.5, turner2015:pain ... for tau.",
)
@click.option("--json", "as_json", is_flag=True, help="JSON instead of a table.")
def pool(
    file: Path,
    measure: str,
    method: str,
    test: str,
    level: float,
    subgroup: str | None,
    common_tau2: bool,
    moderators: str | None,
    prior: str | None,
    as_json: bool,
) -> None:
    """Pool the studies in FILE, one row per study or per arm.

    Columns: study with ai, n1i, ci, n2i (or events1, n1, ...), with m1i, sd1i, ..., with
    yi and sei or vi, or with est, lb, ub; or study, treatment, event, n (first arm of a
    study versus its second).
    """
    if subgroup and moderators:
        raise click.UsageError("Choose --subgroup or --moderators.")

    def run() -> str:
        names = [name.strip() for name in moderators.split(",")] if moderators else []
        report = pool_report(
            read(file), measure, method, test, level, subgroup, common_tau2, names, prior
        )
        return to_json(report) if as_json else "\n".join(pool_text(report))

    guarded(run)


@click.command()
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path, allow_dash=True)
)
@click.option(
    "--measure", default="OR", show_default=True, help="OR, RR, RD, MD, SMD, ROM, IRR ..."
)
@click.option("--method", default="REML", show_default=True, help="DL, REML, ML; MH for counts.")
@click.option("--model", default="random", show_default=True, help="random or common.")
@click.option("--reference", default=None, help="Treatment that others are compared with.")
@click.option(
    "--small-values",
    default="undesirable",
    show_default=True,
    help="desirable when a small effect is good (harms).",
)
@click.option("--level", default=95.0, show_default=True, help="Confidence level, per cent.")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of a table.")
def network(
    file: Path,
    measure: str,
    method: str,
    model: str,
    reference: str | None,
    small_values: str,
    level: float,
    as_json: bool,
) -> None:
    """Network meta-analysis of FILE, one row per arm or per contrast.

    Columns: study, treatment and event, n (or mean, sd, n; event, time); or study,
    treat1, treat2, te, se.
    """

    def run() -> str:
        report = network_report(read(file), measure, method, model, reference, small_values, level)
        return to_json(report) if as_json else "\n".join(network_text(report))

    guarded(run)


def pool_report(
    text: str,
    measure: str,
    method: str = "REML",
    test: str = "z",
    level: float = 95.0,
    subgroup: str | None = None,
    common_tau2: bool = False,
    moderators: Sequence[str] = (),
    prior: str | None = None,
) -> dict[str, Any]:
    """Everything `pool` prints, as plain values. Raises StatsError."""
    from reviewtool.stats import pool as pool_effects
    from reviewtool.stats.from_sheets import study_effects
    from reviewtool.stats.sheets import read_sheet

    sheet = read_sheet(text)
    if method in ("MH", "Peto"):
        return _pool_counts(sheet, measure, method, level)
    rows = study_effects(sheet, measure, level)
    es, used = rows.effects, rows.used
    labels = [rows.names[i] for i in used]
    y, v = es.y[used], es.v[used]
    result = pool_effects(y, v, method=method, test=test, level=level, labels=labels)
    report = _summary(result, es.scale, measure)
    own_scale = es.scale if es.sizes is None else es.scale.at(es.sizes[used])
    report["studies"] = _studies(labels, y, v, result.weights, own_scale, level)
    report["warnings"] = [*es.warnings, *result.warnings]
    own = rows.sheet.at(used.tolist())
    if subgroup:
        report["subgroups"] = _subgroups(
            own,
            subgroup,
            y,
            v,
            es.scale,
            {"common_tau2": common_tau2, "method": method, "test": test, "level": level},
        )
    if moderators:
        report["regression"] = _regression(own, moderators, y, v, method, test, level)
    if prior:
        report["bayes"] = _bayes(y, v, prior, es.scale, level)
    return report


def _bayes(y: Any, v: Any, prior: str, scale: "Scale", level: float) -> dict[str, Any]:
    """Summaries are mean, SD, median, lower and upper limit on the analysis scale."""
    from reviewtool.stats.bayes import pool_bayes, prior_named

    result = pool_bayes(y, v, prior_named(prior), level=level)
    summaries = {"mu": result.mu, "prediction": result.prediction}
    return {
        **{name: list(summary) for name, summary in summaries.items()},
        "tau": list(result.tau),
        "shrinkage": [list(summary) for summary in result.shrinkage],
        "shown": {name: _back(scale, list(s[2:])) for name, s in summaries.items()},
        "sentence": result.sentence,
        "warnings": list(result.warnings),
    }


def _pool_counts(sheet: Any, measure: str, method: str, level: float) -> dict[str, Any]:
    from reviewtool.stats.count_pooling import mantel_haenszel, peto
    from reviewtool.stats.from_sheets import paired_columns
    from reviewtool.stats.measures import measure as measure_named
    from reviewtool.stats.sheets import row_labels

    chosen = "PETO" if method == "Peto" else measure
    paired = paired_columns(sheet, chosen)
    labels = row_labels(paired.sheet)
    result: Any = (
        peto(level=level, labels=labels, **paired.columns)
        if method == "Peto"
        else mantel_haenszel(measure, level=level, labels=labels, **paired.columns)
    )
    scale = measure_named(chosen).scale
    report = _summary(result, scale, measure)
    report["method"] = method
    report["studies"] = _studies(
        list(paired.names), result.y, result.v, result.weights, scale, level
    )
    return report


def _summary(result: Any, scale: "Scale", measure: str) -> dict[str, Any]:
    report: dict[str, Any] = plain(result)
    for name in ("weights", "y", "v"):
        report.pop(name, None)
    shown = _back(scale, [result.estimate, result.ci_low, result.ci_high])
    report |= {
        "measure": measure,
        "transform": scale.transform,
        "sentence": result.sentence,
        "shown": dict(zip(("estimate", "ci_low", "ci_high"), shown, strict=True)),
    }
    prediction = getattr(result, "prediction", None)
    if prediction is not None:
        report["shown"]["prediction"] = _back(scale, [prediction.low, prediction.high])
    report["warnings"] = list(result.warnings)
    return report


def _studies(
    labels: list[str], y: Any, v: Any, weights: Any, scale: "Scale", level: float
) -> list[dict[str, Any]]:
    from reviewtool.stats.distributions import critical

    half = critical(level, None) * v**0.5
    shown = (scale.back(values).tolist() for values in (y, y - half, y + half))
    return [
        {"study": name, "estimate": estimate, "ci_low": low, "ci_high": high, "weight": w}
        for name, estimate, low, high, w in zip(labels, *shown, weights.tolist(), strict=True)
    ]


def _subgroups(
    sheet: Any, column: str, y: Any, v: Any, scale: "Scale", options: dict[str, Any]
) -> dict[str, Any]:
    from reviewtool.stats.regression import subgroups

    result = subgroups(y, v, sheet.named(column), **options)
    report = plain(result)
    for group, fit in zip(report["groups"], result.groups, strict=True):
        shown = _back(scale, [fit.fit.estimate, fit.fit.ci_low, fit.fit.ci_high])
        group["shown"] = dict(zip(("estimate", "ci_low", "ci_high"), shown, strict=True))
    return {**report, "column": column, "sentence": result.sentence}


def _regression(
    sheet: Any, names: Sequence[str], y: Any, v: Any, method: str, test: str, level: float
) -> dict[str, Any]:
    from reviewtool.stats.design import design_matrix
    from reviewtool.stats.regression import regress

    moderators: dict[str, Any] = {
        name: sheet.numbers(name)
        if sheet.is_numeric(name)
        else [cell or None for cell in sheet.text(name)]
        for name in names
    }
    design = design_matrix(moderators)
    result = regress(y[design.rows], v[design.rows], design.x, design.names, method, test, level)
    report = plain(result)
    report.pop("beta"), report.pop("vcov")
    return {**report, "sentence": result.sentence, "left_out": int(y.size - design.rows.size)}


def network_report(
    text: str,
    measure: str,
    method: str = "REML",
    model: str = "random",
    reference: str | None = None,
    small_values: str = "undesirable",
    level: float = 95.0,
) -> dict[str, Any]:
    """Everything `network` prints, as plain values. Raises StatsError."""
    from reviewtool.stats import network as nma
    from reviewtool.stats.from_sheets import network_contrasts
    from reviewtool.stats.sheets import read_sheet

    sheet = read_sheet(text)
    if method == "MH":
        return _sparse_network(sheet, level)
    net = nma.fit_network(
        network_contrasts(sheet, measure), method=method, reference=reference, level=level
    )
    table = nma.league(net, model, small_values)
    interaction = nma.design_by_treatment(net)
    return {
        "measure": measure,
        "method": method,
        "model": model,
        "level": level,
        "reference": net.reference,
        "treatments": list(table.treatments),
        "p_scores": list(table.scores),
        "k": net.k,
        "m": net.m,
        "tau2": net.tau2,
        "tau": net.tau,
        "i2": net.i2,
        "q_total": plain(net.q_total),
        "q_within": plain(net.q_within),
        "q_between": plain(net.q_between),
        "design_by_treatment": plain(interaction),
        "league": plain(table.network),
        "direct": plain(table.direct),
        "node_splits": [
            {**plain(s), "difference": _number(s.difference), "p": _number(s.p)}
            for s in nma.split_nodes(net, model)
            if s.studies and s.share < 1 - 1e-8
        ],
        "geometry": nma.geometry(net.evidence).sentence,
        "sentence": net.sentence,
        "warnings": list(net.warnings),
    }


def _sparse_network(sheet: Any, level: float) -> dict[str, Any]:
    import numpy as np

    from reviewtool.stats.distributions import critical
    from reviewtool.stats.network import mantel_haenszel_network

    net = mantel_haenszel_network(
        sheet.named("study"), sheet.named("treatment"), sheet.numbers("event"), sheet.numbers("n")
    )
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
        "warnings": list(net.warnings),
    }


def to_json(report: dict[str, Any]) -> str:
    """Valid JSON: what is not a finite number is null."""
    return json.dumps(plain(report), indent=2, ensure_ascii=False, allow_nan=False)


def plain(value: Any) -> Any:
    """Dataclasses, tuples and arrays as JSON values; NaN and infinities as None."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if hasattr(value, "_asdict") and not isinstance(value, type):
        return [plain(item) for item in value] if len(value) == 3 else plain(value._asdict())
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return _number(value)


def _number(value: Any) -> Any:
    return None if isinstance(value, float) and not isfinite(value) else value


def _back(scale: "Scale", values: list[float]) -> list[float]:
    return [float(x) for x in scale.back(values)]
