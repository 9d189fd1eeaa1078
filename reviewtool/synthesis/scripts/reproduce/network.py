"""Computes a network again with numpy and scipy, and compares every number.

Contrasts of a study are correlated as their variances say (two contrasts share an arm);
random effects of two contrasts of a study correlate by one half (Jackson, White & Riley
2012, Stat Med 31:3805). Run it in this folder: python reproduce.py
"""

import sys
from itertools import permutations
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import linalg, optimize, stats

from reviewtool.synthesis.scripts.reproduce.checking import Checks

Vector = np.ndarray
Matrix = np.ndarray
DRAWS = 50_000  # and as many mirror images


class Solved(NamedTuple):
    """Weighted least squares: coefficients, covariance, residual sum of squares, projection."""

    beta: Vector
    cov: Matrix
    q: float
    p: Matrix
    w: Matrix


class Model:
    """All contrasts of all studies with the study's first arm, and what goes with them."""

    def __init__(self, checks: Checks) -> None:
        self.rows = [
            (r["study"], r["treat1"], r["treat2"], float(r["yi"]), float(r["sei"]))
            for r in checks.rows
        ]
        self.treatments = sorted({name for row in self.rows for name in row[1:3]})
        reference = checks.settings["reference"]
        self.treatments.remove(reference)
        self.treatments.insert(0, reference)
        y: list[float] = []
        x: list[Vector] = []
        v, b, self.design = [], [], list[tuple[str, ...]]()
        for study in dict.fromkeys(row[0] for row in self.rows):
            arms, te, variance = self._of(study)
            k = len(arms) - 1
            y += [float(value) for value in te[1:, 0]]
            first = variance[1:, 0]
            v.append((first[:, None] + first[None, :] - variance[1:, 1:]) / 2)
            b.append((np.eye(k) + 1) / 2)
            unit = np.eye(len(self.treatments))[[self.treatments.index(a) for a in arms]]
            x += list(unit[1:] - unit[0])
            self.design += [tuple(arms)] * k
        self.y, self.whole = np.array(y), np.array(x)
        self.v, self.b = linalg.block_diag(*v), linalg.block_diag(*b)
        self.df = self.y.size - len(self.treatments) + 1

    def _of(self, study: str) -> tuple[list[str], Matrix, Matrix]:
        own = [row[1:] for row in self.rows if row[0] == study]
        arms = sorted({name for row in own for name in row[:2]})
        te, variance = np.zeros((len(arms), len(arms))), np.zeros((len(arms), len(arms)))
        for first, second, estimate, se in own:
            i, j = arms.index(first), arms.index(second)
            te[i, j], te[j, i] = estimate, -estimate
            variance[i, j] = variance[j, i] = se**2
        return arms, te, variance

    def solve(self, tau2: float, at: Vector | None = None, x: Matrix | None = None) -> Solved:
        """The model at a tau2, of some rows (``at``) and columns if asked."""
        at = np.arange(self.y.size) if at is None else at
        x = self.whole[:, 1:] if x is None else x
        x, y, block = x[at], self.y[at], np.ix_(at, at)
        w = np.linalg.inv(self.v[block] + tau2 * self.b[block])
        cov = np.linalg.inv(x.T @ w @ x)
        beta = cov @ x.T @ w @ y
        rest = y - x @ beta
        return Solved(beta, cov, max(0.0, float(rest @ w @ rest)), w - w @ x @ cov @ x.T @ w, w)

    def between(self, method: str) -> float:
        """tau2: by moments, or the highest maximum of the (restricted) likelihood."""
        if self.df == 0:
            return 0.0
        start = self.solve(0.0)
        if method == "DL":
            return max(0.0, (start.q - self.df) / float(np.trace(start.p @ self.b)))
        top = 10 * (float(np.ptp([0.0, *self.y])) ** 2 + float(self.v.max()))
        least = 1e-4 * float(np.diag(self.v).min())
        grid = np.concatenate([[0.0], np.geomspace(least, top, 200)])
        best = int(np.argmax([self._height(t, method) for t in grid]))
        if best <= 1 and self._slope(0.0, method) <= 0:
            return 0.0
        low, high = grid[max(0, best - 1)], grid[min(grid.size - 1, best + 1)]
        root = optimize.brentq(self._slope, low, high, args=(method,), xtol=1e-15, rtol=1e-13)
        return float(root)

    def _slope(self, tau2: float, method: str) -> float:
        s = self.solve(tau2)
        inner = s.p @ self.y
        loss = np.trace((s.p if method == "REML" else s.w) @ self.b)
        return float(inner @ self.b @ inner - loss)

    def _height(self, tau2: float, method: str) -> float:
        s = self.solve(tau2)
        own = np.linalg.slogdet(s.w)[1] - s.q
        return float(own + (np.linalg.slogdet(s.cov)[1] if method == "REML" else 0.0))


def check_designs(checks: Checks, model: Model) -> None:
    """Heterogeneity, within designs and between them."""
    q, df = model.solve(0.0).q, model.df
    checks.check("i2", max(0.0, 100 * (q - df) / q) if q > 0 else 0.0)
    checks.check("q total", q)
    checks.check("q total, p", float(stats.chi2.sf(q, df)))
    parts = []
    for design in dict.fromkeys(model.design):
        at = np.array([i for i, one in enumerate(model.design) if one == design])
        used = np.flatnonzero(np.abs(model.whole[at]).sum(axis=0))[1:]
        if at.size > used.size:
            parts.append((at, model.whole[:, used], at.size - used.size))
    spare = sum(part[2] for part in parts)

    def within(tau2: float) -> float:
        return sum(model.solve(tau2, at, x).q for at, x, _ in parts)

    trace = sum(
        float(np.trace(model.solve(0.0, at, x).p @ model.b[np.ix_(at, at)])) for at, x, _ in parts
    )
    tau2 = max(0.0, (within(0.0) - spare) / trace) if trace > 0 else 0.0
    for name, value, degrees in (
        ("q within designs", within(0.0), spare),
        ("q between designs", max(0.0, q - within(0.0)), df - spare),
    ):
        checks.check(name, value)
        checks.check(f"{name}, p", float(stats.chi2.sf(value, degrees)))
    value = max(0.0, model.solve(tau2).q - within(tau2))
    checks.check("interaction of designs, q", value)
    checks.check("interaction of designs, p", float(stats.chi2.sf(value, df - spare)))


class Effects:
    """Effects of row versus column treatment and their standard errors."""

    def __init__(self, model: Model, tau2: float) -> None:
        solved, n = model.solve(tau2), len(model.treatments)
        self.names, self.theta = model.treatments, np.concatenate([[0.0], solved.beta])
        self.cov = np.zeros((n, n))
        self.cov[1:, 1:] = solved.cov
        own = np.diag(self.cov)
        self.te = self.theta[:, None] - self.theta[None, :]
        self.se = np.sqrt(np.maximum(own[:, None] + own[None, :] - 2 * self.cov, 0.0))


def check_league(checks: Checks, model: Model, found: Effects, tau2: float) -> None:
    """Every treatment against every other, and the prediction intervals."""
    level = 0.5 + float(checks.settings["level"]) / 200
    z = float(stats.norm.ppf(level))
    for i, j in permutations(range(len(found.names)), 2):
        te, se = float(found.te[i, j]), float(found.se[i, j])
        for key, value in (
            ("estimate", te),
            ("se", se),
            ("ci_low", te - z * se),
            ("ci_high", te + z * se),
            ("p", float(2 * stats.norm.sf(abs(te / se)))),
        ):
            checks.check(f"{found.names[i]} versus {found.names[j]}, {key}", value)
    if checks.settings["model"] == "random" and model.df > 1:
        for i, name in enumerate(found.names[1:], 1):
            spread = np.sqrt(found.se[i, 0] ** 2 + tau2)
            half = float(stats.t.ppf(level, model.df - 1) * spread)
            checks.check(f"{name}, pi_low", float(found.te[i, 0]) - half)
            checks.check(f"{name}, pi_high", float(found.te[i, 0]) + half)


def check_ranks(checks: Checks, found: Effects) -> None:
    """P-scores, SUCRA (their value by simulation) and ranks by draws of the effects."""
    sign, n = -1.0 if checks.settings["lower_is_better"] == "yes" else 1.0, len(found.names)
    factor = np.linalg.cholesky(found.cov[1:, 1:])
    spread = np.zeros((DRAWS, n))
    spread[:, 1:] = np.random.default_rng(1).standard_normal((DRAWS, n - 1)) @ factor.T
    drawn = sign * np.concatenate([found.theta + spread, found.theta - spread])
    for i, name in enumerate(found.names):
        others = np.arange(n) != i
        score = float(stats.norm.cdf(sign * found.te[i, others] / found.se[i, others]).mean())
        checks.check(f"{name}, p_score", score)
        checks.check(f"{name}, sucra", score)
        rank = (drawn > drawn[:, [i]]).sum(axis=1)
        for r in range(n):
            checks.check(f"{name}, rank {r + 1}", float((rank == r).mean()))


def check_splits(checks: Checks, model: Model, found: Effects, extra: float) -> None:
    """Direct and indirect evidence: what the head-to-head studies say, and the rest."""
    for i, j in permutations(range(len(found.names)), 2):
        first, second = found.names[i], found.names[j]
        what = f"{first} versus {second}, "
        if not checks.wants(f"{what}direct"):
            continue
        own = [row for row in model.rows if {row[1], row[2]} == {first, second}]
        w = np.array([1 / (row[4] ** 2 + extra) for row in own])
        y = np.array([row[3] if row[1] == first else -row[3] for row in own])
        direct, share = float(w @ y / w.sum()), float(w.sum() * found.se[i, j] ** 2)
        indirect = (float(found.te[i, j]) - share * direct) / (1 - share)
        se = 1 / np.sqrt(w.sum()), found.se[i, j] / np.sqrt(1 - share)
        p = 2 * stats.norm.sf(abs(direct - indirect) / np.hypot(*se))
        checks.check(f"{what}direct", direct)
        checks.check(f"{what}direct, se", float(se[0]))
        checks.check(f"{what}direct, share", share)
        checks.check(f"{what}indirect", indirect)
        checks.check(f"{what}indirect, se", float(se[1]))
        checks.check(f"{what}difference", direct - indirect)
        checks.check(f"{what}difference, p", float(p))


def main(folder: Path) -> int:
    """Everything the network holds; the exit status."""
    checks = Checks(folder)
    model = Model(checks)
    tau2 = model.between(checks.settings["method"])
    extra = tau2 if checks.settings["model"] == "random" else 0.0
    checks.check("tau2", tau2)
    check_designs(checks, model)
    found = Effects(model, extra)
    check_league(checks, model, found, tau2)
    check_ranks(checks, found)
    check_splits(checks, model, found, extra)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main(Path(__file__).parent))
