"""The table of posteriors under the chosen and other priors."""

from reviewtool.synthesis.rules.closer.bayesian import BayesianFinding
from reviewtool.synthesis.rules.closer.posterior import Posterior
from reviewtool.synthesis.sheets.closer.filed import Filed
from reviewtool.synthesis.sheets.tables import Table
from reviewtool.synthesis.sheets.written import Written
from reviewtool.words import num


def posteriors(title: str, w: Written, found: BayesianFinding) -> Table:
    """The chosen prior first."""
    rows = [one for one in (found.posterior, *found.others) if one is not None]
    return Table(
        f"Bayesian pooling: {title}",
        (
            "prior",
            "source",
            "chosen",
            "median",
            "ci_low",
            "ci_high",
            "tau_median",
            "tau_low",
            "tau_high",
            "pi_low",
            "pi_high",
            "p_benefit",
            "p_important_benefit",
            "p_important_harm",
            "reason",
        ),
        tuple(_exact(w, one) for one in rows),
        tuple(_written(w, one) for one in rows),
        (
            f"{w.heading}, posterior median and {w.credible}; τ on the analysis scale.",
            found.sentence,
        ),
    )


def _exact(w: Written, one: Posterior) -> tuple[object, ...]:
    shown = w.result.shown(one.effect)
    return (
        one.prior,
        one.source,
        "yes" if one.chosen else "no",
        shown.estimate,
        shown.ci_low,
        shown.ci_high,
        one.tau.estimate,
        one.tau.ci_low,
        one.tau.ci_high,
        w.result.natural(one.pi_low),
        w.result.natural(one.pi_high),
        one.better,
        one.important,
        one.harmful,
        one.reason,
    )


def _written(w: Written, one: Posterior) -> tuple[str, ...]:
    values = (one.effect.estimate, one.effect.ci_low, one.effect.ci_high)
    return (
        one.prior,
        one.source,
        "yes" if one.chosen else "no",
        *(w.value(x) for x in values),
        *(num(x, 3) for x in (one.tau.estimate, one.tau.ci_low, one.tau.ci_high)),
        w.value(one.pi_low),
        w.value(one.pi_high),
        *(probability(x) for x in (one.better, one.important, one.harmful)),
        one.reason,
    )


def probability(value: float | None) -> str:
    """A probability in per cent; close to 0 and 1 it is said as a limit.

    >>> probability(0.973), probability(0.9999), probability(0.00001), probability(None)
    ('97.3\\u202f%', '>99.9\\u202f%', '<0.1\\u202f%', '\\u2013')
    """
    if value is None:
        return "–"
    if value > 0.999:
        return ">99.9\u202f%"
    return "<0.1\u202f%" if value < 0.001 else f"{num(100 * value, 1)}\u202f%"


TABLES = (
    Filed(
        "posteriors",
        "Posteriors by prior",
        posteriors,
        lambda found: found.posterior is not None or bool(found.others),
    ),
)
PAGE = {"probability": probability}
