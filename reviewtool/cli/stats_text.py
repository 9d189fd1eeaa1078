"""Results of `reviewtool pool` and `reviewtool network` as readable tables."""

from math import isfinite
from typing import Any

Text = list[str]


def pool_text(r: dict[str, Any]) -> Text:
    """The table `pool` prints."""
    width = max([len(s["study"]) for s in r["studies"]] + [6])
    head = f"{'Study':<{width}}  {r['measure']:>9}  {r['level']:g}% interval       weight"
    lines = [head, "-" * len(head)]
    lines += [
        f"{s['study']:<{width}}  {_cell(s)}  {show(s['weight'], 1):>6}%" for s in r["studies"]
    ]
    shown = r["shown"]
    lines += ["-" * len(head), f"{'Pooled':<{width}}  {_cell(shown)}", ""]
    lines.append(
        f"p = {p_value(r['p'])}; Q = {show(r['q'], 2)} (df {r['q_df']}, "
        f"p = {p_value(r['q_p'])}); I² = {show(r['i2'], 1)}%"
    )
    if r.get("tau2") is not None:
        lines.append(f"tau² = {show(r['tau2'], 4)}")
    if shown.get("prediction") and r["k"] > 2:
        low, high = shown["prediction"]
        lines.append(f"Prediction interval: {show(low, 3)} to {show(high, 3)}")
    if "subgroups" in r:
        s = r["subgroups"]
        lines += ["", f"By {s['column']}:"]
        lines += [
            f"  {g['level']} (k = {g['k']}): {_cell(g['shown']).strip()}" for g in s["groups"]
        ]
        lines.append(
            f"  Test of subgroup differences: {show(s['between'], 2)} "
            f"(df {s['between_df']}), p = {p_value(s['between_p'])}"
        )
    if "regression" in r:
        lines += ["", *_regression_text(r["regression"])]
    if "bayes" in r:
        lines += ["", *_bayes_text(r["bayes"])]
    return [*lines, "", r["sentence"], *(f"Warning: {w}" for w in r["warnings"])]


def _bayes_text(r: dict[str, Any]) -> Text:
    mean, new, tau = r["shown"]["mu"], r["shown"]["prediction"], r["tau"]
    return [
        f"Bayesian mean effect: {_median(mean)}",
        f"Effect in a new study: {_median(new)}",
        f"tau: {show(tau[2], 3)} ({show(tau[3], 3)} to {show(tau[4], 3)})",
        r["sentence"],
    ]


def _median(values: list[float]) -> str:
    median, low, high = (show(value, 3) for value in values)
    return f"{median} ({low} to {high})"


def _regression_text(r: dict[str, Any]) -> Text:
    width = max(len(t["name"]) for t in r["terms"])
    lines = ["Meta-regression (analysis scale):"]
    lines += [
        f"  {t['name']:<{width}}  {show(t['estimate'], 4):>9} "
        f"({show(t['ci_low'], 4)} to {show(t['ci_high'], 4)}), p = {p_value(t['p'])}"
        for t in r["terms"]
    ]
    lines.append(
        f"  QM = {show(r['qm'], 2)} (df {r['qm_df']}), p = {p_value(r['qm_p'])}; "
        f"residual tau² = {show(r['tau2'], 4)}; R² = {show(r['r2'], 1)}%"
    )
    return lines


def network_text(r: dict[str, Any]) -> Text:
    """The tables `network` prints."""
    names, scores = r["treatments"], r.get("p_scores")
    width = max(len(name) for name in names)
    lines = [r["sentence"], ""]
    if "geometry" in r:
        lines += [r["geometry"], "", "Rank  Treatment" + " " * (width - 7) + "P-score"]
        ranked = zip(names, scores or [], strict=True)
        lines += [f"{i:>4}  {name:<{width}}  {show(x, 4)}" for i, (name, x) in enumerate(ranked, 1)]
        lines.append("")
    lines.append(
        f"{r['measure']} of the first treatment versus the second, {r['level']:g}% interval:"
    )
    for i, a in enumerate(names):
        for j, b in enumerate(names[:i]):
            estimate, low, high = r["league"][j][i]
            lines.append(f"  {b} vs {a}: {show(estimate, 3)} ({show(low, 3)} to {show(high, 3)})")
    lines.append("")
    if "tau2" in r:
        lines.append(f"tau² = {show(r['tau2'], 4)}; I² = {show(r['i2'], 1)}%")
        lines.append(_q_text("Q total", r["q_total"]))
        lines.append(_q_text("Q within designs", r["q_within"]))
    lines.append(_q_text("Q between designs", r["q_between"]))
    return [line for line in lines if line is not None] + [f"Warning: {w}" for w in r["warnings"]]


def _q_text(name: str, test: Any) -> str:
    if test is None:
        return f"{name}: one design only"
    q, df, p = test
    return f"{name} = {show(q, 2)} (df {df}), p = {p_value(p)}"


def _cell(values: dict[str, Any]) -> str:
    estimate, low, high = (show(values[k], 3) for k in ("estimate", "ci_low", "ci_high"))
    return f"{estimate:>9}  {low + ' to ' + high:<18}"


def show(value: float | None, digits: int) -> str:
    """A number with fixed digits; a dash when it is not defined."""
    return "–" if value is None or not isfinite(value) else f"{value:.{digits}f}"


def p_value(p: float | None) -> str:
    """A p-value as journals print it."""
    if p is None or not isfinite(p):
        return "–"
    return "< 0.001" if p < 0.001 else f"{p:.3f}"
