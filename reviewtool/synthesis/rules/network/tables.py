"""A fitted network in rows: treatments, league, comparisons, splits.

Effects are on the analysis scale (log for ratios), row treatment versus column
treatment; P-scores and rank probabilities run from 0 to 1.
"""

from collections.abc import Sequence

from reviewtool.protocol.rules.treatments import plain
from reviewtool.stats.network import (
    Contrasts,
    Network,
)
from reviewtool.stats.network.inconsistency import design_by_treatment, split_nodes
from reviewtool.stats.network.ranking import p_scores, rank_probabilities, sucra
from reviewtool.synthesis.results import (
    Cell,
    ContrastRow,
    HeadToHead,
    Split,
    Test,
    TreatmentResult,
)
from reviewtool.synthesis.rules.network.arms import study_names
from reviewtool.synthesis.rules.selection import (
    ArmNumbers,
)


def treatment_results(
    net: Network, model: str, arms: Sequence[ArmNumbers], names: dict[str, str], lower: bool
) -> tuple[TreatmentResult, ...]:
    """One entry per treatment, best first."""
    better = "desirable" if lower else "undesirable"
    scores = p_scores(net, model, better)
    ranks = rank_probabilities(net, model, better)
    surface = sucra(ranks)
    low, high = net.interval(model)
    predicted_low, predicted_high = net.prediction()
    te, se = net.effects(model).te, net.effects(model).se
    against = net.treatments.index(net.reference)
    used = set(net.evidence.contrasts.study)
    labels = study_names(arms)
    result = []
    for i, name in enumerate(net.treatments):
        totals = [
            a.total
            for a in arms
            if a.total is not None
            and names[plain(a.treatment)] == name
            and labels[a.study_id] in used
        ]
        predicted = model == "random"
        result.append(
            TreatmentResult(
                name=name,
                studies=sum(i in study.arms for study in net.evidence.studies),
                participants=sum(totals) if totals else None,
                estimate=te[i, against],
                se=se[i, against],
                ci_low=low[i, against],
                ci_high=high[i, against],
                pi_low=predicted_low[i, against] if predicted else None,
                pi_high=predicted_high[i, against] if predicted else None,
                p_score=scores[i],
                sucra=surface[i],
                ranks=tuple(float(x) for x in ranks[i]),
            )
        )
    return tuple(sorted(result, key=lambda one: -(one.p_score or 0.0)))


def league(net: Network, model: str) -> dict[str, dict[str, Cell]]:
    """Row treatment -> column treatment -> effect of row versus column."""
    chosen = net.effects(model)
    low, high = net.interval(model)
    return {
        a: {
            b: Cell(
                estimate=chosen.te[i, j],
                se=chosen.se[i, j],
                ci_low=low[i, j],
                ci_high=high[i, j],
                p=chosen.p[i, j],
            )
            for j, b in enumerate(net.treatments)
            if i != j
        }
        for i, a in enumerate(net.treatments)
    }


def contrast_rows(contrasts: Contrasts) -> tuple[ContrastRow, ...]:
    """Each comparison of two arms of a study, as it entered the network."""
    columns = (contrasts.study, contrasts.treat1, contrasts.treat2, contrasts.te, contrasts.se)
    return tuple(
        ContrastRow(study=study, first=a, second=b, estimate=float(te), se=float(se))
        for study, a, b, te, se in zip(*columns, strict=True)
    )


def splits(net: Network, model: str) -> tuple[Split, ...]:
    """Direct and indirect evidence on each pair."""
    return tuple(
        Split(
            first=one.treat1,
            second=one.treat2,
            studies=one.studies,
            share=one.share,
            direct=one.direct,
            direct_se=one.direct_se,
            indirect=one.indirect,
            indirect_se=one.indirect_se,
            network=one.network,
            network_se=one.network_se,
            difference=one.difference,
            difference_se=one.difference_se,
            p=one.p,
        )
        for one in split_nodes(net, model)
    )


def interaction(net: Network) -> Test | None:
    """Inconsistency between designs; None where there is nothing to compare."""
    found = design_by_treatment(net).test
    return Test(q=found.q, df=found.df, p=found.p) if found.df >= 1 else None


def head_to_head(net: Network) -> tuple[HeadToHead, ...]:
    """How many studies compare each pair head to head."""
    counts: dict[tuple[str, str], int] = {}
    first, second = net.evidence.pairs
    for a, b in zip(first, second, strict=True):
        pair = (net.treatments[min(a, b)], net.treatments[max(a, b)])
        counts[pair] = counts.get(pair, 0) + 1
    return tuple(HeadToHead(first=a, second=b, studies=n) for (a, b), n in sorted(counts.items()))
