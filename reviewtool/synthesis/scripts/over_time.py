"""What the scripts of several time points read: their results, settings and numbers.

The variances between studies are given to the scripts; metafor looks for them by itself.
"""

from collections.abc import Iterator

from reviewtool import table_files
from reviewtool.protocol.rules.joint import JointChoices, positions
from reviewtool.synthesis.results import OverTimeResult
from reviewtool.synthesis.scripts.numbers import Number, text

COLUMNS = ("study_id", "study", "timepoint", "time", "yi", "sei")
EFFECT = ("estimate", "se", "ci_low", "ci_high")
# Structures as metafor calls them; it has none with a variance each and uneven distances.
IN_METAFOR = {"UN": "UN", "CS": "CS", "HCS": "HCS", "AR": "CAR"}


def data_csv(result: OverTimeResult) -> bytes:
    """One line per result: a study at a time point. time: as the model counts it."""
    at = _positions(result)
    rows = (
        [
            text(cell)
            for cell in (
                one.study_id,
                one.label,
                one.timepoint,
                at[one.timepoint],
                one.estimate,
                one.se,
            )
        ]
        for one in result.studies
    )
    return table_files.write(COLUMNS, rows, mark=False)


def _positions(result: OverTimeResult) -> dict[str, float]:
    choices = JointChoices(result.rho, result.pattern, result.unit, result.structure)
    return positions([one.timepoint for one in result.times], choices)


def settings(result: OverTimeResult) -> dict[str, str]:
    """How results of one study are correlated, and the variances that were found."""
    return {
        "measure": result.effect_measure.name,
        "method": result.method,
        "struct": IN_METAFOR.get(result.structure, ""),
        "pattern": result.pattern,
        "rho": text(float(result.rho)),
        "level": text(float(result.level)),
        "df": "" if result.df is None else text(float(result.df)),
        "between": " ".join(text(cell) for cell in _between(result)),
    }


def _between(result: OverTimeResult) -> Iterator[float]:
    """The covariance of random effects, row by row."""
    sd = [(one.tau2 or 0.0) ** 0.5 for one in result.times]
    for i, own in enumerate(sd):
        for j, other in enumerate(sd):
            if not result.correlations:
                yield 0.0
            else:
                yield own * other * (result.correlations[i][j] or 0.0 if i != j else 1.0)


def numbers(result: OverTimeResult) -> Iterator[Number]:
    """Each time point's effect, heterogeneity, and the test of a change over time."""
    for one in result.times:
        for key in EFFECT:
            value = getattr(one, key)
            if value is not None:
                yield Number.of(f"{text(one.timepoint)}, {key}", value)
    if result.heterogeneity.q is not None:
        yield Number.of("q", result.heterogeneity.q)
    if result.change is not None and result.change.q is not None:
        yield Number.of("change over time", result.change.q)
        if result.change.p is not None:
            yield Number.of("change over time, p", result.change.p)
