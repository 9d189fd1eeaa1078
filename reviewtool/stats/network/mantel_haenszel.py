"""Networks of rare events: the Mantel-Haenszel model for odds ratios.

Studies are pooled design by design with Greenland's generalised Mantel-Haenszel
estimators, then the designs are combined by generalised least squares; a common-effect
model. Sources: Efthimiou 2019, Stat Med 38:2992; Greenland 1989, Biometrics 45:183.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from reviewtool.stats.arrays import Matrix, Vector, as_vector
from reviewtool.stats.errors import NotEstimable
from reviewtool.stats.network.contrasts import arms_by_study
from reviewtool.stats.network.errors import Disconnected
from reviewtool.stats.network.evidence import components
from reviewtool.stats.network.model import ChiSquare, Effects
from reviewtool.stats.network.order import order_of, order_of_design
from reviewtool.stats.results import LeftOut, count_of_studies, left_out_warning, with_left_out


@dataclass(frozen=True, slots=True, eq=False)
class SparseNetwork:
    """Log odds ratios of a network of rare events; no correction of zero cells.

    ``left_out``: studies that were given and say nothing here, and why.
    """

    treatments: tuple[str, ...]
    k: int
    effects: Effects = field(repr=False)
    q_between: ChiSquare
    left_out: tuple[LeftOut, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """How the numbers were made, for a methods section."""
        verb = "was analysed" if self.k == 1 else "were combined"
        return with_left_out(
            f"{count_of_studies(self.k, self.k)} of {len(self.treatments)} treatments {verb} "
            f"with the "
            "Mantel-Haenszel model for network meta-analysis (common effects, odds ratios, "
            "no continuity correction).",
            self.left_out,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Studies of one set of arms: events and non-events, shape (studies, arms)."""

    treatments: tuple[str, ...]
    event: Matrix
    rest: Matrix


def mantel_haenszel_network(
    study: Sequence[str],
    treatment: Sequence[str],
    event: ArrayLike,
    n: ArrayLike,
    without: Sequence[LeftOut] = (),
) -> SparseNetwork:
    """Fit the model to arm-level counts, one row per arm.

    without: studies that were given, but not as counts, for the account of who takes part.

    Studies without events (or without non-events), arms without events in a whole design
    and designs left with one arm carry no information and are left out, with a warning.
    Raises Disconnected, NotEstimable, BadStudy.
    """
    events, total = as_vector(event, "event"), as_vector(n, "n")
    designs, left_out, warnings, k = _designs(study, treatment, events, total, without)
    if not designs:
        raise NotEstimable(
            what="Any odds ratio",
            reason="no design has events in two arms",
            remedy="Report the counts without pooling.",
        )
    names = tuple(sorted({t for d in designs for t in d.treatments}, key=order_of))
    at = {name: i for i, name in enumerate(names)}
    edges = [(at[d.treatments[0]], at[t]) for d in designs for t in d.treatments[1:]]
    parts = components(len(names), *zip(*edges, strict=True))
    if len(parts) > 1:
        raise Disconnected(tuple(tuple(names[i] for i in part) for part in parts))
    effects, q = _combine(designs, edges, len(names))
    df = len(edges) - len(names) + 1
    return SparseNetwork(names, k, effects, ChiSquare.of(q, df), left_out, warnings)


def _combine(designs: list[Design], edges: list[tuple[int, int]], n: int) -> tuple[Effects, float]:
    """Generalised least squares over the designs' contrasts with their first arm."""
    y, v, x = np.zeros(len(edges)), np.zeros((len(edges),) * 2), np.zeros((len(edges), n))
    row = 0
    for design in designs:
        effects, covariance = pool_design(design.event, design.rest)
        rows = slice(row, row + effects.size)
        y[rows], v[rows, rows] = effects, covariance
        row += effects.size
    for i, (a, b) in enumerate(edges):
        x[i, a], x[i, b] = 1.0, -1.0
    weight = np.linalg.inv(v)
    basis = x[:, 1:]
    inverse = np.linalg.inv(basis.T @ weight @ basis)
    theta = np.concatenate([[0.0], inverse @ (basis.T @ weight @ y)])
    covariance = np.zeros((n, n))
    covariance[1:, 1:] = inverse
    residual = y - x @ theta
    return Effects(theta, covariance), float(residual @ weight @ residual)


def pool_design(event: Matrix, rest: Matrix) -> tuple[Vector, Matrix]:
    """Log odds ratios of the first arm versus the others, and their covariance.

    event, rest: shape (studies, arms). Greenland's L-bar: means over all the ways to
    compare two arms through a third.
    """
    total = (event + rest).sum(axis=1)
    c = np.einsum("sx,sy,s->xy", event, rest, 1 / total)
    np.fill_diagonal(c, 1.0)
    log_or = np.log(c / c.T)
    arms = c.shape[0]
    cov = _covariance_of_sums(_variances(event, rest, total, c), _shared(event, rest, total, c))
    contrast = np.column_stack([np.ones(arms - 1), -np.eye(arms - 1)])
    effects = contrast @ log_or.sum(axis=1) / arms
    return effects, contrast @ cov @ contrast.T / arms**2


def _variances(event: Matrix, rest: Matrix, total: Vector, c: Matrix) -> Matrix:
    """Variance of each log odds ratio (Robins, Breslow & Greenland 1986), (a, a)."""
    share = event[:, :, None] * rest[:, None, :] / total[:, None, None]
    sums = (event[:, :, None] + rest[:, None, :]) / total[:, None, None]
    own = np.sum(share * sums, axis=0)
    crossed = np.sum(share * sums.swapaxes(1, 2), axis=0)
    result = own / (2 * c**2) + (crossed + crossed.T) / (2 * c * c.T) + own.T / (2 * c.T**2)
    np.fill_diagonal(result, 0.0)
    return np.asarray(result)


def _shared(event: Matrix, rest: Matrix, total: Vector, c: Matrix) -> np.ndarray:
    """Covariance of the log odds ratios x:y and x:z that share arm x, (a, a, a)."""
    scale, people = 1 / total**2, event + rest

    def sums(x: Matrix, y: Matrix, z: Matrix) -> np.ndarray:
        return np.asarray(np.einsum("sx,sy,sz,s->xyz", x, y, z, scale))

    forward_y, back_y = c[:, :, None], c.T[:, :, None]
    forward_z, back_z = c[:, None, :], c.T[:, None, :]
    result = (
        sums(event, rest, rest) / (forward_y * forward_z)
        + sums(people, rest, event) / (forward_y * back_z)
        + sums(people, event, rest) / (back_y * forward_z)
        + sums(rest, event, event) / (back_y * back_z)
    ) / 3
    arms = np.arange(c.shape[0])
    result[arms, arms, :] = result[arms, :, arms] = result[:, arms, arms] = 0.0
    return np.asarray(result)


def _covariance_of_sums(variance: Matrix, shared: np.ndarray) -> Matrix:
    """Covariance of the row sums of the matrix of log odds ratios, (a, a)."""
    through = shared.sum(axis=0)  # both compared with the same third arm
    mixed = shared.sum(axis=2)  # one compared with the other, which meets a third
    result = through - mixed - mixed.T - variance
    np.fill_diagonal(result, variance.sum(axis=1) + shared.sum(axis=(1, 2)))
    return np.asarray(result)


def _designs(
    study: Sequence[str],
    treatment: Sequence[str],
    event: Vector,
    n: Vector,
    without: Sequence[LeftOut],
) -> tuple[list[Design], tuple[LeftOut, ...], tuple[str, ...], int]:
    """(designs that say something, who is left out, warnings, number of studies)."""
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    arms, left_out = arms_by_study(study, treatment), list(without)
    for name, rows in arms.items():
        rows.sort(key=lambda i: order_of(treatment[i]))
        if why := _silent(event[rows], n[rows]):
            left_out.append(LeftOut(name, why))
        else:
            groups[tuple(treatment[i] for i in rows)].append(name)
    warnings, designs, kept = [], [], 0
    for names, studies in sorted(groups.items(), key=lambda item: order_of_design(item[0])):
        events = np.array([event[arms[name]] for name in studies])
        rest = np.array([n[arms[name]] for name in studies]) - events
        use = (events.sum(axis=0) > 0) & (rest.sum(axis=0) > 0)
        used = tuple(t for t, keep in zip(names, use, strict=True) if keep)
        lost = ", ".join(t for t in names if t not in used)
        why = f"{lost} had no events, or nothing but events, in all studies of its design"
        if len(used) < 2:
            left_out += [LeftOut(name, why) for name in studies]
            continue
        if lost:
            warnings.append(f"Arms left out of {', '.join(studies)}: {why}.")
        designs.append(Design(used, events[:, use], rest[:, use]))
        kept += len(studies)
    left_out.sort(key=lambda one: order_of(one.study))
    return designs, tuple(left_out), (*warnings, *left_out_warning(left_out)), kept


def _silent(event: Vector, n: Vector) -> str:
    """Why a study says nothing about odds ratios; empty when it does."""
    if event.size < 2:
        return "only one arm"
    if not np.isfinite(event.sum() + n.sum()):
        return "events or people are missing"
    if np.any(event < 0) or np.any(n < 0):
        return "a number of people or events is negative"
    if np.any(event > n):
        return "an arm has more events than people"
    if np.any(n == 0):
        return "an arm is empty (n = 0)"
    if event.sum() == 0:
        return "no events in any arm"
    return "everybody had the event in every arm" if event.sum() == n.sum() else ""
