"""Computes a pairwise analysis again with numpy and scipy, and compares every number.

Run it in this folder: python reproduce.py
"""

import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import optimize, stats

from reviewtool.synthesis.scripts.reproduce.checking import Checks, number
from reviewtool.synthesis.scripts.reproduce.effects import effects, natural

Vector = np.ndarray
TEXTS = {"study", "subgroup", "treatment", "source"}


class Fit(NamedTuple):
    """A pooled effect (or coefficients) with what goes with it; percentages from 0 to 100."""

    beta: Vector
    vcov: np.ndarray
    df: float | None
    tau2: float
    q: float
    typical: float
    weights: Vector

    def numbers(self, level: float, at: int = 0) -> dict[str, float]:
        """Estimate, SE, limits and p of one coefficient."""
        estimate, se = float(self.beta[at]), float(np.sqrt(self.vcov[at, at]))
        half = quantile(level, self.df) * se
        z = abs(estimate / se) if se > 0 else float("nan")
        p = 2 * (stats.norm.sf(z) if self.df is None else stats.t.sf(z, self.df))
        limits = {"ci_low": estimate - half, "ci_high": estimate + half}
        return {"estimate": estimate, "se": se, **limits, "p": float(p)}


def quantile(level: float, df: float | None) -> float:
    """How many standard errors an interval reaches to each side."""
    p = 0.5 + level / 200
    return float(stats.norm.ppf(p) if df is None else stats.t.ppf(p, df))


def projected(w: Vector, x: np.ndarray) -> np.ndarray:
    """P = W - W X (X'WX)^-1 X'W."""
    wx = w[:, None] * x
    return np.asarray(np.diag(w) - wx @ np.linalg.inv(x.T @ wx) @ wx.T)


def generalised_q(tau2: float, y: Vector, v: Vector, x: np.ndarray) -> float:
    """Residual sum of squares with weights 1 / (v + tau2)."""
    return float(y @ projected(1 / (v + tau2), x) @ y)


def where_q_is(target: float, y: Vector, v: Vector, x: np.ndarray) -> float:
    """tau2 >= 0 at which the generalised Q has a value; it falls with tau2."""
    if generalised_q(0.0, y, v, x) <= target:
        return 0.0
    high = float(v.max())
    while generalised_q(high, y, v, x) > target:
        high *= 2
    return float(optimize.brentq(lambda t: generalised_q(t, y, v, x) - target, 0, high, xtol=1e-15))


def likelihood_tau2(y: Vector, v: Vector, x: np.ndarray, restricted: bool) -> float:
    """The highest maximum of the (restricted) likelihood of tau2 over a fine grid."""

    def slope(tau2: float) -> float:
        w = 1 / (v + tau2)
        p = projected(w, x)
        return float(y @ p @ p @ y - np.trace(p if restricted else np.diag(w)))

    def height(tau2: float) -> float:
        w = 1 / (v + tau2)
        own = np.log(w).sum() - float(y @ projected(w, x) @ y)
        return float(own - (np.linalg.slogdet(x.T @ (w[:, None] * x))[1] if restricted else 0))

    top = 10 * (float(np.ptp(y)) ** 2 + float(v.max()))
    grid = np.concatenate([[0.0], np.geomspace(1e-4 * float(v.min()), top, 120)])
    best = int(np.argmax([height(t) for t in grid]))
    low, high = grid[max(0, best - 1)], grid[min(len(grid) - 1, best + 1)]
    if best <= 1 and slope(0.0) <= 0:
        return 0.0
    return float(optimize.brentq(slope, low, high, xtol=1e-15, rtol=1e-13))


def between(y: Vector, v: Vector, x: np.ndarray, method: str) -> float:
    """Variance between studies by a method (Viechtbauer 2005, J Educ Behav Stat 30:261)."""
    k, columns = x.shape
    if method == "EE" or k <= columns:
        return 0.0
    if method in {"ML", "REML"}:
        return likelihood_tau2(y, v, x, method == "REML")
    if method in {"PM", "EB"}:
        return where_q_is(k - columns, y, v, x)
    p = projected(1 / v, x)
    q = float(y @ p @ y)
    if method == "DL":
        return float(max(0.0, (q - (k - columns)) / np.trace(p)))
    if method == "HS":
        return float(max(0.0, (q - k) / (1 / v).sum()))
    if method == "HE":
        p = projected(np.ones(k), x)
        return float(max(0.0, (y @ p @ y - np.trace(p @ np.diag(v))) / (k - columns)))
    crude = float(np.var(y))  # Sidik & Jonkman 2005
    return generalised_q(0.0, y, v / crude + 1, x) / (k - columns) if crude else 0.0


def chosen_test(test: str, method: str, df: int, tau2: float) -> str:
    """Hartung-Knapp where it is advised, if the plan leaves the choice open."""
    if test != "auto":
        return test
    return "knha" if df > 1 and tau2 > 0 and method != "EE" else "z"


def fitted(y: Vector, v: Vector, x: np.ndarray, method: str, test: str) -> Fit:
    """Weighted least squares with the variance between studies."""
    k, columns = x.shape
    origin = float(y[np.argmin(v)])  # so that a huge weight multiplies no rounding
    y = y - origin
    tau2 = between(y, v, x, method)
    w = 1 / (v + tau2)
    vcov = np.linalg.inv(x.T @ (w[:, None] * x))
    own = vcov @ x.T @ (w * y)
    test = chosen_test(test, method, k - columns, tau2) if k > columns else "z"
    if test in {"knha", "adhoc"}:
        scale = float(w @ (y - x @ own) ** 2) / (k - columns)
        vcov = vcov * (max(1.0, scale) if test == "adhoc" else scale)
    typical = (k - columns) / float(np.trace(projected(1 / v, x))) if k > columns else np.nan
    q = generalised_q(0.0, y, v, x) if k > columns else 0.0
    beta = own + origin * (np.arange(columns) == 0)  # the first column is the intercept
    df = None if test == "z" else float(k - columns)
    return Fit(beta, vcov, df, tau2, q, typical, 100 * w / w.sum())


class Analysis:
    """The data of an analysis and how it is pooled."""

    def __init__(self, checks: Checks) -> None:
        self.checks, self.of = checks, checks.settings
        self.level = float(self.of["level"])
        names = list(checks.rows[0])
        self.text = {x: [row[x] for row in checks.rows] for x in names if x in TEXTS}
        self.data = {
            x: np.array([number(row[x]) for row in checks.rows]) for x in names if x not in TEXTS
        }
        self.y, self.v = self.data["yi"], self.data["sei"] ** 2
        self._from_groups()

    def _from_groups(self) -> None:
        """Effects of studies whose groups are known are computed, not read."""
        own = np.array([source == "arms" for source in self.text["source"]])
        columns = [name for name in self.of["columns"].split() if name in self.data]
        if own.any() and columns:
            found = effects({c: self.data[c][own] for c in columns}, self.of["measure"])
            self.y, self.v = self.y.copy(), self.v.copy()
            self.y[own], self.v[own] = found
        for name, y, v in zip(self.text["study"], self.y, self.v, strict=True):
            self.checks.check(f"study {name}, estimate", float(y))
            self.checks.check(f"study {name}, se", float(np.sqrt(v)))

    def pooled(self, keep: np.ndarray, method: str = "") -> dict[str, float]:
        """Everything about the effect of some of the studies."""
        method = method or self.of["method"]
        if method == "MH":
            return self.mantel_haenszel(keep)
        y, v = self.y[keep], self.v[keep]
        k, one = y.size, np.ones((y.size, 1))
        test = self.of["test"] if method == self.of["method"] else "z"
        fit = fitted(y, v, one, method, test)
        found = {**fit.numbers(self.level), "tau2": fit.tau2, "q": fit.q}
        found |= {f"weight {i}": float(w) for i, w in enumerate(fit.weights)}
        if k > 1:
            df = k - 1
            found["q_p"] = float(stats.chi2.sf(fit.q, df))
            if method == "EE":
                found["i2"] = max(0.0, 100 * (fit.q - df) / fit.q) if fit.q > 0 else 0.0
                found["h2"] = fit.q / df
                return found
            found["i2"] = 100 * fit.tau2 / (fit.tau2 + fit.typical)
            found["h2"] = fit.tau2 / fit.typical + 1
            tail, centred = 0.5 - self.level / 200, y - y.mean()
            for name, p in (("tau2_low", 1 - tail), ("tau2_high", tail)):
                found[name] = where_q_is(float(stats.chi2.ppf(p, df)), centred, v, one)
            half = quantile(self.level, df) * np.sqrt(found["se"] ** 2 + fit.tau2)
            found["pi_low"] = found["estimate"] - half
            found["pi_high"] = found["estimate"] + half
        return found

    def mantel_haenszel(self, keep: np.ndarray) -> dict[str, float]:
        """Mantel & Haenszel 1959; variances by Robins 1986, Greenland 1985 and Sato 1989."""
        estimate, variance, w = haenszel(
            {name: self.data[name][keep] for name in self.of["columns"].split()},
            self.of["measure"],
        )
        se = float(np.sqrt(variance))
        half, y, v = quantile(self.level, None) * se, self.y[keep], self.v[keep]
        q, df = float(np.sum((y - estimate) ** 2 / v)), y.size - 1
        found = {"estimate": estimate, "se": se, "q": q}
        found |= {"ci_low": estimate - half, "ci_high": estimate + half}
        found |= {"p": float(2 * stats.norm.sf(abs(estimate / se)))}
        found |= {f"weight {i}": float(100 * one / w.sum()) for i, one in enumerate(w)}
        if df > 0:
            found |= {"q_p": float(stats.chi2.sf(q, df)), "h2": q / df}
            found |= {"i2": max(0.0, 100 * (q - df) / q) if q > 0 else 0.0}
        return found


def haenszel(c: dict[str, Vector], measure: str) -> tuple[float, float, Vector]:
    """(estimate on the analysis scale, its variance, weights)."""
    if "x1i" in c:
        x1, t1, x2, t2 = c["x1i"], c["t1i"], c["x2i"], c["t2i"]
        t = t1 + t2
        r, s, w = x1 * t2 / t, x2 * t1 / t, t1 * t2 / t
        if measure == "IRR":
            top = np.sum(t1 * t2 * (x1 + x2) / t**2)
            return float(np.log(r.sum() / s.sum())), float(top / (r.sum() * s.sum())), s
        spread = np.sum(w**2 * (x1 / t1**2 + x2 / t2**2)) / w.sum() ** 2
        return float((r - s).sum() / w.sum()), float(spread), w
    a, n1, d, n2 = c["ai"], c["n1i"], c["ci"], c["n2i"]
    b, e, n = n1 - a, n2 - d, n1 + n2
    if measure == "OR":
        r, s, p, q = a * e / n, b * d / n, (a + e) / n, (b + d) / n
        both = r.sum() * s.sum()
        v = (p @ r) / r.sum() ** 2 + (p @ s + q @ r) / both + (q @ s) / s.sum() ** 2
        return float(np.log(r.sum() / s.sum())), float(v / 2), s
    r, s, w = a * n2 / n, d * n1 / n, n1 * n2 / n
    if measure == "RR":
        top = np.sum(n1 * n2 * (a + d) / n**2 - a * d / n)
        return float(np.log(r.sum() / s.sum())), float(top / (r.sum() * s.sum())), s
    value = (r - s).sum() / w.sum()
    p = np.sum(d * (n1 / n) ** 2 - a * (n2 / n) ** 2 + n1 * n2 * (n2 - n1) / (2 * n**2))
    v = (value * p + np.sum((a * e + d * b) / n) / 2) / w.sum() ** 2
    return float(value), float(v), w


def check_effect(at: Analysis, what: str, found: dict[str, float]) -> None:
    """A pooled effect, as it is analysed and as it is read."""
    for key, value in found.items():
        at.checks.check(f"{what}, {key}", value)
    for key in ("estimate", "ci_low", "ci_high"):
        shown = natural(found[key], at.of["scale"], float(at.of["size"] or "nan"))
        at.checks.check(f"{what}, natural {key}", shown)


def check_subgroups(at: Analysis) -> None:
    """Each subgroup, and the test for a difference between them."""
    by = np.array([one or "Not reported" for one in at.text["subgroup"]])
    pairs = []
    for label in dict.fromkeys(sorted(by)):
        if at.checks.wants(f"subgroup {label}, "):
            found = at.pooled(by == label)
            pairs.append((found["estimate"], 1 / found["se"] ** 2))
            check_effect(at, f"subgroup {label}", found)
    if len(pairs) > 1:
        b, w = np.array(pairs).T
        q = float(w @ (b - (w @ b) / w.sum()) ** 2)
        at.checks.check("between subgroups, q", q)
        at.checks.check("between subgroups, p", float(stats.chi2.sf(q, len(pairs) - 1)))


def check_sensitivity(at: Analysis) -> None:
    """The common effect, studies not at high risk of bias, and one study left out at a time."""
    every = np.ones(at.y.size, dtype=bool)
    if at.checks.wants("common effect, "):
        check_effect(at, "common effect", at.pooled(every, "EE"))
    if at.checks.wants("without high risk of bias, "):
        check_effect(at, "without high risk of bias", at.pooled(at.data["high_risk"] == 0))
    for name in (one for one in at.data if one.startswith("set")):
        what = f"without set {name.removeprefix('set')}"
        if at.checks.wants(f"{what}, "):
            check_effect(at, what, at.pooled(at.data[name] == 0))
    for i, label in enumerate(at.text["study"]):
        if at.checks.wants(f"without {label}, "):
            check_effect(at, f"without {label}", at.pooled(np.arange(at.y.size) != i))


def check_regression(at: Analysis) -> None:
    """The meta-regression, on the studies that report every characteristic."""
    mods = [name for name in at.data if name.startswith("mod")]
    if not mods:
        return
    values = np.column_stack([at.data[name] for name in mods])
    keep = ~np.isnan(values).any(axis=1)
    y, v, x = at.y[keep], at.v[keep], np.column_stack([np.ones(keep.sum()), values[keep]])
    method = "EE" if at.of["method"] == "MH" else at.of["method"]
    fit, one = fitted(y, v, x, method, at.of["test"]), np.ones((y.size, 1))
    for i, name in enumerate(["intercept", *(at.of[mod] for mod in mods)]):
        for key, value in fit.numbers(at.level, i).items():
            at.checks.check(f"meta-regression, {name}, {key}", value)
    tested, df = fit.beta[1:], y.size - x.shape[1]
    qm = float(tested @ np.linalg.solve(fit.vcov[1:, 1:], tested))
    p = stats.chi2.sf(qm, tested.size)
    if fit.df is not None:
        qm /= tested.size
        p = stats.f.sf(qm, tested.size, fit.df)
    before = between(y - y.mean(), v, one, method)
    if method == "EE":
        whole = generalised_q(0.0, y - y.mean(), v, one) / (y.size - 1)
        before, after = whole, fit.q / df
        i2 = max(0.0, 100 * (fit.q - df) / fit.q) if fit.q > 0 else 0.0
    else:
        after, i2 = fit.tau2, 100 * fit.tau2 / (fit.tau2 + fit.typical)
    r2 = max(0.0, 100 * (before - after) / before) if before > 0 else 0.0
    found = {"tau2": fit.tau2, "i2": i2, "r2": r2, "qm": qm, "qm_p": float(p)}
    for key, value in found.items():
        at.checks.check(f"meta-regression, {key}", value)


def check_asymmetry(at: Analysis) -> None:
    """Egger's test: the effect regressed on its standard error."""
    if not at.checks.wants("Egger, "):
        return
    se = np.sqrt(at.v)
    x, w = np.column_stack([np.ones(se.size), se]), 1 / at.v
    vcov = np.linalg.inv(x.T @ (w[:, None] * x))
    beta = vcov @ x.T @ (w * at.y)
    df = se.size - 2
    t = beta[1] / np.sqrt(vcov[1, 1] * float(w @ (at.y - x @ beta) ** 2) / df)
    at.checks.check("Egger, slope", float(beta[1]))
    at.checks.check("Egger, t", float(t))
    at.checks.check("Egger, p", float(2 * stats.t.sf(abs(t), df)))


def main(folder: Path) -> int:
    """Everything the analysis holds; the exit status."""
    checks = Checks(folder)
    at = Analysis(checks)
    whole = at.pooled(np.ones(at.y.size, dtype=bool))
    check_effect(at, "pooled", whole)
    for i, label in enumerate(at.text["study"]):
        checks.check(f"study {label}, weight", whole[f"weight {i}"])
    check_subgroups(at)
    check_sensitivity(at)
    check_regression(at)
    check_asymmetry(at)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main(Path(__file__).parent))
