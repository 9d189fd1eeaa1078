"""Where inconsistency comes from: the numbers of the net heat plot.

Source: Krahn, Binder & Koenig 2013, BMC Med Res Methodol 13:35. Each design is taken as a
whole: the contrasts of a multi-arm design are detached together.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from reviewtool.stats.arrays import Matrix, Vector
from reviewtool.stats.network.inconsistency import design_by_treatment
from reviewtool.stats.network.model import Network, by_design

ALONE = 1e-8  # a design this close to deciding its own estimate has no other evidence


@dataclass(frozen=True, slots=True, eq=False)
class NetHeat:
    """Designs with other evidence than their own, most inconsistent first.

    designs: treatments joined by colons. inconsistency: (d,), each design's part of Q
    between designs. change: (d, d), how much of the row's part vanishes when the column's
    design is detached; below zero where it grows. weight: (d, d), the largest coefficient,
    0 and up, of the column's direct estimates in the row's network estimates. total: Q
    between designs, of every design.
    """

    designs: tuple[str, ...]
    inconsistency: Vector = field(repr=False)
    change: Matrix = field(repr=False)
    weight: Matrix = field(repr=False)
    total: float

    @property
    def detached(self) -> Vector:
        """Q between designs without each design, shape (d,)."""
        return np.asarray(self.total - self.change.sum(axis=0))


class _Design(NamedTuple):
    name: str
    rows: np.ndarray
    contrasts: Matrix  # (a - 1, n), its arms versus its first arm
    information: Matrix  # inverse covariance of its direct estimates
    direct: Vector


def net_heat(net: Network, model: str = "random") -> NetHeat:
    """Detach every design in turn and see what becomes of the others.

    model: "common", or "random" for random effects within designs (method of moments), as
    in ``design_by_treatment``.
    """
    evidence = net.evidence
    tau2 = design_by_treatment(net).tau_within ** 2 if model == "random" else 0.0
    root = 1 / np.sqrt(evidence.v + tau2)
    x, y = evidence.x * root[:, None], evidence.y * root
    designs = [_design(net, arms, rows, x, y) for arms, rows in by_design(evidence).items()]
    # Q is summed over all designs, those without other evidence add nothing but rounding.
    parts = _parts(designs, _effects(x, y, np.ones(y.size, bool)))
    change = np.column_stack([parts - _detached(designs, x, y, out) for out in designs])
    weight, whole = _weights(designs)
    shown = sorted(np.flatnonzero(~whole).tolist(), key=lambda i: -float(parts[i]))
    at = np.ix_(shown, shown)
    return NetHeat(
        tuple(designs[i].name for i in shown),
        parts[shown],
        change[at],
        weight[at],
        float(parts.sum()),
    )


def _design(net: Network, arms: tuple[int, ...], rows: np.ndarray, x: Matrix, y: Vector) -> _Design:
    contrasts = np.zeros((len(arms) - 1, len(net.treatments)))
    contrasts[:, arms[0]] = -1.0
    contrasts[np.arange(len(arms) - 1), np.array(arms[1:])] = 1.0
    own = x[np.ix_(rows, np.array(arms[1:]))]
    information = own.T @ own
    direct = np.linalg.solve(information, own.T @ y[rows])
    name = ":".join(net.treatments[i] for i in arms)
    return _Design(name, rows, contrasts, information, direct)


def _effects(x: Matrix, y: Vector, used: np.ndarray) -> Vector:
    """Least squares; where parts are not connected, each by itself."""
    return np.asarray(np.linalg.lstsq(x[used], y[used], rcond=None)[0])


def _parts(designs: list[_Design], theta: Vector) -> Vector:
    """How far each design's direct estimates are from the network's."""
    gaps = [one.direct - one.contrasts @ theta for one in designs]
    return np.array(
        [max(0.0, float(g @ d.information @ g)) for g, d in zip(gaps, designs, strict=True)]
    )


def _detached(designs: list[_Design], x: Matrix, y: Vector, out: _Design) -> Vector:
    """The same when one design has effects of its own: it disagrees with nothing."""
    used = np.ones(y.size, bool)
    used[out.rows] = False
    if not used.any():
        return np.zeros(len(designs))
    parts = _parts(designs, _effects(x, y, used))
    parts[[one is out for one in designs]] = 0.0
    return parts


def _weights(designs: list[_Design]) -> tuple[Matrix, np.ndarray]:
    """(largest coefficient of each design in each, designs without other evidence)."""
    information = sum(d.contrasts.T @ d.information @ d.contrasts for d in designs)
    covariance = np.linalg.pinv(information, hermitian=True)
    weight = np.zeros((len(designs), len(designs)))
    whole = np.zeros(len(designs), bool)
    for i, row in enumerate(designs):
        for j, column in enumerate(designs):
            hat = row.contrasts @ covariance @ column.contrasts.T @ column.information
            weight[i, j] = np.max(np.abs(hat))
            if i == j:
                whole[i] = bool(np.allclose(hat, np.eye(len(hat)), atol=ALONE))
    return weight, whole
