"""Charts of a fitted network: node splitting, contributions, net heat, adjusted funnel.

One hand for pages and command line: a ``Network`` goes in, a chart comes out.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from reviewtool.charts.bias import kind_of
from reviewtool.charts.bias_shares import BiasShare, BiasShares
from reviewtool.charts.forest import Column, Forest, Section, Study
from reviewtool.charts.funnel import Funnel, Point
from reviewtool.charts.heat import Heat, HeatRow
from reviewtool.stats.distributions import critical
from reviewtool.stats.network.adjusted import Adjusted, comparison_adjusted
from reviewtool.stats.network.contribution import contributions, study_shares
from reviewtool.stats.network.heat import net_heat
from reviewtool.stats.network.inconsistency import Split, split_nodes
from reviewtool.stats.network.model import Network
from reviewtool.words import capital, estimate, num, out_of_hundred, p, plural, studies

MOST = 36  # rows of a matrix: every pair of nine treatments
WHOLE = 1e-8


def both_sources(net: Network, model: str) -> list[Split]:
    """Comparisons on which there is direct and indirect evidence."""
    return [s for s in split_nodes(net, model) if s.studies and s.share < 1 - WHOLE]


def splits(net: Network, model: str, notes: Sequence[str] = (), title: str = "") -> Forest:
    """Direct, indirect and network estimate of each comparison that has all three."""
    about = net.evidence.contrasts
    half = critical(net.level, None)
    sections, words = [], []
    for one in both_sources(net, model):
        lines = []
        for label, te, se, cell in (
            ("Direct", one.direct, one.direct_se, studies(one.studies)),
            ("Indirect", one.indirect, one.indirect_se, ""),
            ("Network", one.network, one.network_se, f"{out_of_hundred(100 * one.share)} direct"),
        ):
            point, low, high = (
                float(about.scale.back(te + side * half * se)) for side in (0, -1, 1)
            )
            lines.append(Study(label, point, low, high, None, (cell,)))
        name = f"{one.treat1} versus {one.treat2}"
        sections.append(Section(tuple(lines), f"{name}: {p(one.p)}"))
        words.append(f"{name}: {', '.join(_line(line) for line in lines)}; {p(one.p)}.")
    return Forest(
        measure=about.measure,
        sections=tuple(sections),
        columns=(Column("Evidence"),),
        level=net.level,
        study_heading="Comparison",
        notes=(
            "p: of the difference between direct and indirect evidence, by back-calculation.",
            *notes,
        ),
        title=title or "Direct and indirect evidence",
        description=" ".join(("Direct, indirect and network estimates.", *words)),
    )


def _line(line: Study) -> str:
    return f"{line.label.lower()} {estimate(line.estimate, line.low, line.high)}"


def contribution_matrix(
    net: Network, model: str, notes: Sequence[str] = (), title: str = ""
) -> Heat:
    """Shares of direct comparisons in network estimates, in per cent."""
    found = contributions(net, model)
    kept = _shown(net, found.estimates)
    few = () if len(kept) == len(found.estimates) else (_only(net),)
    rows = tuple(
        HeatRow(_against(net, found.estimates[i]), tuple(float(v) for v in found.shares[i]))
        for i in kept
    )
    columns = tuple(_pair(pair) for pair in found.comparisons)
    words = [
        f"{row.label}: most from {columns[int(np.argmax(row.values))]}, "
        f"{out_of_hundred(max(row.values))}."
        for row in rows
    ]
    return Heat(
        rows,
        columns,
        "Estimate",
        "Direct comparison",
        notes=("Per cent of each estimate; each row adds up to 100.", *few, *notes),
        words=" ".join(words),
        title=title or "Contribution matrix",
    )


def _pair(pair: tuple[str, str]) -> str:
    return f"{pair[0]} versus {pair[1]}"


def _against(net: Network, pair: tuple[str, str]) -> str:
    """An estimate by name, the reference second; shares are the same either way."""
    return _pair(pair[::-1] if pair[0] == net.reference else pair)


def _only(net: Network) -> str:
    return f"Shown are the estimates against {net.reference}; the table has all of them."


def _shown(net: Network, estimates: Sequence[tuple[str, str]]) -> list[int]:
    """Which estimates a picture has room for: all of them, or those with the reference."""
    every = list(range(len(estimates)))
    return every if len(every) <= MOST else [i for i in every if net.reference in estimates[i]]


def by_bias(
    net: Network,
    model: str,
    judgements: Mapping[str, str],
    notes: Sequence[str] = (),
    title: str = "",
) -> BiasShares:
    """Contributions of studies by their overall judgement; study name -> judgement."""
    found = contributions(net, model)
    shares = study_shares(net, found, model)
    kinds = [kind_of(judgements.get(study.name, "")) for study in net.evidence.studies]
    kept = _shown(net, found.estimates)
    few = () if len(kept) == len(found.estimates) else (_only(net),)
    rows = []
    for i in kept:
        own: dict[str, float] = {}
        for kind, share in zip(kinds, shares[i], strict=True):
            own[kind] = own.get(kind, 0.0) + float(share)
        rows.append(BiasShare(_against(net, found.estimates[i]), own))
    return BiasShares(
        tuple(rows),
        notes=("By the agreed overall judgement of each study.", *few, *notes),
        title=title or "Contributions by risk of bias",
    )


def heat(net: Network, model: str, notes: Sequence[str] = (), title: str = "") -> Heat:
    """The net heat plot."""
    found = net_heat(net, model)
    named = [name.replace(":", ", ") for name in found.designs]
    rows = tuple(
        HeatRow(name, tuple(map(float, change)), tuple(map(float, weight)))
        for name, change, weight in zip(named, found.change, found.weight, strict=True)
    )
    words = [
        f"{name}: {num(part)} of Q {num(found.total)} between designs."
        for name, part in zip(named, found.inconsistency, strict=True)
    ]
    how = "random effects within designs" if model == "random" else "common effects"
    return Heat(
        rows,
        tuple(named),
        "Design",
        "Detached design",
        digits=1,
        notes=(
            f"Each cell: how much less the row’s design disagrees with the network once the "
            f"column’s design is detached (Q, {how}); below zero, it disagrees more. On the "
            f"diagonal: its part of Q between designs, {num(found.total, 1)} in all. Grey squares: "
            f"how much the column’s direct evidence weighs in the row’s estimate. A design "
            f"without other evidence than its own is not shown.",
            *notes,
        ),
        words=" ".join(words),
        title=title or "Net heat plot",
    )


def has_heat(net: Network) -> bool:
    """Whether designs can disagree at all: two or more have other evidence than their own."""
    return net.q_between is not None and net.q_between.df > 0 and len(net_heat(net).designs) > 1


def funnel_points(net: Network, model: str, order: Sequence[str]) -> tuple[Adjusted, ...]:
    """What the comparison-adjusted funnel plot shows."""
    return comparison_adjusted(net, order, model)


def adjusted_funnel(
    net: Network, model: str, order: Sequence[str], notes: Sequence[str] = (), title: str = ""
) -> Funnel:
    """Studies around the pooled direct effect of their comparison."""
    found = funnel_points(net, model, order)
    pairs = dict.fromkeys((one.treat1, one.treat2) for one in found)
    alone = sum(s.studies == 1 for s in split_nodes(net, model))
    others = (
        (f"{capital(plural(alone, 'comparison', 'comparisons'))} with one study are not shown.",)
        if alone
        else ()
    )
    return Funnel(
        net.evidence.contrasts.measure,
        tuple(Point(one.study, one.effect, one.se) for one in found),
        0.0,
        contours=(),
        notes=(
            f"{capital(plural(len(found), 'contrast', 'contrasts'))} of "
            f"{plural(len(pairs), 'comparison', 'comparisons')}; in each, the treatment named "
            f"earlier comes first: {', '.join(n for n in order if n in net.treatments)}.",
            *others,
            *notes,
        ),
        title=title or "Comparison-adjusted funnel plot",
        across="Effect relative to the pooled effect of its comparison",
    )
