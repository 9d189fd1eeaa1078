"""Results of ``pool`` and ``network`` as readable text.

Numbers are written by ``words.typed``: in the signs of a keyboard, so that they can be copied
into other programs.
"""

from collections.abc import Sequence
from typing import Any

from reviewtool import words

Text = list[str]


def pool_text(r: dict[str, Any], digits: int = 3) -> Text:
    """What ``pool`` prints."""
    lines = [*_table(r, digits), "", *_heterogeneity(r, digits)]
    for part, write in (
        ("subgroups", _subgroups),
        ("regression", _regression),
        ("sensitivity", _sensitivity),
        ("asymmetry", _asymmetry),
        ("robust", _robust),
        ("glmm", _glmm),
        ("bayes", _bayes),
    ):
        if part in r:
            lines += ["", *write(r[part], digits)]
    lines += ["", r["sentence"]]
    lines += [f"Note: {note}" for note in r["notes"]]
    warnings = [*r["warnings"]]
    for part in ("subgroups", "regression", "asymmetry", "robust", "glmm", "bayes"):
        warnings += r.get(part, {}).get("warnings", [])
    lines += [f"Warning: {warning}" for warning in dict.fromkeys(warnings)]
    return [words.keyboard(line).rstrip() for line in lines]


def _table(r: dict[str, Any], digits: int) -> Text:
    names = [s["study"] for s in r["studies"]] + [s["study"] for s in r["left_out"]]
    width = max([len(name) for name in names] + [len("Prediction")])
    level = f"{words.at_level(r['level'])} interval"
    cells = [interval(s, digits) for s in r["studies"]]
    room = max([len(cell) for cell in cells] + [len(level), len(interval(r["shown"], digits))])
    effects = [show(s["estimate"], digits) for s in (*r["studies"], r["shown"])]
    wide = max([len(e) for e in effects] + [len(r["measure"])])
    common = r.get("common")
    head = f"{'Study':<{width}}  {r['measure']:>{wide}}  {level:<{room}}  weight"
    if common:
        head += "  common"
    rule = "-" * len(head)
    lines = [head, rule]
    shares = common["weights"] if common else [None] * len(cells)
    for s, cell, share in zip(r["studies"], cells, shares, strict=True):
        line = f"{s['study']:<{width}}  {show(s['estimate'], digits):>{wide}}  {cell:<{room}}"
        line += f"  {per_cent(s['weight']):>6}"
        lines.append(line + (f"  {per_cent(share):>6}" if common else ""))
    lines += [f"{s['study']:<{width}}  left out: {s['reason']}" for s in r["left_out"]]
    lines.append(rule)
    shown = r["shown"]
    label = "Random" if common else "Pooled"
    lines.append(
        f"{label:<{width}}  {show(shown['estimate'], digits):>{wide}}  {interval(shown, digits)}"
    )
    if common:
        lines.append(
            f"{'Common':<{width}}  {show(common['estimate'], digits):>{wide}}  "
            f"{interval(common, digits)}"
        )
    return lines


def _heterogeneity(r: dict[str, Any], digits: int) -> Text:
    given = words.studies(r["given"])
    if r["given_studies"] < r["given"]:  # some studies have several rows
        given = f"{words.plural(r['given'], 'comparison', 'comparisons')} "
        given += f"({words.studies(r['given_studies'])})"
    pooled = f"{len(r['studies'])} of {given} pooled"
    lines = [
        f"{pooled}; {p_value(r['p'])}; Q = {show(r['q'], 2)} (df {r['q_df']}, "
        f"{p_value(r['q_p'])}); I² = {per_cent(r['i2'])}"
    ]
    tau2, around = r.get("tau2"), r.get("tau2_ci")
    if tau2 is not None and r.get("method") not in ("EE", "MH", "Peto"):
        fine = max(4, digits + 1)
        line = f"tau² = {show(tau2, fine)}"
        if around:
            line += f" ({show(around['low'], fine)} to {show(around['high'], fine)})"
        lines.append(line)
    if "wald" in r:
        wald = r["wald"]
        lines.append(f"Wald-type interval (z): {interval(wald, digits)}")
    prediction = r["shown"].get("prediction")
    if prediction and r["k"] > 2:
        low, high = (show(value, digits) for value in prediction)
        lines.append(f"Prediction interval: {low} to {high}")
    return lines


def _subgroups(r: dict[str, Any], digits: int) -> Text:
    width = max(len(g["level"]) for g in r["groups"])
    lines = [f"By {r['column']}:"]
    lines += [
        f"  {g['level']:<{width}}  {_count(g)}, "
        f"weight {per_cent(g['weight'])}: {effect(g['shown'], digits)}; "
        f"tau² = {show(g['tau2'], 4)}; I² = {per_cent(g['i2'])}"
        for g in r["groups"]
    ]
    if r.get("common") and r.get("tau2") is not None:
        lines.append(f"  One tau² for all subgroups: {show(r['tau2'], 4)}")
    lines.append(
        f"  Test of subgroup differences: {show(r['between'], 2)} "
        f"(df {r['between_df']}), {p_value(r['between_p'])}"
    )
    return [*lines, f"  {r['sentence']}"]


def _count(group: dict[str, Any]) -> str:
    """How many studies, and comparisons where some give several."""
    studies = words.studies(group["studies"])
    if group["k"] == group["studies"]:
        return studies
    return f"{studies} ({words.plural(group['k'], 'comparison', 'comparisons')})"


def _regression(r: dict[str, Any], digits: int) -> Text:
    width = max(len(t["name"]) for t in r["terms"])
    fine = max(4, digits)
    lines = ["Meta-regression (analysis scale):"]
    lines += [
        f"  {t['name']:<{width}}  {show(t['estimate'], fine):>9} "
        f"({show(t['ci_low'], fine)} to {show(t['ci_high'], fine)}), {p_value(t['p'])}"
        for t in r["terms"]
    ]
    lines.append(
        f"  QM = {show(r['qm'], 2)} (df {r['qm_df']}), {p_value(r['qm_p'])}; "
        f"residual tau² = {show(r['tau2'], 4)}; R² = {per_cent(r['r2'])}"
    )
    return [*lines, f"  {r['sentence']}"]


def _sensitivity(r: dict[str, Any], digits: int) -> Text:
    lines: Text = []
    if "leave_one_out" in r:
        lines += ["Without one study each:", *_refits(r["leave_one_out"], digits, "without ")]
    if "cumulative" in r:
        by = f", by {r['order']}" if "order" in r else ""
        lines += [f"Cumulative{by}:", *_refits(r["cumulative"], digits, "+ ")]
    if "influence" in r:
        width = max([len(s["study"]) for s in r["influence"]] + [5])
        lines.append("Influence of each study:")
        lines.append(f"  {'':<{width}}  residual   DFFITS   Cook's D      hat")
        lines += [
            f"  {s['study']:<{width}}  {show(s['rstudent'], 3):>8} {show(s['dffits'], 3):>8}   "
            f"{show(s['cook_d'], 3):>8} {show(s['hat'], 3):>8}"
            + ("  influential" if s["flagged"] else "")
            for s in r["influence"]
        ]
        lines.append(f"  {r['influence_sentence']}")
    return lines


def _refits(refits: Sequence[dict[str, Any]], digits: int, sign: str) -> Text:
    width = max(len(s["study"]) for s in refits) + len(sign)
    return [
        f"  {sign + s['study']:<{width}}  {effect(s, digits)}; {p_value(s['p'])}; "
        f"tau² = {show(s['tau2'], 4)}; I² = {per_cent(s['i2'])}"
        for s in refits
    ]


def _asymmetry(r: dict[str, Any], digits: int) -> Text:
    lines = ["Funnel plot asymmetry:"]
    for t in r["tests"]:
        if "error" in t:
            lines.append(f"  {t['test']}: {t['error']}")
            continue
        df = "" if t["df"] is None else f" (df {words.plain(t['df'])})"
        lines.append(f"  {t['test']}: {show(t['statistic'], 3)}{df}, {p_value(t['p'])}")
    filled = r["trimfill"]
    lines.append(
        f"  Trim and fill: {filled['imputed']} imputed on the {filled['side']}: "
        f"{effect(filled, digits)}"
    )
    return lines


def _robust(r: dict[str, Any], digits: int) -> Text:
    return [
        f"Cluster-robust, by {r['column']} ({r['clusters']} clusters): {effect(r, digits)}; "
        f"df {show(r['df'], 1)}, {p_value(r['p'])}",
        f"  {r['sentence']}",
    ]


def _glmm(r: dict[str, Any], digits: int) -> Text:
    return [
        f"Generalised linear mixed model: {effect(r['shown'], digits)}; {p_value(r['p'])}; "
        f"tau² = {show(r['tau2'], 4)}",
        f"  {r['sentence']}",
    ]


def _bayes(r: dict[str, Any], digits: int) -> Text:
    mean, new, tau = r["shown"]["mu"], r["shown"]["prediction"], r["tau"]
    return [
        f"Bayesian mean effect: {_median(mean, digits)}",
        f"Effect in a new study: {_median(new, digits)}",
        f"tau: {_median(tau[2:5], digits)}",
        r["sentence"],
    ]


def _median(values: Sequence[float], digits: int) -> str:
    median, low, high = (show(value, digits) for value in values)
    return f"{median} ({low} to {high})"


def network_text(r: dict[str, Any], digits: int = 3) -> Text:
    """What ``network`` prints."""
    names, scores = r["treatments"], r.get("p_scores")
    width = max(len(name) for name in names)
    lines = [r["sentence"], ""]
    if "geometry" in r:
        lines += [r["geometry"], ""]
        lines += [f"Ranking: {r['good']} values are good.", ""]
        lines += ["Rank  Treatment" + " " * max(width - 7, 2) + "P-score"]
        ranked = zip(names, scores or [], strict=True)
        wide = max(width, 9)
        lines += [f"{i:>4}  {name:<{wide}}  {show(x, 4)}" for i, (name, x) in enumerate(ranked, 1)]
        lines.append("")
    level = words.at_level(r["level"])
    lines.append(
        f"{r['measure']} of the first treatment versus the second, {r['model']} effects, {level} "
        "interval:"
    )
    for i, a in enumerate(names):
        for j, b in enumerate(names[:i]):
            lines.append(f"  {b} vs {a}: {_median(r['league'][j][i], digits)}")
    lines.append("")
    if "tau2" in r:
        lines.append(f"tau² = {show(r['tau2'], 4)}; I² = {per_cent(r['i2'])}")
        lines.append(_q_text("Q total", r["q_total"]))
        lines.append(_q_text("Q within designs", r["q_within"]))
    lines.append(_q_text("Q between designs", r["q_between"]))
    lines += [f"Note: {note}" for note in r.get("notes", [])]
    lines += [f"Warning: {w}" for w in r["warnings"]]
    return [words.keyboard(line).rstrip() for line in lines]


def component_text(r: dict[str, Any], digits: int = 3) -> Text:
    """What ``network --components`` prints."""
    from reviewtool.stats.measures import measure

    back = measure(r["measure"]).scale.back

    def shown(one: dict[str, Any]) -> str:
        if one["estimate"] is None:
            return "the data do not determine it"
        natural = {k: float(back(one[k], None)) for k in ("estimate", "ci_low", "ci_high")}
        return f"{effect(natural, digits)}, {p_value(one['p'])}"

    inactive = f"; {r['inactive']} taken as inactive" if r["inactive"] else ""
    lines = [
        f"{r['k']} studies in an additive component network meta-analysis, {r['model']} effects"
        f"{inactive}.",
        "",
        f"{r['measure']} that each component adds, {words.at_level(r['level'])} interval:",
        *(f"  {name}: {shown(one)}" for name, one in r["components"].items()),
        "",
        f"tau² = {show(r['tau2'], 4)}",
        _q_text("Q around the sums of components", r["q_additive"]),
        _q_text("Q around the network", r["q_standard"]),
        _q_text("Q of additivity", r["q_difference"]),
    ]
    if len(r["parts"]) > 1:
        names = " | ".join(", ".join(one) for one in r["parts"])
        lines.append(f"Warning: components alone join parts that no study connects: {names}.")
    lines += [f"Note: {note}" for note in r["notes"]]
    lines += [f"Warning: {w}" for w in r["warnings"]]
    return [words.keyboard(line).rstrip() for line in lines]


def _q_text(name: str, test: Any) -> str:
    if test is None:
        return f"{name}: one design only"
    q, df, p = test
    if df == 0:
        return f"{name}: nothing to compare (df 0)"
    return f"{words.named(show(q, 2), name)} (df {df}), {p_value(p)}"


def effect(values: dict[str, Any], digits: int) -> str:
    """An estimate with its interval."""
    return f"{show(values['estimate'], digits)} ({interval(values, digits)})"


def interval(values: dict[str, Any], digits: int) -> str:
    """The limits of an interval."""
    return f"{show(values['ci_low'], digits)} to {show(values['ci_high'], digits)}"


def show(value: float | None, digits: int) -> str:
    """A number with fixed decimals; a dash when undefined."""
    return words.typed(value, digits)


def per_cent(value: float | None) -> str:
    """A number in per cent, with its sign where there is one."""
    return words.keyboard(words.out_of_hundred(value, 1))


def p_value(p: float | None) -> str:
    """A p value with its letter."""
    return words.keyboard(words.p(p))
