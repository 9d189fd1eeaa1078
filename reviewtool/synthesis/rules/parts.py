"""Another part of a network that falls apart, for a look: nothing of it is stored."""

from collections.abc import Sequence

from reviewtool.errors import NotFound
from reviewtool.protocol.rules.treatments import plain
from reviewtool.synthesis.results import NetworkResult
from reviewtool.synthesis.rules.network.analysis import analyse_network
from reviewtool.synthesis.rules.pooling import Inputs, Settings


def of_part(
    result: NetworkResult,
    inputs: Inputs,
    settings: Settings,
    part: str,
    treatments: Sequence[str],
    comparators: Sequence[str],
) -> NetworkResult:
    """The part with the treatment ``part``, from what went into ``result``.

    treatments, comparators: as the comparison names them now. Raises NotFound for a
    treatment that no part has.
    """
    known = {plain(name): name for one in result.parts for name in one.treatments}
    if plain(part) not in known:
        raise NotFound(f"No part of this network has the treatment “{part}”.")
    if known[plain(part)] in result.parts[0].treatments:
        return result
    for other in result.others:
        if known[plain(part)] in other.parts[0].treatments:
            return other
    spelled = {plain(x): x for a in inputs.arms for x in (a.treatment, a.reference) if x}
    spelled |= {plain(name): name for name in treatments} | known
    return analyse_network(
        inputs.arms,
        settings,
        treatments=list(spelled.values()),
        comparators=comparators,
        lower_is_better=result.lower_is_better,
        left_out=inputs.left_out,
        judgements=inputs.judgements,
        part=known[plain(part)],
    )
