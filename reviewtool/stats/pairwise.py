"""Pooling one effect per study: common and random effects by inverse variance."""

from collections.abc import Sequence
from dataclasses import replace
from math import isnan, nan, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from reviewtool.stats import heterogeneity
from reviewtool.stats.arrays import Labels, Vector, as_vector, check_effects, study_name
from reviewtool.stats.distributions import chi2_p, critical, two_sided_p
from reviewtool.stats.errors import BadInput, UnknownChoice
from reviewtool.stats.guidance import TESTS, chosen_test
from reviewtool.stats.likelihood import LIKELIHOODS, Peak
from reviewtool.stats.projection import Mean
from reviewtool.stats.results import Interval, Pooled, Tau2Interval, count_of_studies
from reviewtool.words import at_level, plain

PREDICTIONS = ("t_km1", "t_km2", "z")
UNLIKE = 1e7  # ratio of variances from which rounding may show in tests of heterogeneity


class Fit(NamedTuple):
    """The few numbers behind a pooled effect, quick enough to compute for every subset."""

    estimate: float
    se: float
    statistic: float
    df: float | None
    p: float
    ci_low: float
    ci_high: float
    tau2: float
    se_tau2: float | None
    q: float
    q_p: float
    i2: float
    h2: float
    typical_variance: float
    rivals: tuple[Peak, ...] = ()  # other maxima of the likelihood of tau2


def fit_mean(
    y: Vector, v: Vector, method: str = "REML", test: str = "z", level: float = 95.0
) -> Fit:
    """Weighted mean of y with everything that is reported about it.

    y, v: shape (k,), already checked. The building block of ``pool`` and of every
    analysis that refits on subsets. Raises UnknownChoice.
    """
    if test not in TESTS:
        raise UnknownChoice(what="Test", given=test, choices=", ".join(TESTS))
    k, w0 = y.size, 1 / v
    # Measured from the most precise study, so that a huge weight multiplies no rounding.
    origin = float(y[int(np.argmin(v))])
    y = y - origin
    tau2, se_tau2, rivals = heterogeneity.between(y, v, None, method)
    test = chosen_test(test, method, k, tau2)
    w = w0 if tau2 == 0 else 1 / (v + tau2)
    total = float(w.sum())
    estimate = float(w @ y) / total
    se = sqrt(1 / total) * _inflation(y - estimate, w, k, test)
    df = None if test == "z" or k == 1 else float(k - 1)
    q = heterogeneity.cochran_q(y, v) if k > 1 else 0.0
    vt = (k - 1) / Mean(w0).trace() if k > 1 else nan
    i2, h2 = _i2_h2(method, tau2, q, k, vt)
    estimate += origin
    statistic = _ratio(estimate, se)
    half = critical(level, df) * se
    return Fit(
        estimate,
        se,
        statistic,
        df,
        two_sided_p(statistic, df),
        estimate - half,
        estimate + half,
        tau2,
        se_tau2,
        q,
        chi2_p(q, k - 1),
        i2,
        h2,
        vt,
        rivals,
    )


def _inflation(residual: Vector, w: Vector, k: int, test: str) -> float:
    """Factor on the SE (Hartung & Knapp 2001, Stat Med 20:3875); 1 for z and t.

    adhoc never goes below 1 (Knapp & Hartung 2003, Stat Med 22:2693).
    """
    if test in ("z", "t") or k == 1:
        return 1.0
    s = sqrt(float(w @ (residual * residual)) / (k - 1))
    return max(1.0, s) if test == "adhoc" else s


def _i2_h2(method: str, tau2: float, q: float, k: int, typical: float) -> tuple[float, float]:
    """I2 (per cent) and H2: from Q for the common-effect model, else from tau2."""
    if k == 1:
        return 0.0, 1.0
    if method == "EE":
        return (max(0.0, 100 * (q - (k - 1)) / q) if q > 0 else 0.0), q / (k - 1)
    return 100 * tau2 / (tau2 + typical), tau2 / typical + 1


def _ratio(estimate: float, se: float) -> float:
    if se > 0:
        return estimate / se
    return nan if estimate == 0 else float(np.copysign(np.inf, estimate))


def pool(
    y: ArrayLike,
    v: ArrayLike,
    *,
    method: str = "REML",
    test: str = "z",
    level: float = 95.0,
    weights: ArrayLike | None = None,
    labels: Labels | None = None,
    studies: Labels | None = None,
    prediction: str = "t_km1",
) -> Pooled:
    """Pool effects by inverse variance.

    y, v: shape (k,), effects on the analysis scale and their sampling variances.
    method: EE, DL, HE, HS, SJ, ML, REML, EB or PM; test: z, t, knha, adhoc or auto (knha
    where it is advised, see ``guidance``); level: per cent. weights: optional user
    weights, shape (k,), used for the mean in place of the inverse variances. labels name the
    effects in errors and warnings; studies names the study of each effect, where one gives
    several (default: the labels).
    prediction: distribution of the prediction interval, t with k - 1 (t_km1) or k - 2
    (t_km2) degrees of freedom, or normal (z); a common effect and a single study have none.
    Raises BadStudy, BadInput, TooFewStudies, UnknownChoice.

    >>> result = pool([0.1, 0.3, 0.35, 0.65], [0.02, 0.02, 0.02, 0.02], test="knha")
    >>> round(result.estimate, 3), round(result.tau2, 4)
    (0.35, 0.0317)
    """
    if not 0 < level < 100:
        raise BadInput(
            problem=f"A level of {at_level(level)}.", remedy="Give one between 0 and 100."
        )
    if prediction not in PREDICTIONS:
        raise UnknownChoice(
            what="Prediction interval", given=prediction, choices=", ".join(PREDICTIONS)
        )
    effects, variances = check_effects(y, v, labels)
    fit = fit_mean(effects, variances, method, test, level)
    test = chosen_test(test, method, effects.size, fit.tau2)
    w = 1 / (variances + fit.tau2)
    if weights is not None:
        w = _user_weights(weights, effects.size)
        fit = _reweighted(effects, variances, fit, w, test, level)
    names = studies if studies is not None else labels
    count = effects.size if names is None else len(set(names))
    warnings = _warnings(effects.size, count, fit, method)
    warnings += knha_warnings(variances, w, fit, test, level)
    warnings += _unlike(variances, labels)
    result = _describe(effects, variances, fit, w, method, test, level)
    found = getattr(result, f"prediction_{prediction}")
    return replace(
        result,
        studies=count,
        prediction=found,
        warnings=(*warnings, *_outside(result)),
    )


def _user_weights(weights: ArrayLike, k: int) -> Vector:
    w = as_vector(weights, "weights")
    if w.size != k or not np.all(np.isfinite(w)) or np.any(w < 0) or w.sum() <= 0:
        raise BadInput(
            problem="The weights do not fit the studies.",
            remedy="Give one weight per study, none negative, not all zero.",
        )
    return w


def _reweighted(y: Vector, v: Vector, fit: Fit, w: Vector, test: str, level: float) -> Fit:
    """The mean under given weights, with the variance that those weights imply."""
    share = w / w.sum()
    estimate = float(share @ y)
    se = sqrt(float((share * share) @ (v + fit.tau2)))
    se *= _inflation(y - estimate, 1 / (v + fit.tau2), y.size, test)
    statistic = _ratio(estimate, se)
    half = critical(level, fit.df) * se
    return fit._replace(
        estimate=estimate,
        se=se,
        statistic=statistic,
        p=two_sided_p(statistic, fit.df),
        ci_low=estimate - half,
        ci_high=estimate + half,
    )


def _describe(
    y: Vector, v: Vector, fit: Fit, w: Vector, method: str, test: str, level: float
) -> Pooled:
    """Everything that follows once the mean, its SE and tau2 are known."""
    k = y.size
    z, km1, km2 = (
        _prediction(fit, method, k, level, df) for df in (None, float(k - 1), float(k - 2))
    )
    h, h_low, h_high = heterogeneity.h_test_based(fit.q, k, level) if k > 1 else (1.0, nan, nan)
    likelihood = LIKELIHOODS["REML" if method == "REML" else "ML"]
    return Pooled(
        k=k,
        studies=k,
        method=method,
        test=test,
        level=level,
        estimate=fit.estimate,
        se=fit.se,
        ci_low=fit.ci_low,
        ci_high=fit.ci_high,
        statistic=fit.statistic,
        df=fit.df,
        p=fit.p,
        tau2=fit.tau2,
        se_tau2=fit.se_tau2,
        tau2_ci=_tau2_interval(y, v, fit, method, level),
        q=fit.q,
        q_df=k - 1,
        q_p=fit.q_p,
        i2=fit.i2,
        i2_q=heterogeneity.i2_of_h(h),
        i2_ci=Interval(heterogeneity.i2_of_h(h_low), heterogeneity.i2_of_h(h_high)),
        h2=fit.h2,
        h_ci=Interval(h_low, h_high),
        weights=100 * w / w.sum(),
        prediction=km1,
        prediction_z=z,
        prediction_t_km1=km1,
        prediction_t_km2=km2,
        log_lik=likelihood(y - fit.estimate, v, None, fit.tau2),
    )


def _prediction(fit: Fit, method: str, k: int, level: float, df: float | None) -> Interval | None:
    if method == "EE" or k == 1:
        return None
    found = prediction_interval(fit.estimate, fit.se, fit.tau2, level, df)
    return None if isnan(found.low) else found


def prediction_interval(
    estimate: float, se: float, tau2: float, level: float, df: float | None
) -> Interval:
    """Where the true effect of a new study lies; NaN when df <= 0.

    df None: normal; k - 2: Higgins, Thompson & Spiegelhalter 2009, J R Stat Soc A 172:137.
    """
    half = critical(level, df) * sqrt(se * se + tau2)
    return Interval(estimate - half, estimate + half)


def _tau2_interval(
    y: Vector, v: Vector, fit: Fit, method: str, level: float
) -> Tau2Interval | None:
    if method == "EE" or y.size < 2:
        return None
    low, high, empty = heterogeneity.q_profile(y, v, None, level)
    return Tau2Interval(low, high, fit.typical_variance, empty)


def _warnings(k: int, studies: int, fit: Fit, method: str) -> tuple[str, ...]:
    found: list[str] = []
    if k == 1:
        found.append("Only one study: the result is that study.")
    elif method != "EE":
        if k < 5:
            found.append(
                f"Only {count_of_studies(studies, k)}: tau² is estimated very imprecisely."
            )
        if fit.tau2 == 0:
            found.append("tau² is estimated at its boundary, zero.")
        found += rival_warnings(fit.tau2, fit.rivals)
    if fit.se == 0:
        found.append(
            "All effects are identical: the standard error is zero and tests mean nothing."
        )
    return tuple(found)


def rival_warnings(tau2: float, rivals: Sequence[Peak]) -> list[str]:
    """What to say where the likelihood of tau2 has several maxima."""
    if not rivals:
        return []
    others = ", ".join(f"{plain(r.tau2, 4)} (lower by {plain(r.deficit, 2)})" for r in rivals)
    return [
        f"The likelihood of tau² has several maxima: the highest is at {plain(tau2, 4)}, "
        f"others at {others}. Report how the result changes with another estimator."
    ]


def knha_warnings(v: Vector, w: Vector, fit: Fit, test: str, level: float) -> tuple[str, ...]:
    """Hartung-Knapp intervals that rest on too little, or that say too much."""
    if test not in ("knha", "adhoc") or v.size == 1:
        return ()
    found = []
    if v.size == 2:
        found.append(
            "Only 2 studies: a Hartung-Knapp interval rests on one degree of freedom and is "
            "often too wide to say anything. Compare it with the Wald-type one (test z)."
        )
    share = w / w.sum()
    classic = critical(level, None) * sqrt(float((share * share) @ (v + fit.tau2)))
    if critical(level, fit.df) * fit.se < classic:
        found.append(
            "The Hartung-Knapp interval is narrower than the classic Wald-type one, because the "
            "effects differ less than chance alone would make them. Test adhoc never goes below "
            "the classic standard error; report both."
        )
    return tuple(found)


def _unlike(v: Vector, labels: Labels | None) -> tuple[str, ...]:
    """A study so precise that the others hardly count."""
    if v.max() <= UNLIKE * v.min():
        return ()
    name = study_name(int(np.argmin(v)), labels)
    return (
        f"The variance of {name} ({plain(v.min(), 3)}) is more than ten million times smaller "
        f"than the largest ({plain(v.max(), 3)}): check it; without heterogeneity this "
        "study alone decides the result.",
    )


def _outside(result: Pooled) -> tuple[str, ...]:
    """An estimate of tau2 that its own interval does not contain."""
    interval = result.tau2_ci
    if interval is None or interval.empty or interval.low <= result.tau2 <= interval.high:
        return ()
    return (
        f"tau² = {plain(result.tau2, 4)} lies outside its Q-profile interval "
        f"({plain(interval.low, 4)} to {plain(interval.high, 4)}): estimator and "
        "interval disagree about the heterogeneity.",
    )
