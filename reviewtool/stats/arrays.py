"""Vectors and matrices of floats, and the checks every analysis starts with."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reviewtool.stats.errors import BadInput, BadStudy, TooFewStudies
from reviewtool.words import plain

Vector: TypeAlias = NDArray[np.float64]  # shape (k,)
Matrix: TypeAlias = NDArray[np.float64]  # shape (k, p)
Labels: TypeAlias = Sequence[str]
# Squares and fourth powers of weights must stay within what a double can hold.
SMALLEST, LARGEST = 1e-60, 1e60
SPREAD = 1e12  # ratio of variances beyond which a design matrix leaves only rounding


def as_vector(values: ArrayLike, name: str) -> Vector:
    """``values`` as floats, shape (k,); None becomes NaN.

    Raises BadInput when they are not a single column of numbers.

    >>> as_vector([1, None, 2.5], "y")
    array([1. , nan, 2.5])
    """
    try:
        vector = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise BadInput(
            problem=f"{name} holds something that is not a number.",
            remedy="Give numbers, or leave the cell empty.",
        ) from None
    if vector.ndim != 1:
        raise BadInput(
            problem=f"{name} has {vector.ndim} dimensions.",
            remedy="Give one number per study.",
        )
    return vector


def study_name(index: int, labels: Labels | None) -> str:
    """What to call the study in row ``index`` (0-based) in a message."""
    return labels[index] if labels is not None else f"study {index + 1}"


def check_effects(
    y: ArrayLike, v: ArrayLike, labels: Labels | None = None, needed: int = 1
) -> tuple[Vector, Vector]:
    """Effects and sampling variances, shape (k,) each, all finite, variances > 0.

    Neither may be so large, nor a variance so small, that weights could not be computed.

    Raises BadInput for unlike lengths, BadStudy naming the first study that cannot
    be pooled, TooFewStudies below ``needed``.
    """
    effects, variances = as_vector(y, "y"), as_vector(v, "v")
    if effects.size != variances.size:
        raise BadInput(
            problem=f"{effects.size} effects but {variances.size} variances.",
            remedy="Give one variance per effect.",
        )
    with np.errstate(invalid="ignore"):
        fine = (variances >= SMALLEST) & (variances <= LARGEST) & (np.abs(effects) <= LARGEST)
    if not fine.all():
        _refuse(int(np.argmin(fine)), effects, variances, labels)
    if effects.size < needed:
        raise TooFewStudies(needed=needed, found=effects.size)
    return effects, variances


def beyond_computing(y: Vector, v: Vector) -> dict[int, str]:
    """Rows whose effect or variance no weight can be computed with, and why."""
    found: dict[int, str] = {}
    with np.errstate(invalid="ignore"):
        for what, wrong, size in (
            ("effect", np.abs(y) > LARGEST, "large"),
            ("variance", v > LARGEST, "large"),
            ("variance", (v > 0) & (v < SMALLEST), "small"),
        ):
            for i in np.flatnonzero(wrong).tolist():
                found.setdefault(i, f"its {what} is too {size} to compute with")
    return found


def check_spread(v: Vector, labels: Labels | None = None) -> None:
    """Refuse variances so unlike that coefficients could not be computed.

    Raises BadStudy naming the study with the smallest. A mean alone has no such limit.
    """
    if v.size and v.max() > SPREAD * v.min():
        i = int(np.argmin(v))
        raise BadStudy(
            study=study_name(i, labels),
            column="variance",
            value=plain(v[i], 3),
            reason=f"it is too small beside the largest, {plain(v.max(), 3)}, to compute with",
            remedy="Correct the study or leave it out.",
        )


def _refuse(i: int, y: Vector, v: Vector, labels: Labels | None) -> None:
    wrong: tuple[str, Any, str]
    if not np.isfinite(y[i]):
        wrong = ("effect", y[i], "it is not a finite number")
    elif not np.isfinite(v[i]):
        wrong = ("variance", v[i], "it is not a finite number")
    elif v[i] <= 0:
        wrong = ("variance", v[i], "it must be greater than zero")
    elif abs(y[i]) > LARGEST:
        wrong = ("effect", y[i], "it is too large to compute with")
    else:
        size = "small" if v[i] < SMALLEST else "large"
        wrong = ("variance", v[i], f"it is too {size} to compute with")
    raise BadStudy(
        study=study_name(i, labels),
        column=wrong[0],
        value=wrong[1],
        reason=wrong[2],
        remedy="Correct the study or leave it out.",
    )
