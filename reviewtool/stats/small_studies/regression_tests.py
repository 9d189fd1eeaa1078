"""Regression of effects on their precision, in its many published forms."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import nan, sqrt

import numpy as np
from numpy.typing import ArrayLike

from reviewtool.stats import heterogeneity
from reviewtool.stats.arrays import Labels, Vector, as_vector, check_effects, check_spread
from reviewtool.stats.count_pooling import odds_ratio
from reviewtool.stats.distributions import critical, normal_p, t_p
from reviewtool.stats.errors import BadInput, NotEstimable, UnknownChoice
from reviewtool.stats.measures.binary import Table, raw_table
from reviewtool.stats.regression import weighted_least_squares
from reviewtool.stats.small_studies.rank_tests import kendall, score_se, standardised

PREDICTORS = ("sei", "vi", "ni", "ninv", "sqrtni", "sqrtninv")


@dataclass(frozen=True, slots=True)
class Asymmetry:
    """A test of funnel asymmetry.

    ``bias`` is the tested coefficient (for rank tests the score), ``limit`` the effect
    that the line reaches for an infinitely precise study, where it is defined.
    ``dispersion`` is tau2 of additive models, the residual variance of multiplicative
    ones. df None: normal.
    """

    name: str
    k: int
    statistic: float
    df: float | None
    p: float
    bias: float
    se_bias: float
    limit: float
    se_limit: float
    limit_low: float
    limit_high: float
    dispersion: float

    @property
    def p_limit(self) -> float:
        """Two-sided p of no effect at the limit; NaN without one."""
        if not self.se_limit > 0:
            return nan
        statistic = self.limit / self.se_limit
        return normal_p(statistic) if self.df is None else t_p(statistic, self.df)

    @property
    def sentence(self) -> str:
        """What was tested, for a methods section."""
        return f"Funnel plot asymmetry was tested in {self.k} studies with {self.name}."

    @property
    def warnings(self) -> tuple[str, ...]:
        """Fewer than ten studies (Sterne 2011, BMJ 343:d4002), or nothing to test."""
        found = []
        if self.k < 10:
            found.append(f"Only {self.k} studies: a test of asymmetry has little power below ten.")
        if self.se_bias == 0:
            found.append("The effects lie exactly on a line: there is no scatter to test against.")
        return tuple(found)


def regtest(
    y: ArrayLike,
    v: ArrayLike,
    *,
    model: str = "lm",
    predictor: str = "sei",
    ni: ArrayLike | None = None,
    level: float = 95.0,
    labels: Labels | None = None,
) -> Asymmetry:
    """Egger's test and its kin.

    model lm: weighted regression with multiplicative dispersion, t on k - 2 df; rma:
    mixed-effects REML, normal. predictor: sei, vi, ni, ninv, sqrtni or sqrtninv; the
    last four need the sample sizes ni, shape (k,). k >= 3.
    Source: Egger et al. 1997, BMJ 315:629; Sterne & Egger 2005.

    >>> r = regtest([0.1, 0.3, 0.6, 0.8], [0.01, 0.04, 0.09, 0.2])
    >>> round(r.statistic, 2), r.df
    (11.68, 2.0)
    """
    if model not in ("lm", "rma"):
        raise UnknownChoice(what="Model", given=model, choices="lm, rma")
    effects, variances = check_effects(y, v, labels, needed=3)
    check_spread(variances, labels)
    x = _predictor(predictor, variances, ni)
    name = f"Egger's regression test (predictor {predictor})"
    if model == "rma":
        found = mixed_line(name, effects, variances, x, level, "REML", None)
    else:
        found = weighted_line(name, effects, np.sqrt(variances), x, level)
    if predictor in ("ni", "sqrtni"):  # x = 0 is not an infinitely precise study here
        return replace(found, limit=nan, se_limit=nan, limit_low=nan, limit_high=nan)
    return found


def _predictor(name: str, v: Vector, ni: ArrayLike | None) -> Vector:
    if name not in PREDICTORS:
        raise UnknownChoice(what="Predictor", given=name, choices=", ".join(PREDICTORS))
    if name in ("sei", "vi"):
        return np.sqrt(v) if name == "sei" else v
    if ni is None:
        raise BadInput(problem=f"Predictor {name} needs sample sizes.", remedy="Give ni.")
    n = as_vector(ni, "ni")
    return {"ni": n, "ninv": 1 / n, "sqrtni": np.sqrt(n), "sqrtninv": 1 / np.sqrt(n)}[name]


def weighted_line(name: str, y: Vector, se: Vector, x: Vector, level: float) -> Asymmetry:
    """Least squares of y on x with weights 1 / se^2 and a free residual variance."""
    k = y.size
    design = _line(x)
    beta, inverse, rss = weighted_least_squares(y, 1 / se**2, design)
    if rss <= (1e-14**2) * float(np.sum((y / se) ** 2)):  # rounding, not scatter
        rss, beta = (
            0.0,
            np.where(np.abs(beta * design).max(axis=0) < 1e-12 * np.abs(y).max(), 0, beta),
        )
    df = float(k - 2)
    dispersion = rss / df if df > 0 else nan
    return _asymmetry(name, k, beta, inverse * dispersion, df, level, dispersion)


def mixed_line(
    name: str, y: Vector, v: Vector, x: Vector, level: float, method: str, df: float | None
) -> Asymmetry:
    """The same line with additive heterogeneity tau2."""
    design = _line(x)
    tau2 = heterogeneity.tau2(y, v, design, method)[0]
    beta, vcov, _ = weighted_least_squares(y, 1 / (v + tau2), design)
    return _asymmetry(name, y.size, beta, vcov, df, level, tau2)


def _line(x: Vector) -> Vector:
    if np.ptp(x) <= 1e-12 * float(np.max(np.abs(x))):
        raise NotEstimable(
            what="The slope",
            reason="all studies are equally precise",
            remedy="Asymmetry cannot be tested here.",
        )
    return np.column_stack([np.ones(x.size), x])


def _asymmetry(
    name: str, k: int, beta: Vector, vcov: Vector, df: float | None, level: float, spread: float
) -> Asymmetry:
    se_limit, se_bias = (sqrt(max(0.0, float(x))) for x in np.diag(vcov))
    limit, bias = float(beta[0]), float(beta[1])
    if se_bias > 0:
        statistic = bias / se_bias
    else:  # effects exactly on a line: flat is no asymmetry at all
        statistic = 0.0 if bias == 0 else float(np.copysign(np.inf, bias))
    half = critical(level, df) * se_limit
    p = normal_p(statistic) if df is None else t_p(statistic, df)
    return Asymmetry(
        name,
        k,
        statistic,
        df,
        p,
        bias,
        se_bias,
        limit,
        se_limit,
        limit - half,
        limit + half,
        spread,
    )


METABIAS = (
    "Egger",
    "Thompson",
    "Begg",
    "Harbord",
    "Macaskill",
    "Peters",
    "Schwarzer",
    "Deeks",
    "Pustejovsky",
)


def metabias(
    test: str,
    y: ArrayLike,
    se: ArrayLike,
    counts: Mapping[str, ArrayLike] | None = None,
    *,
    measure: str = "OR",
    level: float = 95.0,
    balanced: bool = True,
) -> Asymmetry:
    """A test of funnel asymmetry by its author's name.

    y, se: shape (k,). Harbord, Macaskill, Peters, Schwarzer and Deeks need the counts
    ai, n1i, ci, n2i of the same studies, Pustejovsky the sizes n1i, n2i; measure (OR, RR)
    chooses Harbord's score.
    balanced: the variance of the score of risk ratios as R's meta takes it, for arms of
    equal size; False uses the sizes there are.
    Sources: Egger 1997, BMJ 315:629; Thompson & Sharp 1999, Stat Med 18:2693; Begg &
    Mazumdar 1994, Biometrics 50:1088; Harbord 2006, Stat Med 25:3443; Macaskill 2001,
    Stat Med 20:641; Peters 2006, JAMA 295:676; Schwarzer 2007, Stat Med 26:721; Deeks
    2005, J Clin Epidemiol 58:882; Pustejovsky & Rodgers 2019, Res Synth Methods 10:57.
    """
    if test not in METABIAS:
        raise UnknownChoice(what="Test", given=test, choices=", ".join(METABIAS))
    errors = as_vector(se, "se")
    effects, variances = check_effects(y, errors**2, needed=3)
    check_spread(variances)
    name = f"{test}'s test"
    if test == "Egger":
        return weighted_line(name, effects, errors, errors, level)
    if test == "Thompson":
        df = float(effects.size - 2)
        return mixed_line(name, effects, variances, errors, level, "REML", df)
    if test == "Begg":
        return _rank(name, standardised(effects, variances), variances)
    if counts is None:
        raise BadInput(problem=f"{name} needs counts.", remedy="Give ai, n1i, ci and n2i.")
    if test == "Pustejovsky":
        n1, n2 = (as_vector(counts[side], side) for side in ("n1i", "n2i"))
        root = np.sqrt(1 / n1 + 1 / n2)
        return weighted_line(name, effects, root, root, level)
    table = raw_table({c: as_vector(values, c) for c, values in counts.items()})
    if test == "Harbord":
        score, variance = _score(measure, table, balanced)
        root = 1 / np.sqrt(variance)
        return weighted_line(name, score / variance, root, root, level)
    return _count_test(test, name, effects, errors, table, level)


def _count_test(test: str, name: str, y: Vector, se: Vector, t: Table, level: float) -> Asymmetry:
    n1, n2, events, others = t.a + t.b, t.c + t.d, t.a + t.c, t.b + t.d
    n = n1 + n2
    if test == "Deeks":
        root = np.sqrt(n / (4 * n1 * n2))
        return weighted_line(name, y, root, root, level)
    if test == "Schwarzer":
        mean, variance = _noncentral_moments(t)
        return _rank(name, (t.a - mean) / np.sqrt(variance), 1 / variance)
    if test == "Macaskill":
        return weighted_line(name, y, se, n, level)
    return weighted_line(name, y, np.sqrt(1 / events + 1 / others), 1 / n, level)


def _score(measure: str, t: Table, balanced: bool) -> tuple[Vector, Vector]:
    """Efficient score and its variance at no effect, of the log risk ratio or odds ratio."""
    n1, n2, events, others = t.a + t.b, t.c + t.d, t.a + t.c, t.b + t.d
    n = n1 + n2
    score = t.a - events * n1 / n
    if measure == "RR":
        share = 0.25 if balanced else n1 * n2 / n**2
        return score * n / others, share * n * events / others
    return score, events * others * n1 * n2 / (n**2 * (n - 1))


def _rank(name: str, a: Vector, b: Vector) -> Asymmetry:
    score, se = kendall(a, b)[0], score_se(a, b)
    z = score / se if se > 0 else nan
    return Asymmetry(name, a.size, z, None, normal_p(z), score, se, nan, nan, nan, nan, nan)


def _noncentral_moments(t: Table) -> tuple[Vector, Vector]:
    """Mean and variance of the events in arm 1, given margins and the pooled odds ratio."""
    from scipy.special import gammaln

    add = 0.5 * np.logical_or.reduce([cell == 0 for cell in t])
    log_odds = odds_ratio(Table(*(cell + add for cell in t))).value
    mean, variance = np.empty(t.a.size), np.empty(t.a.size)
    for i in range(t.a.size):
        n1, n2, events = t.a[i] + t.b[i], t.c[i] + t.d[i], t.a[i] + t.c[i]
        x = np.arange(max(0.0, events - n2), min(n1, events) + 1)
        log_p = x * log_odds - (
            gammaln(x + 1)
            + gammaln(n1 - x + 1)
            + gammaln(events - x + 1)
            + gammaln(n2 - events + x + 1)
        )
        p = np.exp(log_p - log_p.max())
        p /= p.sum()
        mean[i] = p @ x
        variance[i] = p @ (x - mean[i]) ** 2
    return mean, variance


@dataclass(frozen=True, slots=True)
class PetPeese:
    """Effect at infinite precision: PET, PEESE, and which of them the rule chooses."""

    pet: Asymmetry
    peese: Asymmetry
    chosen: str
    estimate: float
    se: float
    ci_low: float
    ci_high: float

    @property
    def sentence(self) -> str:
        """What was done, for a methods section."""
        return (
            f"PET-PEESE on {self.pet.k} studies; {self.chosen} is reported, as the one-sided "
            "test of the PET intercept at 5% decides."
        )


def pet_peese(
    y: ArrayLike, v: ArrayLike, *, level: float = 95.0, labels: Labels | None = None
) -> PetPeese:
    """Precision-effect test and precision-effect estimate with standard error.

    PEESE is chosen when the PET intercept is above zero in the direction of the mean
    effect (one-sided p < 0.05). k >= 3. Source: Stanley & Doucouliagos 2014, Res Synth
    Methods 5:60.

    >>> pet_peese([0.5, 0.52, 0.6, 0.8], [0.01, 0.02, 0.04, 0.1]).chosen
    'PEESE'
    """
    effects, variances = check_effects(y, v, labels, needed=3)
    check_spread(variances, labels)
    pet = regtest(effects, variances, predictor="sei", level=level)
    peese = regtest(effects, variances, predictor="vi", level=level)
    direction = np.sign(np.average(effects, weights=1 / variances))
    t = float(direction) * pet.limit / pet.se_limit if pet.se_limit > 0 else np.inf
    one_sided = t_p(t, pet.df or 1.0) / 2 if t > 0 else 1.0
    best, chosen = (peese, "PEESE") if one_sided < 0.05 else (pet, "PET")
    return PetPeese(pet, peese, chosen, best.limit, best.se_limit, best.limit_low, best.limit_high)
