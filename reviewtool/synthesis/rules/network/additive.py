"""The components of a network's combinations as a typed result."""

from collections.abc import Mapping, Sequence
from math import isnan

from reviewtool.protocol.rules.networks import NetworkChoices
from reviewtool.stats.network.additive import Combined, ComponentNetwork, fit_components
from reviewtool.stats.network.contrasts import Contrasts
from reviewtool.stats.network.model import ChiSquare
from reviewtool.synthesis.results.additive import (
    AdditiveResult,
    CombinationEffect,
    ComparedRow,
    ComponentEffect,
)
from reviewtool.synthesis.results.parts import Effect, Test
from reviewtool.words import plural

LOW = 0.05  # p of additivity below which it is doubted


def additive_result(
    contrasts: Contrasts,
    choices: NetworkChoices,
    *,
    method: str,
    model: str,
    level: float,
    reference: str,
    league: Mapping[str, Mapping[str, Effect]],
) -> AdditiveResult:
    """Components and combinations of a network, parts that nothing connects included.

    league: what the network estimates, row versus column. Raises StatsError.
    """
    net = fit_components(
        contrasts,
        method=method,
        model=model,
        level=level,
        inactive=choices.inactive,
        interactions=choices.interactions,
        inconsistent="leave out",
    )
    components = tuple(
        ComponentEffect(
            name=name, studies=net.studies_of(name), **_effect(found := net.term(name)), p=found.p
        )
        for name in net.terms
    )
    combinations = tuple(
        CombinationEffect(
            name=name,
            **_effect(found := net.versus(name, reference)),
            p=found.p,
            network=league.get(name, {}).get(reference),
        )
        for name in net.treatments
        if name != reference
    )
    joined = len(net.evidence.parts) > 1
    return AdditiveResult(
        reference=reference,
        inactive=net.inactive,
        interactions=tuple(name for name in net.terms if "*" in name),
        k=len(net.evidence.studies),
        tau2=net.tau2,
        components=components,
        combinations=combinations,
        q_additive=_test(net.q_additive),
        q_standard=_test(net.q_standard),
        q_difference=_test(net.q_difference),
        joined=joined,
        rows=_rows(net.evidence.contrasts),
        sentence=_sentence(net),
        warnings=tuple(_warnings(net, components, joined=joined)),
    )


def _effect(found: Combined) -> dict[str, float]:
    return {name: getattr(found, name) for name in ("estimate", "se", "ci_low", "ci_high")}


def _test(found: ChiSquare) -> Test:
    return Test(q=found.q, df=found.df, p=found.p)


def _rows(contrasts: Contrasts) -> tuple[ComparedRow, ...]:
    columns = (contrasts.study, contrasts.treat1, contrasts.treat2, contrasts.te, contrasts.se)
    return tuple(
        ComparedRow(study=study, first=a, second=b, estimate=float(te), se=float(se))
        for study, a, b, te, se in zip(*columns, strict=True)
    )


def _sentence(net: ComponentNetwork) -> str:
    active = [name for name in net.terms if "*" not in name]
    more = f", {net.inactive} taken as inactive" if net.inactive else ""
    pairs = [name for name in net.terms if "*" in name]
    if pairs:
        more += f", with {plural(len(pairs), 'interaction', 'interactions')} ({', '.join(pairs)})"
    how = "common effects" if net.model == "common" else f"random effects ({net.method})"
    return (
        f"{plural(len(net.evidence.studies), 'study', 'studies')} were combined in an additive "
        f"component network meta-analysis of {plural(len(active), 'component', 'components')} "
        f"with {how}{more} (Rücker 2020, Biom J 62:808)."
    )


def _warnings(
    net: ComponentNetwork, components: Sequence[ComponentEffect], *, joined: bool
) -> list[str]:
    found = []
    p = net.q_difference.p
    if not isnan(p) and p < LOW:
        found.append(
            "The effects of combinations differ from the sums of their components more than "
            "chance explains: read the network’s own estimates, or plan an interaction."
        )
    unknown = [one.name for one in components if one.estimate is None]
    if unknown:
        found.append(
            f"The data do not determine {', '.join(unknown)}: no comparison tells "
            f"{'it' if len(unknown) == 1 else 'them'} from the rest."
        )
    if joined:
        found.append(
            "Parts that no study connects are joined by the components they share. That rests on "
            "additivity alone."
        )
    return found
