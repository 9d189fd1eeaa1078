"""Network reference values that are wrong or random, each shown to be so."""

from math import sqrt
from typing import Any

import numpy as np

DRAWS = 10_000  # of the netmeta rankograms: their values are multiples of 1e-4
ERRORS = 4.0  # binomial standard errors; some 500 values are compared


def random_rank(wanted: float, got: float) -> str | None:
    """netmeta's rank probabilities come from draws; the engine integrates the same model."""
    if abs(wanted * DRAWS - round(wanted * DRAWS)) > 1e-6:
        return None
    if abs(wanted - got) > ERRORS * sqrt(got * (1 - got) / DRAWS):
        return None
    return "within the sampling error of 10 000 draws"


def boundary_tau(case: dict[str, Any], contrasts: Any, wanted: float, got: float) -> str | None:
    """An optimiser stopped at a tau of about 1e-5: the likelihood is higher at zero."""
    if got != 0.0 or wanted is None or wanted > 1e-4:
        return None
    at_zero, at_wanted = (_likelihood(case, contrasts, t) for t in (0.0, wanted**2))
    return "the likelihood is higher at tau = 0" if at_zero >= at_wanted else None


def other_maximum(case: dict[str, Any], contrasts: Any, wanted: float, got: float) -> str | None:
    """A network whose likelihood is clearly higher at the engine's tau2, with slopes of zero."""
    if wanted is None or case["method"] not in ("REML", "ML"):
        return None
    best, other = (_likelihood(case, contrasts, t) for t in (got, wanted))
    around = [_likelihood(case, contrasts, max(got + s, 0.0)) for s in (-1e-4, 1e-4)]
    highest = best >= max(around) - 1e-9 and best > other + 1e-6
    return "the likelihood is higher at the engine's tau2" if highest else None


def _likelihood(case: dict[str, Any], c: Any, tau2: float) -> float:
    """(Restricted) log-likelihood of contrasts with the reference, dense matrices."""
    reference = case["options"]["reference"]
    names = sorted({*c.treat1, *c.treat2})
    a, b, value = np.zeros((len(names),) * 2), np.zeros(len(names)), 0.0
    for study in dict.fromkeys(c.study):
        rows = [i for i, s in enumerate(c.study) if s == study]
        if not np.all(np.isfinite(c.te[rows])):
            continue
        own = sorted({t for i in rows for t in (c.treat1[i], c.treat2[i])}, key=str.casefold)
        base = reference if reference in own else own[-1]
        rows = [i for i in rows if base in (c.treat1[i], c.treat2[i])]
        sign = np.array([1.0 if c.treat2[i] == base else -1.0 for i in rows])
        x = np.zeros((len(rows), len(names)))
        for j, i in enumerate(rows):
            x[j, names.index(c.treat1[i])], x[j, names.index(c.treat2[i])] = sign[j], -sign[j]
        between = 0.5 * (np.eye(len(rows)) + 1)
        w = np.linalg.inv(np.diag(c.se[rows] ** 2) + tau2 * between)
        y = sign * c.te[rows]
        a, b = a + x.T @ w @ x, b + x.T @ w @ y
        value += 0.5 * np.linalg.slogdet(w)[1] - 0.5 * float(y @ w @ y)
    keep = [i for i, name in enumerate(names) if name != reference]
    a, b = a[np.ix_(keep, keep)], b[keep]
    value += 0.5 * float(b @ np.linalg.solve(a, b))
    return value - (0.5 * np.linalg.slogdet(a)[1] if case["method"] == "REML" else 0.0)
