"""Exact likelihoods of counts, one per model for rare events."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from reviewtool.stats.arrays import Matrix, Vector
from reviewtool.stats.measures.binary import raw_table


class Family(NamedTuple):
    """Log-likelihood of each study, vectorised over points.

    terms(effect, nuisance): both (k, m); returns values (k, m) and their first two
    derivatives by the effect, and the first by the nuisance parameter.
    """

    k: int
    terms: Callable[[Matrix, Matrix], tuple[Matrix, Matrix, Matrix, Matrix]]
    nuisance: Vector | None  # starting values of one free parameter per study


def _binomial_pair(c: Mapping[str, Vector]) -> Family:
    """Two arms, a free log odds per study; the effect split half to each arm."""
    from scipy.special import gammaln

    t = raw_table(c)
    a, n1, x2, n2 = (z[:, None] for z in (t.a, t.a + t.b, t.c, t.c + t.d))
    constant = sum(
        gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1) for x, n in ((a, n1), (x2, n2))
    )

    def terms(effect: Matrix, nuisance: Matrix) -> tuple[Matrix, Matrix, Matrix, Matrix]:
        up, down = nuisance + effect / 2, nuisance - effect / 2
        p1, p2 = _expit(up), _expit(down)
        value = a * up - n1 * _softplus(up) + x2 * down - n2 * _softplus(down) + constant
        r1, r2 = a - n1 * p1, x2 - n2 * p2
        w1, w2 = n1 * p1 * (1 - p1), n2 * p2 * (1 - p2)
        return value, (r1 - r2) / 2, -(w1 + w2) / 4, r1 + r2

    start = np.log((t.a + t.c + 0.5) / (t.b + t.d + 0.5))
    return Family(t.a.size, terms, start)


def _poisson_pair(c: Mapping[str, Vector]) -> Family:
    """Two arms, a free log rate per study; the effect split half to each arm."""
    from scipy.special import gammaln

    x1, t1, x2, t2 = (c[name][:, None] for name in ("x1i", "t1i", "x2i", "t2i"))
    constant = x1 * np.log(t1) + x2 * np.log(t2) - gammaln(x1 + 1) - gammaln(x2 + 1)

    def terms(effect: Matrix, nuisance: Matrix) -> tuple[Matrix, Matrix, Matrix, Matrix]:
        up, down = nuisance + effect / 2, nuisance - effect / 2
        m1, m2 = t1 * np.exp(up), t2 * np.exp(down)
        value = x1 * up - m1 + x2 * down - m2 + constant
        return value, ((x1 - m1) - (x2 - m2)) / 2, -(m1 + m2) / 4, x1 - m1 + x2 - m2

    start = np.log((x1 + x2 + 0.5) / (t1 + t2))[:, 0]
    return Family(x1.shape[0], terms, start)


def _binomial(x: Vector, n: Vector, offset: Vector) -> Family:
    """x of n with log odds = effect + offset."""
    from scipy.special import gammaln

    xs, ns, off = x[:, None], n[:, None], offset[:, None]
    constant = gammaln(ns + 1) - gammaln(xs + 1) - gammaln(ns - xs + 1)

    def terms(effect: Matrix, _: Matrix) -> tuple[Matrix, Matrix, Matrix, Matrix]:
        eta = effect + off
        p = _expit(eta)
        value = xs * eta - ns * _softplus(eta) + constant
        return value, xs - ns * p, -ns * p * (1 - p), np.zeros_like(p)

    return Family(x.size, terms, None)


def _conditional_rates(c: Mapping[str, Vector]) -> Family:
    """Events of arm 1 among all events: binomial."""
    return _binomial(c["x1i"], c["x1i"] + c["x2i"], np.log(c["t1i"] / c["t2i"]))


def _proportions(c: Mapping[str, Vector]) -> Family:
    n = c["ni"] if "ni" in c else c["xi"] + c["mi"]
    return _binomial(c["xi"], n, np.zeros(n.size))


def _rates(c: Mapping[str, Vector]) -> Family:
    """Events in person-time: Poisson."""
    from scipy.special import gammaln

    x, t = c["xi"][:, None], c["ti"][:, None]
    constant = x * np.log(t) - gammaln(x + 1)

    def terms(effect: Matrix, _: Matrix) -> tuple[Matrix, Matrix, Matrix, Matrix]:
        m = t * np.exp(effect)
        return x * effect - m + constant, x - m, -m, np.zeros_like(m)

    return Family(x.shape[0], terms, None)


def _hypergeometric(c: Mapping[str, Vector]) -> Family:
    """Events of arm 1 given all margins: noncentral hypergeometric."""
    from scipy.special import gammaln

    t = raw_table(c)
    n1, n2, events = t.a + t.b, t.c + t.d, t.a + t.c
    low, high = np.maximum(0.0, events - n2), np.minimum(n1, events)
    x = low[:, None] + np.arange(int((high - low).max()) + 1)
    valid = x <= high[:, None]
    safe = np.where(valid, x, low[:, None])
    rest = events[:, None] - safe
    log_c = -(
        gammaln(safe + 1)
        + gammaln(n1[:, None] - safe + 1)
        + gammaln(rest + 1)
        + gammaln(n2[:, None] - rest + 1)
    )
    log_c = np.where(valid, log_c, -np.inf)
    own = -(gammaln(t.a + 1) + gammaln(t.b + 1) + gammaln(t.c + 1) + gammaln(t.d + 1))

    def terms(effect: Matrix, _: Matrix) -> tuple[Matrix, Matrix, Matrix, Matrix]:
        score = log_c[:, None, :] + safe[:, None, :] * effect[:, :, None]
        top = score.max(axis=2, keepdims=True)
        weight = np.exp(score - top)
        total = weight.sum(axis=2)
        mean = np.sum(weight * safe[:, None, :], axis=2) / total
        spread = np.sum(weight * (safe[:, None, :] - mean[:, :, None]) ** 2, axis=2) / total
        value = own[:, None] + t.a[:, None] * effect - np.log(total) - top[:, :, 0]
        return value, t.a[:, None] - mean, -spread, np.zeros_like(mean)

    return Family(t.a.size, terms, None)


FAMILIES: dict[tuple[str, str | None], Callable[[Mapping[str, Vector]], Family]] = {
    ("OR", "UM.FS"): _binomial_pair,
    ("OR", "CM.EL"): _hypergeometric,
    ("IRR", "UM.FS"): _poisson_pair,
    ("IRR", "CM.EL"): _conditional_rates,
    ("PLO", None): _proportions,
    ("IRLN", None): _rates,
}


def _expit(x: Matrix) -> Matrix:
    return 1 / (1 + np.exp(-np.clip(x, -700, 700)))


def _softplus(x: Matrix) -> Matrix:
    return np.logaddexp(0, x)
