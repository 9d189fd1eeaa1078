"""From moderators to a design matrix with named columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from reviewtool.stats.arrays import Labels, Matrix, Vector, study_name
from reviewtool.stats.errors import BadInput, NotEstimable
from reviewtool.stats.results import LeftOut

INTERCEPT = "intrcpt"
Moderator = Sequence[float | None] | Sequence[str | None] | Vector


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Columns of a meta-regression: matrix (k, p), names (p), and the rows kept of the input.

    ``left_out`` names the studies without a value of some moderator.
    """

    x: Matrix
    names: tuple[str, ...]
    rows: np.ndarray  # 0-based indices of rows without a missing moderator
    left_out: tuple[LeftOut, ...] = ()


def design_matrix(
    moderators: Mapping[str, Moderator],
    *,
    categorical: Sequence[str] = (),
    interaction: bool = False,
    intercept: bool = True,
    labels: Labels | None = None,
) -> Design:
    """Treatment coding, first level in alphabetical (code point) order as reference.

    moderators: name -> k values; None or NaN is missing and drops the row, and labels say
    what it is called in ``left_out``.
    categorical: names read as categories (text always is). interaction adds the
    products of the first two moderators. Names are as in R: the numeric name, or the
    name followed by the level. Raises BadInput.

    >>> d = design_matrix({"dose": [1, 2, 4], "drug": ["b", "a", "b"]})
    >>> d.names
    ('intrcpt', 'dose', 'drugb')
    """
    if not moderators:
        raise BadInput(problem="No moderator was named.", remedy="Name at least one column.")
    if len({len(values) for values in moderators.values()}) > 1:
        raise BadInput(
            problem="The moderators differ in length.",
            remedy="Give one value per study in each.",
        )
    gaps = {name: _missing(values) for name, values in moderators.items()}
    missing = np.logical_or.reduce(list(gaps.values()))
    rows = np.flatnonzero(~missing)
    left_out = tuple(
        LeftOut(
            study_name(i, labels),
            "no value of " + ", ".join(name for name, gap in gaps.items() if gap[i]),
        )
        for i in np.flatnonzero(missing).tolist()
    )
    blocks = [
        _columns(name, [values[int(i)] for i in rows], name in categorical)
        for name, values in moderators.items()
    ]
    if interaction and len(blocks) > 1:
        blocks.append(_products(blocks[0], blocks[1]))
    columns = [(INTERCEPT, np.ones(rows.size))] if intercept else []
    columns += [column for block in blocks for column in block]
    x = np.column_stack([values for _, values in columns])
    return Design(x, tuple(name for name, _ in columns), rows, left_out)


Block = list[tuple[str, Vector]]


def _missing(values: Moderator) -> np.ndarray:
    return np.array([v is None or (isinstance(v, float) and np.isnan(v)) for v in values])


def _columns(name: str, values: Sequence[object], categorical: bool) -> Block:
    if not categorical and not any(isinstance(v, str) for v in values):
        return [(name, np.array(values, dtype=float))]
    levels = sorted({str(v) for v in values})
    return [
        (f"{name}{level}", np.array([float(str(v) == level) for v in values]))
        for level in levels[1:]
    ]


def _products(first: Block, second: Block) -> Block:
    return [(f"{a}:{b}", x * z) for b, z in second for a, x in first]


def check_rank(x: Matrix, names: Sequence[str]) -> None:
    """Raises NotEstimable naming the first column that the earlier ones determine."""
    scaled = x / np.maximum(np.sqrt(np.sum(x * x, axis=0)), 1e-300)
    if x.shape[0] >= x.shape[1] and np.linalg.matrix_rank(scaled) == x.shape[1]:
        return
    for j in range(x.shape[1]):
        if np.linalg.matrix_rank(scaled[:, : j + 1]) < j + 1:
            raise NotEstimable(
                what=f"The coefficient of {names[j]}",
                reason="it is determined by the other moderators, or there are too few studies",
                remedy="Leave that moderator out.",
            )
