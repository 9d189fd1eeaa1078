"""Agreed results to arrays for ``stats.network``, and what it finds as a typed result."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Literal

from reviewtool.errors import Invalid, ReviewToolError
from reviewtool.protocol.rules.networks import NetworkChoices
from reviewtool.protocol.rules.treatments import plain
from reviewtool.stats.errors import StatsError
from reviewtool.stats.network import (
    Contrasts,
    Network,
    fit_network,
    parts_of,
)
from reviewtool.stats.results import left_out_warning, with_left_out
from reviewtool.synthesis.results import (
    AdditiveResult,
    Cell,
    NetworkPart,
    NetworkResult,
    NetworkTests,
    Test,
)
from reviewtool.synthesis.rules.network.additive import additive_result
from reviewtool.synthesis.rules.network.arms import study_names
from reviewtool.synthesis.rules.network.contrasts import gather_contrasts
from reviewtool.synthesis.rules.network.tables import (
    contrast_rows,
    head_to_head,
    interaction,
    league,
    splits,
    treatment_results,
)
from reviewtool.synthesis.rules.pooling import Settings
from reviewtool.synthesis.rules.selection import (
    ArmNumbers,
    LeftOut,
    without_numbers,
)

METHODS = ("REML", "DL", "ML")


class NoNetwork(Invalid):
    """A network cannot be pooled."""

    code = "no-network"
    message = "This network cannot be pooled: {reason}"


def analyse_network(
    arms: Sequence[ArmNumbers],
    settings: Settings,
    *,
    treatments: Sequence[str],
    comparators: Sequence[str],
    lower_is_better: bool,
    left_out: Sequence[LeftOut] = (),
    judgements: Mapping[int, str] | None = None,
    part: str = "",
) -> NetworkResult:
    """Everything a network gives; each study given is in it or left out by name.

    judgements: study id -> agreed overall risk of bias. part: a treatment, whose part is
    wanted where the network falls apart; without one it is that of the comparators, or the
    largest.

    Raises NoNetwork, StatsError naming what stands in the way.
    """
    names = {plain(t): t for t in treatments}
    found = gather_contrasts(arms, settings, names)
    everybody = (*left_out, *found.left_out)
    if not found.contrasts.study:
        reasons = "; ".join(f"{x.label}: {x.reason}" for x in everybody if x.stage != "unreported")
        raise NoNetwork(
            reason="no agreed study compares two of its treatments."
            + (f" {reasons}." if reasons else "")
        )
    against = [names[plain(c)] for c in comparators if plain(c) in names]
    parts = _parts(found.contrasts, against, part)
    present = set(parts[0].treatments) if parts else set()
    reference = next((name for name in against if name in present), None)
    warnings = []
    method = settings.method if settings.method in METHODS else "REML"
    if method != settings.method and settings.model != "common":
        warnings.append(
            f"{settings.method} is not defined for networks, so {method} was used for tau²."
        )
    net = fit_network(
        found.contrasts,
        method=method,
        reference=reference,
        level=settings.level,
        inconsistent="leave out",
        part=parts[0].treatments[0] if parts else None,
    )
    ids = {name: study_id for study_id, name in study_names(arms).items()}
    everybody += tuple(LeftOut(ids[one.study], one.study, one.reason) for one in net.left_out)
    model: Literal["common", "random"] = "common" if settings.model == "common" else "random"
    used = set(net.evidence.contrasts.study)
    cells = league(net, model)
    chosen = settings.network if settings.network and not part else NetworkChoices()
    additive = None
    if chosen.components:
        additive, said = _additive(found.contrasts, settings, chosen, net, cells)
        warnings += said
    alone: list[NetworkResult] = []
    if chosen.parts == "each":
        again = partial(
            analyse_network,
            arms,
            replace(settings, network=None),
            treatments=treatments,
            comparators=comparators,
            lower_is_better=lower_is_better,
            left_out=left_out,
            judgements=judgements,
        )
        alone, said = _each(again, parts[1:])
        warnings += said
    named = left_out_warning(net.left_out)  # they are listed with their reasons
    return NetworkResult(
        measure=settings.measure,
        level=settings.level,
        model=model,
        reference=net.reference,
        treatments=treatment_results(net, model, arms, names, lower_is_better),
        league=cells,
        additive=additive,
        others=tuple(alone),
        direct=head_to_head(net),
        contrasts=contrast_rows(net.evidence.contrasts),
        splits=splits(net, model),
        interaction=interaction(net),
        method=method,
        lower_is_better=lower_is_better,
        k=net.k,
        tau2=net.tau2,
        i2=net.i2,
        q=NetworkTests(
            **{
                name: Test(q=test.q, df=test.df, p=test.p) if test else None
                for name, test in (
                    ("total", net.q_total),
                    ("within", net.q_within),
                    ("between", net.q_between),
                )
            }
        ),
        sentence=with_left_out(_sentence(net), without_numbers(everybody)),
        notes=found.notes,
        warnings=(*warnings, *(words for words in net.warnings if words not in named)),
        left_out=everybody,
        parts=parts if len(parts) > 1 else (),
        judgements={
            name: judgements[study_id]
            for study_id, name in study_names(arms).items()
            if judgements and study_id in judgements and name in used
        },
    )


def _additive(
    contrasts: Contrasts,
    settings: Settings,
    choices: NetworkChoices,
    net: Network,
    cells: Mapping[str, Mapping[str, Cell]],
) -> tuple[AdditiveResult | None, list[str]]:
    """The components, or why there are none."""
    try:
        return additive_result(
            contrasts,
            choices,
            method=net.method,
            model="common" if settings.model == "common" else "random",
            level=settings.level,
            reference=net.reference,
            league=cells,
        ), []
    except StatsError as error:
        return None, [f"Components were not analysed: {error.message}"]


def _each(
    again: Callable[..., NetworkResult], parts: Sequence[NetworkPart]
) -> tuple[list[NetworkResult], list[str]]:
    """The other parts, each on its own, and why one could not be."""
    found, said = [], []
    for one in parts:
        try:
            found.append(again(part=one.treatments[0]))
        except ReviewToolError as error:
            names = ", ".join(one.treatments)
            said.append(f"The part with {names} was not analysed: {error.message}")
    return found, said


def _parts(contrasts: Contrasts, comparators: Sequence[str], part: str) -> tuple[NetworkPart, ...]:
    """Connected parts, the chosen one first. Raises NoNetwork for a part nobody knows."""
    compared = set(zip(contrasts.study, contrasts.treat1, strict=True))
    found = [
        NetworkPart(treatments=names, studies=len({s for s, a in compared if a in names}))
        for names in parts_of(contrasts)
    ]
    if part:
        chosen = next((x for x in found if plain(part) in map(plain, x.treatments)), None)
        if chosen is None:
            raise NoNetwork(reason=f"no part of it has the treatment “{part}”.")
    else:
        chosen = max(
            found,
            key=lambda x: (
                max((-i for i, c in enumerate(comparators) if c in x.treatments), default=-1e9),
                x.studies,
            ),
            default=None,
        )
    return () if chosen is None else (chosen, *(x for x in found if x is not chosen))


def _sentence(net: Network) -> str:
    """How the numbers were made, without who was left out."""
    return replace(net, evidence=replace(net.evidence, left_out=())).sentence
