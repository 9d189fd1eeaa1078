"""Computes an analysis of several time points together again with numpy and scipy.

At the variances between studies that were found; the script in R looks for them by itself.
Run it in this folder: python reproduce.py
"""

import sys
from pathlib import Path

import numpy as np
from scipy import stats

from reviewtool.synthesis.scripts.reproduce.checking import Checks

Vector = np.ndarray


class Model:
    """The results of studies at several times, and how they are correlated."""

    def __init__(self, checks: Checks) -> None:
        rows, of = checks.rows, checks.settings
        self.y = np.array([float(row["yi"]) for row in rows])
        se, time = (np.array([float(row[x]) for row in rows]) for x in ("sei", "time"))
        times = sorted(set(time))
        at = np.array([times.index(one) for one in time])
        self.names = [rows[int(np.argmax(at == i))]["timepoint"] for i in range(len(times))]
        self.x = np.eye(len(times))[at]
        study = np.array([row["study_id"] for row in rows])
        same = study[:, None] == study[None, :]
        apart = np.abs(time[:, None] - time[None, :])
        rho = float(of["rho"]) ** (apart if of["pattern"] == "decaying" else np.ones_like(apart))
        np.fill_diagonal(rho, 1.0)
        self.v = same * rho * np.outer(se, se)
        between = np.array([float(one) for one in of["between"].split()])
        self.total = self.v + same * between.reshape(len(times), len(times))[np.ix_(at, at)]

    def solved(self, v: np.ndarray) -> tuple[Vector, np.ndarray, float]:
        """(estimates, their covariance, weighted residual sum of squares)."""
        w = np.linalg.inv(v)
        cov = np.linalg.inv(self.x.T @ w @ self.x)
        beta = cov @ self.x.T @ w @ self.y
        rest = self.y - self.x @ beta
        return beta, cov, float(rest @ w @ rest)


def main(folder: Path) -> int:
    """Everything the analysis holds; the exit status."""
    checks = Checks(folder)
    model = Model(checks)
    beta, cov, _ = model.solved(model.total)
    df = float(checks.settings["df"]) if checks.settings["df"] else None
    p = 0.5 + float(checks.settings["level"]) / 200
    width = float(stats.norm.ppf(p) if df is None else stats.t.ppf(p, df))
    for name, estimate, se in zip(model.names, beta, np.sqrt(np.diag(cov)), strict=True):
        checks.check(f"{name}, estimate", float(estimate))
        checks.check(f"{name}, se", float(se))
        checks.check(f"{name}, ci_low", float(estimate - width * se))
        checks.check(f"{name}, ci_high", float(estimate + width * se))
    checks.check("q", model.solved(model.v)[2])
    if beta.size > 1:
        steps = np.eye(beta.size)[1:] - np.eye(beta.size)[:-1]
        step, n = steps @ beta, beta.size - 1
        q = float(step @ np.linalg.solve(steps @ cov @ steps.T, step))
        checks.check("change over time", q if df is None else q / n)
        found = stats.chi2.sf(q, n) if df is None else stats.f.sf(q / n, n, df)
        checks.check("change over time, p", float(found))
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main(Path(__file__).parent))
