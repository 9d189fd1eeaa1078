"""Agreed arms to arrays for ``stats.network``, and its results as plain values.

Effects are on the analysis scale (log for ratios), row treatment versus column
treatment; percentages run from 0 to 100, P-scores and rank probabilities from 0 to 1.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from reviewtool.errors import Invalid
from reviewtool.stats.network import Contrasts, Network, arm_contrasts, fit_network, given_contrasts
from reviewtool.stats.network.inconsistency import design_by_treatment, split_nodes
from reviewtool.synthesis.rules.pooling import BINARY, GIVEN, RATIOS, Settings, number
from reviewtool.synthesis.rules.selection import ArmNumbers, Group, combine, plain

METHODS = ("REML", "DL", "ML")


class NoNetwork(Invalid):
    """A network cannot be pooled."""

    code = "no-network"
    message = "This network cannot be pooled: {reason}"


def arms_of(
    numbers: Sequence[ArmNumbers], treatments: Sequence[str], timepoints: Sequence[str]
) -> tuple[ArmNumbers, ...]:
    """The arms of a network: of each study its preferred time point and the treatments named.

    Studies left with a single treatment say nothing about the network and are left out.
    """
    names = {plain(t): t for t in treatments}
    studies: dict[int, list[ArmNumbers]] = {}
    for one in numbers:
        studies.setdefault(one.study_id, []).append(one)
    kept: list[ArmNumbers] = []
    for arms in studies.values():
        at = next((t for t in timepoints if any(a.timepoint == t for a in arms)), None)
        chosen = [a for a in arms if a.timepoint == at and plain(a.treatment) in names]
        given = [a for a in chosen if a.estimate is not None and plain(a.reference) in names]
        if given:
            kept += given
        elif len({plain(a.treatment) for a in chosen}) > 1:
            kept += chosen
    return tuple(kept)


def analyse_network(
    arms: Sequence[ArmNumbers],
    settings: Settings,
    *,
    treatments: Sequence[str],
    comparators: Sequence[str],
    lower_is_better: bool,
) -> dict[str, Any]:
    """Everything a network gives. Raises NoNetwork, StatsError naming what stands in the way."""
    if not arms:
        raise NoNetwork(reason="no agreed study compares two of its treatments.")
    names = {plain(t): t for t in treatments}
    contrasts, notes = _contrasts(arms, settings, names)
    present = {*contrasts.treat1, *contrasts.treat2}
    reference = next((names[plain(c)] for c in comparators if names[plain(c)] in present), None)
    warnings = []
    method = settings.method if settings.method in METHODS else "REML"
    if method != settings.method and settings.model != "common":
        warnings.append(
            f"{settings.method} is not defined for networks, so {method} was used for tau²."
        )
    net = fit_network(contrasts, method=method, reference=reference, level=settings.level)
    model = "common" if settings.model == "common" else "random"
    return {
        "kind": "network",
        "measure": settings.measure,
        "log": settings.measure in RATIOS,
        "level": settings.level,
        "model": model,
        "reference": net.reference,
        "treatments": _treatments(net, model, arms, names, lower_is_better),
        "league": _league(net, model),
        "direct": _direct(net),
        "contrasts": _rows(net.evidence.contrasts),
        "splits": _splits(net, model),
        "interaction": _interaction(net),
        "method": method,
        "lower_is_better": lower_is_better,
        "k": net.k,
        "tau2": number(net.tau2),
        "i2": number(net.i2),
        "q": {
            name: test and {"q": number(test.q), "df": test.df, "p": number(test.p)}
            for name, test in (
                ("total", net.q_total),
                ("within", net.q_within),
                ("between", net.q_between),
            )
        },
        "sentence": net.sentence,
        "notes": notes,
        "warnings": [*warnings, *net.warnings],
    }


def _contrasts(
    arms: Sequence[ArmNumbers], settings: Settings, names: dict[str, str]
) -> tuple[Contrasts, list[str]]:
    labels = _study_names(arms)
    if settings.measure in GIVEN or any(a.estimate is not None for a in arms):
        usable = [a for a in arms if a.estimate is not None]
        return given_contrasts(
            [labels[a.study_id] for a in usable],
            [names[plain(a.treatment)] for a in usable],
            [names[plain(a.reference)] for a in usable],
            [float(a.estimate or 0.0) for a in usable],
            [np.nan if a.se is None else a.se for a in usable],
            settings.measure,
        ), []
    groups: dict[tuple[int, str], list[ArmNumbers]] = {}
    for arm in arms:
        groups.setdefault((arm.study_id, names[plain(arm.treatment)]), []).append(arm)
    notes = [
        f"{labels[study]}: {len(same)} arms of {treatment} were combined."
        for (study, treatment), same in groups.items()
        if len(same) > 1
    ]
    joined = [
        combine([Group(a.events, a.total, a.mean, a.sd) for a in same]) for same in groups.values()
    ]
    columns = {"n": [g.total for g in joined]}
    if settings.measure in BINARY:
        columns["event"] = [g.events for g in joined]
    else:
        columns |= {"mean": [g.mean for g in joined], "sd": [g.sd for g in joined]}
    values: dict[str, Any] = {
        k: [np.nan if x is None else float(x) for x in column] for k, column in columns.items()
    }
    made = arm_contrasts(
        [labels[study] for study, _ in groups],
        [treatment for _, treatment in groups],
        measure=settings.measure,
        **values,
    )
    return made, notes


def _study_names(arms: Sequence[ArmNumbers]) -> dict[int, str]:
    """A name of its own for each study, also where two share a label."""
    result: dict[int, str] = {}
    seen: dict[str, int] = {}
    for arm in arms:
        if arm.study_id not in result:
            seen[arm.study] = seen.get(arm.study, 0) + 1
            n = seen[arm.study]
            result[arm.study_id] = arm.study if n == 1 else f"{arm.study} ({n})"
    return result


def _treatments(
    net: Network, model: str, arms: Sequence[ArmNumbers], names: dict[str, str], lower: bool
) -> list[dict[str, Any]]:
    """One entry per treatment, best first."""
    from reviewtool.stats.network.ranking import p_scores, rank_probabilities, sucra

    better = "desirable" if lower else "undesirable"
    scores = p_scores(net, model, better)
    ranks = rank_probabilities(net, model, better)
    surface = sucra(ranks)
    low, high = net.interval(model)
    predicted_low, predicted_high = net.prediction()
    te, se = net.effects(model).te, net.effects(model).se
    against = net.treatments.index(net.reference)
    result = []
    for i, name in enumerate(net.treatments):
        mine = [a for a in arms if names[plain(a.treatment)] == name]
        totals = [a.total for a in mine if a.total is not None]
        result.append(
            {
                "name": name,
                "studies": sum(i in study.arms for study in net.evidence.studies),
                "participants": sum(totals) if totals else None,
                "estimate": number(te[i, against]),
                "se": number(se[i, against]),
                "ci_low": number(low[i, against]),
                "ci_high": number(high[i, against]),
                "pi_low": number(predicted_low[i, against]) if model == "random" else None,
                "pi_high": number(predicted_high[i, against]) if model == "random" else None,
                "p_score": number(scores[i]),
                "sucra": number(surface[i]),
                "ranks": [float(x) for x in ranks[i]],
            }
        )
    return sorted(result, key=lambda one: -one["p_score"])


def _league(net: Network, model: str) -> dict[str, dict[str, dict[str, Any]]]:
    """Row treatment -> column treatment -> effect of row versus column."""
    chosen = net.effects(model)
    low, high = net.interval(model)
    p = chosen.p
    return {
        a: {
            b: {
                "estimate": number(chosen.te[i, j]),
                "se": number(chosen.se[i, j]),
                "ci_low": number(low[i, j]),
                "ci_high": number(high[i, j]),
                "p": number(p[i, j]),
            }
            for j, b in enumerate(net.treatments)
            if i != j
        }
        for i, a in enumerate(net.treatments)
    }


def _rows(contrasts: Contrasts) -> list[dict[str, Any]]:
    """Each comparison of two arms of a study, as it entered the network."""
    columns = (contrasts.study, contrasts.treat1, contrasts.treat2, contrasts.te, contrasts.se)
    return [
        {"study": study, "first": a, "second": b, "estimate": number(te), "se": number(se)}
        for study, a, b, te, se in zip(*columns, strict=True)
        if number(te) is not None and number(se) is not None
    ]


def _splits(net: Network, model: str) -> list[dict[str, Any]]:
    """Direct and indirect evidence on each pair; p is None where one of them is missing."""
    return [
        {
            "first": one.treat1,
            "second": one.treat2,
            "studies": one.studies,
            "share": number(one.share),
            "direct": number(one.direct),
            "direct_se": number(one.direct_se),
            "indirect": number(one.indirect),
            "indirect_se": number(one.indirect_se),
            "network": number(one.network),
            "network_se": number(one.network_se),
            "difference": number(one.difference),
            "difference_se": number(one.difference_se),
            "p": number(one.p),
        }
        for one in split_nodes(net, model)
    ]


def _interaction(net: Network) -> dict[str, Any] | None:
    """Inconsistency between designs; None where there is nothing to compare."""
    found = design_by_treatment(net).test
    if found.df < 1:
        return None
    return {"q": number(found.q), "df": found.df, "p": number(found.p)}


def _direct(net: Network) -> list[dict[str, Any]]:
    """How many studies compare each pair head to head."""
    counts: dict[tuple[str, str], int] = {}
    first, second = net.evidence.pairs
    for a, b in zip(first, second, strict=True):
        pair = (net.treatments[min(a, b)], net.treatments[max(a, b)])
        counts[pair] = counts.get(pair, 0) + 1
    return [{"first": a, "second": b, "studies": n} for (a, b), n in sorted(counts.items())]
