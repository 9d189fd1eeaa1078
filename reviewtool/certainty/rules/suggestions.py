"""Suggested steps, each with the sentence that gives its reason.

These are rules of this product, not of GRADE, which leaves them to judgement. A
suggestion never sets a rating: a person takes or changes it and says why.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from reviewtool.errors import Invalid
from reviewtool.stats import measures
from reviewtool.words import estimate, num, out_of_hundred, p, plain, thousands

HIGH_RISK = frozenset({"High", "Serious", "Critical"})
# The upper limit this many times the lower shows too little information, for odds and others.
LARGE_RATIO_ODDS, LARGE_RATIO = 2.5, 3.0
EVENTS_WANTED, PEOPLE_WANTED = 300, 400
STUDIES_FOR_ASYMMETRY = 10


@dataclass(frozen=True)
class Suggestion:
    """How many levels, why in one sentence, and the numbers it came from."""

    steps: int
    because: str
    inputs: dict[str, Any] = field(default_factory=dict)


def suggest_risk_of_bias(
    weights: Sequence[float],
    judgements: Sequence[str],
    conclusion_unchanged_without_high: bool | None = None,
) -> Suggestion:
    """From each study's weight (or participants, when nothing is pooled) and judgement."""
    if len(weights) != len(judgements) or not sum(weights):
        raise Invalid("Give one weight and one judgement for each study, not all of weight 0.")
    total = sum(weights)
    pairs = list(zip(weights, judgements, strict=True))
    high = 100 * sum(w for w, j in pairs if j in HIGH_RISK) / total
    not_low = 100 * sum(w for w, j in pairs if j != "Low") / total
    steps = 2 if high >= 50 else 1 if high >= 25 or not_low >= 50 else 0
    because = (
        f"{out_of_hundred(high)} of the weight comes from studies at high risk of bias "
        f"and {out_of_hundred(not_low)} from studies that are not at low risk."
    )
    if conclusion_unchanged_without_high and high < 50 and steps:
        steps -= 1
        because += " Without those at high risk the conclusion stays the same."
    return Suggestion(steps, because, {"share_high_pct": high, "share_not_low_pct": not_low})


def suggest_inconsistency(
    k: int,
    i2: float,
    cis_overlap: bool,
    ci: Sequence[float],
    pi: Sequence[float] | None,
    null: float | None = 0.0,
    explained_by_subgroups: bool = False,
) -> Suggestion:
    """From I² (in percent), overlap of the studies' intervals, and the prediction interval.

    ci, pi: (lower, upper) on the analysis scale, where ``null`` means no difference; None
        where nothing is compared.
    cis_overlap: the largest lower limit does not exceed the smallest upper one.
    """
    inputs: dict[str, Any] = {
        "studies": k,
        "I² (%)": i2,
        "intervals_overlap": cis_overlap,
        "explained_by_subgroups": explained_by_subgroups,
    }
    if k < 2:
        return Suggestion(0, "With fewer than two studies there is nothing to disagree.", inputs)
    if explained_by_subgroups:
        return Suggestion(0, "Subgroups explain the differences: rate them one by one.", inputs)
    wide = pi is not None and null is not None and pi[0] < null < pi[1] and not ci[0] < null < ci[1]
    inputs["prediction_interval_problem"] = wide
    if i2 >= 75 and not cis_overlap:
        steps = 2 if wide else 1
    elif i2 >= 50 and (not cis_overlap or wide):
        steps = 1
    else:
        steps = 0
    because = (
        f"I² is {out_of_hundred(i2)}, the studies' intervals "
        f"{'overlap' if cis_overlap else 'do not all overlap'}, and the prediction interval "
        + (
            "includes no difference while the confidence interval does not."
            if wide
            else "adds no concern."
            if pi is not None
            else "is not known."
        )
    )
    return Suggestion(steps, because, inputs)


def suggest_imprecision(
    diff_low: float,
    diff_high: float,
    thresholds: Sequence[float],
    relative: tuple[str, float, float, float] | None,
    n_total: int | None,
    ois: int | None,
) -> Suggestion:
    """On the absolute scale, with thresholds that were set beforehand.

    diff_low, diff_high, thresholds: per 1,000 (or in the scale's units).
    relative: (measure, estimate, lower, upper) of a ratio, natural scale; None for others.
    """
    inside = sum(diff_low < threshold < diff_high for threshold in thresholds)
    inputs: dict[str, Any] = {"thresholds_inside": inside, "n_total": n_total, "ois": ois}
    if inside:
        words = "threshold" if inside == 1 else "thresholds"
        return Suggestion(min(inside, 3), f"The interval crosses {inside} {words}.", inputs)
    if relative is None or 0.7 < relative[1] < 1.3:
        return Suggestion(0, "The interval crosses no threshold.", inputs)
    measure, _, lower, upper = relative
    ratio = upper / lower if lower > 0 else float("inf")
    inputs["interval_ratio"] = ratio
    limit = LARGE_RATIO_ODDS if measures.measure(measure).short == "OR" else LARGE_RATIO
    if ratio > limit:
        return Suggestion(
            2,
            "No threshold is crossed, but the effect is large and the upper limit is "
            f"{num(ratio, 1)} times the lower (more than {plain(limit)}).",
            inputs,
        )
    if n_total is not None and ois is not None and n_total < ois:
        steps = 2 if n_total < ois / 2 else 1
        return Suggestion(
            steps,
            f"No threshold is crossed, but the effect is large and {thousands(n_total)} people "
            f"are fewer than {'half of ' if steps == 2 else ''}the optimal information size of "
            f"{thousands(ois)}.",
            inputs,
        )
    return Suggestion(0, "No threshold is crossed and the information size is met.", inputs)


def suggest_imprecision_relative(
    lower: float | None = None,
    upper: float | None = None,
    events_total: int | None = None,
    people_total: int | None = None,
) -> Suggestion:
    """Without thresholds: the rules of thumb of 2011 on the relative effect.

    lower, upper: limits of a ratio; None for a continuous outcome.
    events_total is judged against 300, people_total (continuous) against 400.
    """
    steps, reasons = 0, []
    if lower is not None and upper is not None and lower <= 1 <= upper:
        wide = [lower < 0.75, upper > 1.25]
        steps = sum(wide)
        reasons.append(
            "The interval includes no effect"
            + (
                " and both appreciable benefit and harm."
                if steps == 2
                else " and appreciable benefit or harm."
                if steps
                else " and no appreciable effect."
            )
        )
    for found, wanted, words in (
        (events_total, EVENTS_WANTED, "events"),
        (people_total, PEOPLE_WANTED, "people"),
    ):
        if found is not None and found < wanted:
            steps = max(steps, 1)
            reasons.append(f"There are {thousands(found)} {words}, fewer than {wanted}.")
    return Suggestion(
        steps,
        " ".join(reasons) or "The interval is narrow enough and there are enough data.",
        {"lower": lower, "upper": upper, "events": events_total, "people": people_total},
    )


def suggest_publication_bias(
    k: int,
    asymmetry_p: float | None = None,
    small_studies_favour_intervention: bool | None = None,
    known_missing_results: bool = False,
    only_small_sponsored_studies: bool = False,
) -> Suggestion:
    """From the test of asymmetry (only with ten studies or more) and what else is known."""
    test_run = k >= STUDIES_FOR_ASYMMETRY and asymmetry_p is not None
    asymmetric = (
        test_run
        and asymmetry_p is not None
        and asymmetry_p < 0.10
        and bool(small_studies_favour_intervention)
    )
    reasons = []
    if asymmetric:
        reasons.append(f"Small studies show larger benefits (asymmetry {p(asymmetry_p)}).")
    if known_missing_results:
        reasons.append("Registered results are known to be missing.")
    if only_small_sponsored_studies:
        reasons.append("All studies are small and sponsored.")
    if not reasons:
        reasons.append(
            "The test of asymmetry gives no sign of missing results."
            if test_run
            else f"With {k} studies asymmetry is not tested (ten are needed)."
            if k < STUDIES_FOR_ASYMMETRY
            else "Asymmetry was not tested."
        )
        steps = 0
    else:
        steps = 1
    return Suggestion(
        steps, " ".join(reasons), {"k": k, "asymmetry_p": asymmetry_p, "test_run": test_run}
    )


def suggest_large_effect(
    rr: float, lower: float, upper: float, *, other_concerns: bool = False
) -> Suggestion:
    """From a risk ratio (an odds ratio only when events are rare, else converted first).

    other_concerns: risk of bias, imprecision or publication bias is rated down; then
        a large effect raises nothing.
    """
    if min(rr, lower, upper) <= 0:
        raise Invalid("A risk ratio and its limits must be positive.")
    size, near = (rr, lower) if rr >= 1 else (1 / rr, 1 / upper)
    steps = 0 if near <= 1 else 2 if size >= 5 and near >= 2 else 1 if size >= 2 else 0
    inputs = {"rr": rr, "lower": lower, "upper": upper}
    if steps and other_concerns:
        return Suggestion(
            0, "The effect is large, but the evidence is rated down for other reasons.", inputs
        )
    words = ("is not large", "is large", "is very large")[steps]
    return Suggestion(steps, f"RR {estimate(rr, lower, upper)} {words}.", inputs)
