"""The league table: every treatment against every other."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from reviewtool.stats.network.inconsistency import split_nodes
from reviewtool.stats.network.model import Network
from reviewtool.stats.network.ranking import p_scores


class Cell(NamedTuple):
    """One comparison, row versus column, on the scale people read; NaN without evidence."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class League:
    """Treatments from best to worst; network estimates below the diagonal of the usual
    print-out, direct ones above. ``network[i][j]`` and ``direct[i][j]`` compare i with j.
    """

    treatments: tuple[str, ...]
    scores: tuple[float, ...]
    network: tuple[tuple[Cell, ...], ...]
    direct: tuple[tuple[Cell, ...], ...]


def league(net: Network, model: str = "random", small_values: str = "undesirable") -> League:
    """Estimates with intervals, ratios back-transformed, sorted by P-score."""
    scores = p_scores(net, model, small_values)
    order = np.argsort(-scores, kind="stable")
    back = net.evidence.contrasts.scale.back
    low, high = net.interval(model)
    te = net.effects(model).te
    network = tuple(
        tuple(Cell(*map(float, back(np.array([te[i, j], low[i, j], high[i, j]])))) for j in order)
        for i in order
    )
    return League(
        tuple(net.treatments[i] for i in order),
        tuple(float(scores[i]) for i in order),
        network,
        _direct(net, model, order),
    )


def _direct(net: Network, model: str, order: np.ndarray) -> tuple[tuple[Cell, ...], ...]:
    from reviewtool.stats.distributions import critical

    back, half = net.evidence.contrasts.scale.back, critical(net.level, None)
    at = {name: i for i, name in enumerate(net.treatments)}
    values = np.full((3, len(at), len(at)), np.nan)
    for split in split_nodes(net, model):
        i, j = at[split.treat1], at[split.treat2]
        margin = half * split.direct_se
        values[:, i, j] = split.direct, split.direct - margin, split.direct + margin
        values[:, j, i] = -split.direct, -split.direct - margin, -split.direct + margin
    shown = back(values)
    return tuple(tuple(Cell(*map(float, shown[:, i, j])) for j in order) for i in order)
