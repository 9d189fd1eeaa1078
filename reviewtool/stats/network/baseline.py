"""Studies that report every arm against one of theirs, and not the others among each other.

Contrasts A-C and B-C share arm C, so A-B is their difference with variance
v(A-C) + v(B-C) - 2 v(C), where v(C) is the variance of the common arm. Source: Franchini 2012,
Res Synth Methods 3:142 (two contrasts of a study correlate by the common arm's variance).
"""

from collections.abc import Mapping, Sequence
from math import isfinite, sqrt
from typing import NamedTuple

from reviewtool.stats.network.errors import InconsistentStudy


class Pair(NamedTuple):
    """A contrast: ``treat1`` versus ``treat2`` on the analysis scale."""

    treat1: str
    treat2: str
    te: float
    se: float


def common_arm(pairs: Sequence[tuple[str, str]]) -> str:
    """The arm that each of two or more different pairs has; "" without one.

    >>> common_arm([("A", "C"), ("C", "B")]), common_arm([("A", "B")])
    ('C', '')
    """
    if len(pairs) < 2 or len({frozenset(pair) for pair in pairs}) < len(pairs):
        return ""
    shared = set.intersection(*(set(pair) for pair in pairs))
    return shared.pop() if len(shared) == 1 else ""


def arm_variance(measure: str, arm: Mapping[str, float | None]) -> float | None:
    """Variance of one arm on the analysis scale, from event, n, time, mean, sd; None without.

    It is the part of a contrast's variance that this arm brings; 0.5 is added where a cell
    is zero.

    >>> arm_variance("MD", {"sd": 4.0, "n": 16.0})
    1.0
    """
    values = {name: value for name, value in arm.items() if value is not None and isfinite(value)}
    try:
        found = _variance(measure, values)
    except (KeyError, ZeroDivisionError):
        return None
    return found if found is not None and found > 0 else None


def _variance(measure: str, of: Mapping[str, float]) -> float | None:
    if measure == "MD":
        return of["sd"] ** 2 / of["n"]
    if measure == "SMD":
        return 1 / of["n"]
    if measure == "ROM":
        return of["sd"] ** 2 / (of["n"] * of["mean"] ** 2)
    if measure in ("AS", "ASD"):
        return 1 / (4 * of["n"])
    if measure in ("IRR", "IRD"):
        event = of["event"] or 0.5
        return 1 / event if measure == "IRR" else event / of["time"] ** 2
    if measure in ("OR", "RR", "RD"):
        event, none, n = of["event"], of["n"] - of["event"], of["n"]
        if event == 0 or none == 0:
            event, none, n = event + 0.5, none + 0.5, n + 1
        if measure == "OR":
            return 1 / event + 1 / none
        return 1 / event - 1 / n if measure == "RR" else event * none / n**3
    return None


def variance_by_sizes(
    baseline: str, errors: Mapping[str, float], sizes: Mapping[str, float]
) -> float | None:
    """The common arm's variance where only the sizes of the arms are known; None without them.

    errors: other arm -> standard error of its contrast. A contrast's variance is divided
    between its arms by 1/n, as if people varied alike in all; the mean over contrasts.

    >>> variance_by_sizes("C", {"A": 1.0, "B": 1.0}, {"A": 10, "B": 10, "C": 10})
    0.5
    """
    if any(not sizes.get(name, 0) > 0 for name in (baseline, *errors)):
        return None
    parts = [se**2 * sizes[name] / (sizes[name] + sizes[baseline]) for name, se in errors.items()]
    return sum(parts) / len(parts)


def all_pairs(
    study: str, baseline: str, against: Mapping[str, tuple[float, float]], variance: float
) -> list[Pair]:
    """Every contrast of a study from those with its baseline arm.

    against: other arm -> (effect versus the baseline, standard error). variance: of the
    baseline arm. Raises InconsistentStudy where that is not below every contrast's own.
    """
    smallest = min(se for _, se in against.values()) ** 2
    if not 0 < variance < smallest:
        raise InconsistentStudy(
            study=study,
            reason=f"the variance of its arm {baseline} is not between zero and that of its "
            "contrasts",
        )
    found = [Pair(name, baseline, te, se) for name, (te, se) in against.items()]
    names = list(against)
    for i, a in enumerate(names):
        for b in names[i + 1 :]:
            (te1, se1), (te2, se2) = against[a], against[b]
            found.append(Pair(a, b, te1 - te2, sqrt(se1**2 + se2**2 - 2 * variance)))
    return found
