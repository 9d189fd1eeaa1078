"""Plain second calculations, sharing nothing with the engine but the data."""

from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
from scipy import optimize, special, stats

from tests.stats.runners.inputs import Case, Dataset, column, usable


def multilevel_log_likelihood(
    dataset: Dataset, case: Case, fixed: tuple[int, float] | None
) -> float:
    """Highest (restricted) log-likelihood, dense matrices, one component optionally held."""
    return _multilevel_log_likelihood(_Key(dataset, case), fixed)


@cache
def _multilevel_log_likelihood(key: "_Key", fixed: tuple[int, float] | None) -> float:
    dataset, case = key.dataset, key.case
    options = case["options"]
    y, v = (column(dataset, case["input"][role]) for role in ("yi", "vi"))
    outer = _same([row[options["level1"]] for row in dataset["rows"]])
    inner = outer * _same([row.get(options["level2"], i) for i, row in enumerate(dataset["rows"])])

    def negative(logs: np.ndarray) -> float:
        sigma2 = list(np.exp(logs))
        if fixed is not None:
            sigma2.insert(fixed[0], fixed[1])
        m = np.diag(v) + sigma2[0] * outer + sigma2[1] * inner
        w = np.linalg.inv(m)
        one = np.ones(y.size)
        total = one @ w @ one
        r = y - one @ w @ y / total
        value = -0.5 * (np.linalg.slogdet(m)[1] + r @ w @ r)
        return -float(value - 0.5 * np.log(total) * (case["method"] == "REML"))

    size = 2 if fixed is None else 1
    found = min(
        (
            optimize.minimize(
                negative,
                np.full(size, start),
                method="Nelder-Mead",
                options={"xatol": 1e-6, "fatol": 1e-8},
            ).fun
            for start in (-3.0, -6.0)
        ),
        default=np.inf,
    )
    return -float(found)


def _same(values: list[Any]) -> np.ndarray:
    return np.array([[float(a == b) for b in values] for a in values])


def _log_weight(case: Case, p: np.ndarray, delta: np.ndarray) -> np.ndarray:
    if case["options"]["type"] == "negexp":
        return -delta[0] * p
    inside = np.clip(p, 1e-5, 1 - 1e-5)
    return (delta[0] - 1) * np.log(inside) + (delta[1] - 1) * np.log1p(-inside)


def selection_log_likelihood(dataset: Dataset, case: Case, parameters: np.ndarray) -> float:
    """As below; each point is computed once, however many differences ask for it."""
    return _selection_log_likelihood(_Key(dataset, case), tuple(parameters))


@cache
def _selection_log_likelihood(key: "_Key", at_point: tuple[float, ...]) -> float:
    """Log-likelihood of a selection model (not step functions), integrated piece by piece.

    Pieces end where the weight has a kink and at whole SDs around the mean; 20 Gauss
    points each.
    """
    dataset, case, parameters = key.dataset, key.case, np.array(at_point)
    y, v, _, _ = usable(dataset, case)
    flip = 1.0 if case["options"]["alternative"] == "greater" else -1.0
    (mean, tau2), delta = parameters[:2], parameters[2:]
    at, share = np.polynomial.legendre.leggauss(20)
    total = 0.0
    for effect, variance in zip(flip * y, v, strict=True):
        sd, spread = np.sqrt(variance), np.sqrt(variance + max(tau2, 0.0))
        kinks = np.array([-4.2648907939, -2, -1, 0, 1, 2, 4.2648907939]) * sd
        bells = flip * mean + np.array([-10, -6, -4, -2, -1, 0, 1, 2, 4, 6, 10]) * spread
        edges = np.unique(np.concatenate([kinks, bells]))
        half, middle = np.diff(edges)[:, None] / 2, (edges[1:] + edges[:-1])[:, None] / 2
        x = middle + half * at
        density = np.exp(-0.5 * ((x - flip * mean) / spread) ** 2) / spread / np.sqrt(2 * np.pi)
        seen = np.exp(_log_weight(case, special.ndtr(-x / sd), delta)) * density
        own = _log_weight(case, special.ndtr(-np.array(effect / sd)), delta)
        total += float(own) - np.log(float(np.sum(half * share * seen)))
        total += float(stats.norm.logpdf(effect, flip * mean, spread))
    return total


def selection_errors(dataset: Dataset, case: Case, parameters: np.ndarray) -> np.ndarray:
    """Standard errors from second differences of the likelihood above."""
    return np.array(_selection_errors(_Key(dataset, case), tuple(parameters)))


class _Key:
    """A case as a dictionary key: the same case, or one that says the same."""

    def __init__(self, dataset: Dataset, case: Case) -> None:
        self.dataset, self.case = dataset, case

    def __hash__(self) -> int:
        return hash(self.case["id"])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Key):
            return False
        if other.case is self.case and other.dataset is self.dataset:
            return True
        return bool(other.case == self.case and other.dataset == self.dataset)


@cache
def _selection_errors(key: _Key, parameters: tuple[float, ...]) -> tuple[float, ...]:
    x = np.array(parameters)
    step = np.maximum(np.abs(x), 1e-2) * 3e-3
    size = x.size
    h = np.empty((size, size))
    for i in range(size):
        for j in range(i + 1):
            value = 0.0
            for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
                point = x.copy()
                point[i] += a * step[i]
                point[j] += b * step[j]
                value += a * b * selection_log_likelihood(key.dataset, key.case, point)
            h[i, j] = h[j, i] = value / (4 * step[i] * step[j])
    return tuple(np.sqrt(np.diag(np.linalg.inv(-h))).tolist())


def noncentral_wald(dataset: Dataset, case: Case) -> float:
    """Wald Q from each study's conditional maximum-likelihood log odds ratio."""
    a, n1, c, n2 = (column(dataset, case["input"][r]) for r in ("ai", "n1i", "ci", "n2i"))
    estimates, information = [], []
    for ai, m1, ci, m2 in zip(a, n1, c, n2, strict=True):
        x = np.arange(max(0, ai + ci - m2), min(m1, ai + ci) + 1)
        if x.size < 2:
            continue
        ways = -sum(
            special.gammaln(part + 1) for part in (x, m1 - x, ai + ci - x, m2 - ai - ci + x)
        )

        def law(t: float, x: np.ndarray = x, ways: np.ndarray = ways) -> tuple[float, float]:
            p = special.softmax(ways + t * x)
            mean = float(p @ x)
            return mean, float(p @ (x - mean) ** 2)

        low, high = -12.0, 12.0  # bisection: the mean rises with t
        for _ in range(100):
            middle = (low + high) / 2
            low, high = (middle, high) if law(middle)[0] < ai else (low, middle)
        estimates.append(low)
        information.append(law(low)[1])
    w = np.array(information)
    return float(np.sum(w * (estimates - np.average(estimates, weights=w)) ** 2))


def exact_regression_prediction(dataset: Dataset, case: Case, index: int, bound: str) -> float:
    """Bound of the DerSimonian-Laird prediction interval on one numeric moderator, exactly."""
    y, v, rows, _ = usable(dataset, case)
    name = case["options"]["moderators"][0]
    raw = column(dataset, name)[rows]
    keep = ~np.isnan(raw)
    ys, vs, zs = ([Fraction(float(x)) for x in part[keep]] for part in (y, v, raw))

    def line(w: list[Fraction]) -> tuple[Fraction, Fraction, Fraction, Fraction, Fraction]:
        s0, s1 = sum(w), sum(a * z for a, z in zip(w, zs, strict=True))
        s2 = sum(a * z * z for a, z in zip(w, zs, strict=True))
        t0 = sum(a * e for a, e in zip(w, ys, strict=True))
        t1 = sum(a * e * z for a, e, z in zip(w, ys, zs, strict=True))
        d = s0 * s2 - s1 * s1
        return (s2 * t0 - s1 * t1) / d, (s0 * t1 - s1 * t0) / d, s2 / d, -s1 / d, s0 / d

    w = [1 / x for x in vs]
    b0, b1, c00, c01, c11 = line(w)
    q = sum(a * (e - b0 - b1 * z) ** 2 for a, e, z in zip(w, ys, zs, strict=True))
    trace = sum(w) - sum(
        a * a * (c00 + 2 * c01 * z + c11 * z * z) for a, z in zip(w, zs, strict=True)
    )
    tau2 = max(Fraction(0), (q - (len(ys) - 2)) / trace)
    b0, b1, c00, c01, c11 = line([1 / (x + tau2) for x in vs])
    z = zs[index]
    spread = float(c00 + 2 * c01 * z + c11 * z * z + tau2) ** 0.5
    half = float(stats.norm.ppf(0.5 + case["level"] / 200)) * spread
    return float(b0 + b1 * z) + (half if bound == "pi_ub" else -half)


def harbord_by_definition(counts: dict[str, np.ndarray]) -> tuple[float, float, float]:
    """(intercept, bias, t) of Harbord's line for log risk ratios, from the binomial likelihood.

    Score and information are projected on the nuisance parameter (the log of the common
    risk) by matrix algebra, nothing simplified.
    """
    keep = counts["ai"] + counts["ci"] > 0
    a, n1, c, n2 = (counts[name][keep] for name in ("ai", "n1i", "ci", "n2i"))
    score, variance = np.empty(a.size), np.empty(a.size)
    for i in range(a.size):
        p = (a[i] + c[i]) / (n1[i] + n2[i])
        events, sizes = np.array([a[i], c[i]]), np.array([n1[i], n2[i]])
        gradient = np.array([[1.0, 1.0], [0.0, 1.0]])  # of both log risks by effect and nuisance
        u = gradient.T @ ((events - sizes * p) / (1 - p))
        information = gradient.T @ np.diag(sizes * p / (1 - p)) @ gradient
        score[i] = u[0] - information[0, 1] / information[1, 1] * u[1]
        variance[i] = information[0, 0] - information[0, 1] ** 2 / information[1, 1]
    y, x = score / variance, 1 / np.sqrt(variance)
    design = np.column_stack([np.ones(a.size), x])
    inverse = np.linalg.inv(design.T @ (variance[:, None] * design))
    beta = inverse @ design.T @ (variance * y)
    dispersion = float(variance @ (y - design @ beta) ** 2) / (a.size - 2)
    return float(beta[0]), float(beta[1]), float(beta[1] / np.sqrt(inverse[1, 1] * dispersion))
