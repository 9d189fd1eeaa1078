"""A stored network fitted again from its contrasts, for what a result does not keep.

The contrasts of a run are those that entered its network, so the numbers are the same.
"""

from functools import lru_cache

import numpy as np

from reviewtool.errors import NotFound
from reviewtool.stats.network import Network, fit_network
from reviewtool.stats.network.contrasts import Contrasts
from reviewtool.synthesis.results import Cell, ContrastRow, Effect, NetworkResult, finite

KEPT = 32  # fitted networks; a page asks for one several times


def fitted(result: NetworkResult, reference: str = "") -> Network:
    """The network of ``result``, against its own reference or another of its treatments.

    Raises UnknownChoice for a treatment that it does not have.
    """
    return _fitted(
        result.contrasts,
        result.effect_measure.name,
        result.method,
        result.level,
        reference or result.reference,
    )


@lru_cache(maxsize=KEPT)
def _fitted(
    rows: tuple[ContrastRow, ...], measure: str, method: str, level: float, reference: str
) -> Network:
    contrasts = Contrasts(
        tuple(row.study for row in rows),
        tuple(row.first for row in rows),
        tuple(row.second for row in rows),
        np.array([row.estimate for row in rows]),
        np.array([row.se for row in rows]),
        measure,
    )
    return fit_network(contrasts, method=method, reference=reference, level=level)


def against(result: NetworkResult, reference: str) -> NetworkResult:
    """The same network with every effect against another treatment; nothing is pooled anew.

    Raises NotFound for a treatment that the network does not have.
    """
    if reference == result.reference:
        return result
    net = fitted(result)
    if reference not in net.treatments:
        raise NotFound(
            f"The network has no treatment “{reference}”. It has {', '.join(net.treatments)}."
        )
    at = {name: i for i, name in enumerate(net.treatments)}
    low, high = net.prediction()
    predicted = result.model == "random"
    nothing = Cell(estimate=0.0, se=0.0, ci_low=0.0, ci_high=0.0)
    treatments = []
    for one in result.treatments:
        cell = nothing if one.name == reference else result.league[one.name][reference]
        i, j = at[one.name], at[reference]
        treatments.append(
            one.model_copy(
                update={
                    **{name: getattr(cell, name) for name in Effect.model_fields},
                    "pi_low": finite(low[i, j]) if predicted else None,
                    "pi_high": finite(high[i, j]) if predicted else None,
                }
            )
        )
    return result.model_copy(update={"reference": reference, "treatments": tuple(treatments)})
