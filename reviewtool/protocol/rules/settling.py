"""A plan that fits, as it is stored, and how it is done in words."""

from collections.abc import Mapping
from typing import Any

from reviewtool.protocol.rules import joint, maps, networks
from reviewtool.protocol.rules.brains import COORDINATES
from reviewtool.protocol.rules.fitting import (
    COMMON,
    FOR_COMMON,
    RANDOM,
    TESTS,
    Planned,
    measure_or_none,
    measure_words,
)
from reviewtool.protocol.rules.joint import OVER_TIME


def settled(planned: Planned) -> dict[str, Any]:
    """The settings as they are stored: what a choice implies is no longer left open.

    A common effect has no between-study variance, so its method is inverse variance or
    Mantel-Haenszel and Hartung-Knapp means nothing; those methods in turn mean a common
    effect. A network has no test of its own, an analysis over time a normal one or t; a map
    has neither measure nor model.
    """
    if planned.outcome.kind == COORDINATES:
        made = planned.kind == COORDINATES
        chosen = maps.stored(maps.choices_of(planned.map)) if made else {}
        bare = {"measure": "", "model": "random", "method": "REML", "test": "z"}
        return {**bare, "map": chosen, "joint": {}, "network": {}}
    own = networks.choices_of(planned.network)
    unusual = planned.kind == networks.NETWORK and own != networks.USUAL
    found = measure_or_none(planned.measure)
    common = planned.model == "common" or planned.method in COMMON
    method = planned.method if planned.method in COMMON or not common else "EE"
    test = planned.test
    if planned.kind == "network" or (common and test not in FOR_COMMON):
        test = "z"
    if planned.kind == OVER_TIME and test != "z":
        test = "t"
    return {
        "measure": found.name if found else planned.measure,
        "model": "common" if common else "random",
        "method": method,
        "test": test,
        "map": {},
        "joint": (
            joint.stored(joint.choices_of(planned.joint)) if planned.kind == OVER_TIME else {}
        ),
        "network": networks.stored(own) if unusual else {},
    }


def method_words(
    kind: str,
    measure: str,
    model: str,
    method: str,
    test: str,
    choices: Mapping[str, Any] | None = None,
) -> str:
    """How an analysis is done, in a line. choices: those of its own kind.

    >>> method_words("pairwise", "RR", "common", "MH", "z")
    'Risk ratio (RR), common effect, Mantel-Haenszel'
    >>> method_words("network", "OR", "random", "REML", "z")
    'Odds ratio (OR), network, random effects, REML'
    """
    if kind == "narrative":
        return "Narrative, no pooling"
    if kind == COORDINATES:
        return maps.in_words(maps.choices_of(choices))
    common = model == "common" or method in COMMON
    said = [measure_words(measure), *(["network"] if kind == "network" else [])]
    if kind == networks.NETWORK and (more := networks.in_words(networks.choices_of(choices))):
        said.append(more)
    if kind == OVER_TIME:
        said.append(joint.in_words(joint.choices_of(choices)))
    said += ["common effect" if common else "random effects"]
    said += [COMMON.get(method, COMMON["EE"]) if common else RANDOM.get(method, method)]
    if not common and kind != "network":
        said.append(TESTS.get(test, test))
    return ", ".join(said)
