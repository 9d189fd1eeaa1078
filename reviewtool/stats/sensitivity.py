"""How much the result hangs on single studies: leave-one-out, cumulative, influence."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import nan, sqrt

import numpy as np
from numpy.typing import ArrayLike

from reviewtool.stats.arrays import Labels, Vector, as_vector, check_effects, study_name
from reviewtool.stats.batch import Many, pool_many
from reviewtool.stats.distributions import critical
from reviewtool.stats.errors import BadInput, TooFewStudies
from reviewtool.stats.pairwise import Fit, fit_mean
from reviewtool.stats.results import count_of_studies

CELLS = 2_000_000  # numbers held at once while refitting


@dataclass(frozen=True, slots=True)
class Refit:
    """A pooled effect of a subset. ``row`` is the study left out, or added last (0-based)."""

    row: int
    k: int
    fit: Fit


def leave_one_out(
    y: ArrayLike,
    v: ArrayLike,
    *,
    method: str = "REML",
    test: str = "z",
    level: float = 95.0,
    labels: Labels | None = None,
) -> list[Refit]:
    """Pool again without each study in turn; every step is a complete refit.

    y, v: shape (k,), k >= 2. Raises TooFewStudies, BadStudy.

    >>> [round(r.fit.estimate, 2) for r in leave_one_out([1, 2, 6], [1, 1, 1], method="EE")]
    [4.0, 3.5, 1.5]
    """
    effects, variances = check_effects(y, v, labels, needed=2)
    step = max(1, CELLS // effects.size)  # so that memory stays small for any k
    found: list[Refit] = []
    for first in range(0, effects.size, step):
        rows = np.arange(first, min(first + step, effects.size))
        found += _without(rows, effects, variances, method, test, level)
    return found


def _without(
    rows: np.ndarray, y: Vector, v: Vector, method: str, test: str, level: float
) -> list[Refit]:
    """Refits without each of ``rows``, all at once."""
    keep = np.arange(y.size)[None, :] != rows[:, None]
    shape = (rows.size, y.size - 1)
    y_kept = np.broadcast_to(y, keep.shape)[keep].reshape(shape)
    v_kept = np.broadcast_to(v, keep.shape)[keep].reshape(shape)
    many = pool_many(y_kept, v_kept, method=method, test=test, level=level)
    if not many.converged.all():  # a single fit says what did not converge
        fits = [fit_mean(*pair, method, test, level) for pair in zip(y_kept, v_kept, strict=True)]
    else:
        fits = _fits(many)
    return [Refit(int(row), shape[1], fit) for row, fit in zip(rows, fits, strict=True)]


def _fits(many: Many) -> list[Fit]:
    columns = zip(
        many.estimate.tolist(),
        many.se.tolist(),
        many.statistic.tolist(),
        many.df.tolist(),
        many.p.tolist(),
        many.ci_low.tolist(),
        many.ci_high.tolist(),
        many.tau2.tolist(),
        many.q.tolist(),
        many.q_p.tolist(),
        many.i2.tolist(),
        many.h2.tolist(),
        strict=True,
    )
    return [
        Fit(b, se, z, None if df != df else df, p, low, high, tau2, None, q, q_p, i2, h2, nan)
        for b, se, z, df, p, low, high, tau2, q, q_p, i2, h2 in columns
    ]


def cumulative(
    y: ArrayLike,
    v: ArrayLike,
    order: Sequence[float] | Vector | None = None,
    *,
    method: str = "REML",
    test: str = "z",
    level: float = 95.0,
    labels: Labels | None = None,
) -> list[Refit]:
    """Pool the first study, the first two, and so on, in ascending ``order`` (ties as given).

    order: shape (k,), for example years; None keeps the given order. Raises BadInput.

    >>> [r.row for r in cumulative([1, 2, 6], [1, 1, 1], [2001, 1999, 2000], method="EE")]
    [1, 2, 0]
    """
    effects, variances = check_effects(y, v, labels)
    rows = np.arange(effects.size)
    if order is not None:
        keys = as_vector(order, "order")
        if keys.size != effects.size or np.isnan(keys).any():
            raise BadInput(
                problem="The order does not fit the studies, or has gaps.",
                remedy="Give one number per study.",
            )
        rows = np.argsort(keys, kind="stable")
    return [
        Refit(
            int(rows[n - 1]),
            n,
            fit_mean(effects[rows[:n]], variances[rows[:n]], method, test, level),
        )
        for n in range(1, rows.size + 1)
    ]


def pool_subset(
    y: ArrayLike,
    v: ArrayLike,
    rows: Sequence[int],
    *,
    method: str = "REML",
    test: str = "z",
    level: float = 95.0,
    labels: Labels | None = None,
) -> Fit:
    """Pool only the studies in ``rows`` (0-based)."""
    effects, variances = check_effects(y, v, labels)
    chosen = np.asarray(rows, dtype=int)
    if chosen.size == 0:
        raise TooFewStudies(needed=1, found=0)
    return fit_mean(effects[chosen], variances[chosen], method, test, level)


@dataclass(frozen=True, slots=True, eq=False)
class Influence:
    """Diagnostics per study, each shape (k,), in row order.

    ``flagged`` applies the usual cut-offs (|DFFITS| > 3 sqrt(p/(k-p)), Cook's distance
    past the median of chi-square, hat > 3p/k, |DFBETAS| > 1). BLUPs are empirical
    Bayes estimates of the true effects; None for the common-effect model.
    """

    rstudent: Vector
    dffits: Vector
    cook_d: Vector
    cov_ratio: Vector
    tau2_deleted: Vector
    q_deleted: Vector
    hat: Vector
    weight: Vector
    dfbetas: Vector
    flagged: np.ndarray = field(repr=False)
    residual: Vector = field(repr=False)
    residual_se: Vector = field(repr=False)
    residual_z: Vector = field(repr=False)
    studies: int = 0
    blup: Vector | None = None
    blup_se: Vector | None = None
    blup_low: Vector | None = None
    blup_high: Vector | None = None

    @property
    def sentence(self) -> str:
        """What was computed, for a methods section."""
        return (
            f"Influence of each of {count_of_studies(self.studies, self.hat.size)} was examined by "
            f"deleting it (studentised residuals, DFFITS, Cook's distance); "
            f"{int(self.flagged.sum())} flagged."
        )


def influence(
    y: ArrayLike,
    v: ArrayLike,
    *,
    method: str = "REML",
    level: float = 95.0,
    labels: Labels | None = None,
    studies: Labels | None = None,
) -> Influence:
    """Case-deletion diagnostics; tau2 is estimated again at each deletion.

    y, v: shape (k,), k >= 3. Raises TooFewStudies, BadStudy.
    Source: Viechtbauer & Cheung 2010, Res Synth Methods 1:112.

    >>> influence([0.1, 0.2, 0.15, 2.0], [0.02] * 4, method="DL").flagged
    array([False, False, False,  True])
    """
    effects, variances = check_effects(y, v, labels, needed=3)
    full = fit_mean(effects, variances, method)
    without = [r.fit for r in leave_one_out(effects, variances, method=method)]
    mean, se, tau2 = (
        np.array([getattr(fit, name) for fit in without]) for name in ("estimate", "se", "tau2")
    )
    total = variances + full.tau2
    hat = (1 / total) / np.sum(1 / total)
    change = full.estimate - mean
    refitted = np.array([1 / np.sum(1 / (variances + t)) for t in tau2])
    dffits = change / np.sqrt(hat * (variances + tau2))
    dfbetas = change / np.sqrt(refitted)
    cook = change**2 / full.se**2
    residual = effects - full.estimate
    residual_se = np.sqrt(np.maximum(total - full.se**2, 0.0))
    blups = _blups(effects, variances, full, level) if method != "EE" else (None,) * 4
    names = studies if studies is not None else labels
    with np.errstate(all="ignore"):
        return Influence(
            rstudent=(effects - mean) / np.sqrt(variances + tau2 + se**2),
            dffits=dffits,
            cook_d=cook,
            cov_ratio=se**2 / full.se**2,
            tau2_deleted=tau2,
            q_deleted=np.array([fit.q for fit in without]),
            hat=hat,
            weight=100 * hat,
            dfbetas=dfbetas,
            flagged=_flags(dffits, cook, hat, dfbetas),
            residual=residual,
            residual_se=residual_se,
            residual_z=residual / residual_se,
            studies=len({study_name(i, names) for i in range(effects.size)}),
            blup=blups[0],
            blup_se=blups[1],
            blup_low=blups[2],
            blup_high=blups[3],
        )


def _flags(dffits: Vector, cook: Vector, hat: Vector, dfbetas: Vector) -> np.ndarray:
    k = hat.size
    median_chi2 = 0.4549364231195724  # of one degree of freedom
    flagged: np.ndarray = (
        (np.abs(dffits) > 3 * sqrt(1 / (k - 1)))
        | (cook > median_chi2)
        | (hat > 3 / k)
        | (np.abs(dfbetas) > 1)
    )
    return flagged


def _blups(y: Vector, v: Vector, fit: Fit, level: float) -> tuple[Vector, Vector, Vector, Vector]:
    """Best linear unbiased predictions (Raudenbush & Bryk 1985, J Educ Stat 10:75)."""
    share = fit.tau2 / (fit.tau2 + v)
    blup = share * y + (1 - share) * fit.estimate
    se = np.sqrt(share * v + ((1 - share) * fit.se) ** 2)
    half = critical(level, None) * se
    return blup, se, blup - half, blup + half


def baujat(y: ArrayLike, v: ArrayLike, *, labels: Labels | None = None) -> tuple[Vector, Vector]:
    """(share of Cochran's Q, influence on the pooled effect) of each study, shape (k,) each.

    y, v: shape (k,), k >= 2; inverse variance, common effect. Influence is the squared
    difference of the means with and without the study, in units of the latter's variance.
    Raises TooFewStudies, BadStudy. Source: Baujat et al. 2002, Stat Med 21:2641.

    >>> share, influence = baujat([0.0, 1.0, 2.0], [1.0, 1.0, 1.0])
    >>> share.tolist(), influence.tolist()
    ([1.0, 0.0, 1.0], [0.5, 0.0, 0.5])
    """
    effects, variances = check_effects(y, v, labels, needed=2)
    w = 1 / variances
    mean = float(w @ effects) / float(w.sum())
    rest = w.sum() - w
    without = (float(w @ effects) - w * effects) / rest
    return w * (effects - mean) ** 2, (mean - without) ** 2 * rest
