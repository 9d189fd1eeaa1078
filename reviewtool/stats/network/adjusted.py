"""The comparison-adjusted funnel plot: studies around their own comparison's effect.

Sources: Chaimani & Salanti 2012, Res Synth Methods 3:161; Chaimani 2013, PLoS One 8:e76654.
"""

from collections.abc import Sequence
from typing import NamedTuple

from reviewtool.stats.network.inconsistency import split_nodes
from reviewtool.stats.network.model import Network


class Adjusted(NamedTuple):
    """One contrast: its distance from the pooled direct effect of ``treat1`` versus
    ``treat2``, analysis scale, and its standard error."""

    study: str
    treat1: str
    treat2: str
    effect: float
    se: float


def comparison_adjusted(
    net: Network, order: Sequence[str], model: str = "random"
) -> tuple[Adjusted, ...]:
    """Contrasts of comparisons with two studies or more, shape of the funnel.

    order: treatments from first to last; every comparison is turned so that the earlier one
    comes first, because a funnel says something only where all point the same way.
    Treatments that are not named come last. A comparison with one study lies at zero by
    definition and is left out.
    """
    place = {name: i for i, name in enumerate(order)}
    last = len(place)
    direct = {
        pair: sign * one.direct
        for one in split_nodes(net, model)
        if one.studies > 1
        for pair, sign in (((one.treat1, one.treat2), 1), ((one.treat2, one.treat1), -1))
    }
    c, found = net.evidence.contrasts, []
    for study, a, b, te, se in zip(c.study, c.treat1, c.treat2, c.te, c.se, strict=True):
        if (a, b) not in direct:
            continue
        turned = (place.get(a, last), a) > (place.get(b, last), b)
        first, second, effect = (b, a, -float(te)) if turned else (a, b, float(te))
        found.append(Adjusted(study, first, second, effect - direct[first, second], float(se)))
    return tuple(found)
