"""Agreed results to arrays for ``stats.network``, and what it finds as a typed result.

Effects are on the analysis scale (log for ratios), row treatment versus column
treatment; percentages run from 0 to 100, P-scores and rank probabilities from 0 to 1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from reviewtool.errors import Invalid
from reviewtool.protocol.rules.treatments import plain
from reviewtool.stats.network import (
    Contrasts,
    Network,
    arm_contrasts,
    complete,
    fit_network,
    parts_of,
)
from reviewtool.stats.network.baseline import (
    Pair,
    all_pairs,
    arm_variance,
    common_arm,
    variance_by_sizes,
)
from reviewtool.stats.network.contrasts import NEEDS
from reviewtool.stats.network.errors import InconsistentStudy
from reviewtool.stats.network.inconsistency import design_by_treatment, split_nodes
from reviewtool.stats.network.ranking import p_scores, rank_probabilities, sucra
from reviewtool.stats.results import left_out_warning, with_left_out
from reviewtool.synthesis.results import (
    Cell,
    ContrastRow,
    HeadToHead,
    NetworkPart,
    NetworkResult,
    NetworkTests,
    Split,
    Test,
    TreatmentResult,
)
from reviewtool.synthesis.rules.pooling import Settings, vector, with_article
from reviewtool.synthesis.rules.selection import (
    ArmNumbers,
    LeftOut,
    combine,
    group_of,
    without_numbers,
)

METHODS = ("REML", "DL", "ML")
# Column of ``arm_contrasts`` -> number of a group.
COLUMNS = {"event": "events", "n": "total", "mean": "mean", "sd": "sd", "time": "time"}


class NoNetwork(Invalid):
    """A network cannot be pooled."""

    code = "no-network"
    message = "This network cannot be pooled: {reason}"


@dataclass(frozen=True)
class Chosen:
    """The results of a network, and who has none for it."""

    arms: tuple[ArmNumbers, ...]
    left_out: tuple[LeftOut, ...] = ()
    times: Mapping[int, str] = field(default_factory=dict)


def arms_of(
    numbers: Sequence[ArmNumbers],
    treatments: Sequence[str],
    timepoints: Sequence[str],
    preferred: Mapping[int, Sequence[str]] | None = None,
) -> Chosen:
    """The results of a network: of each study its preferred time point and the treatments named.

    preferred: study id -> time points for studies with an order of their own.
    A study that compares no two of the treatments at any of the time points is left out.
    """
    names = {plain(t): t for t in treatments}
    studies: dict[int, list[ArmNumbers]] = {}
    for one in numbers:
        studies.setdefault(one.study_id, []).append(one)
    kept: list[ArmNumbers] = []
    left_out: list[LeftOut] = []
    times: dict[int, str] = {}
    for study_id, results in studies.items():
        for timepoint in (preferred or {}).get(study_id, timepoints):
            there = [a for a in results if a.timepoint == timepoint]
            chosen = _of_network(there, names)
            if chosen:
                kept += chosen
                times[study_id] = timepoint
                break
        else:
            first = results[0]
            reason = _why_not(results, names, (preferred or {}).get(study_id, timepoints))
            left_out.append(LeftOut(first.study_id, first.study, reason, "comparison"))
    return Chosen(tuple(kept), tuple(left_out), times)


def _of_network(results: Sequence[ArmNumbers], names: dict[str, str]) -> list[ArmNumbers]:
    known = [a for a in results if plain(a.treatment) in names]
    arms = [a for a in known if not a.is_contrast]
    given = [
        a
        for a in known
        if a.is_contrast
        and plain(a.reference) in names
        and plain(a.reference) != plain(a.treatment)
    ]
    enough = len({plain(a.treatment) for a in arms}) > 1
    return [*(arms if enough or given else []), *given]


def _why_not(
    results: Sequence[ArmNumbers], names: dict[str, str], timepoints: Sequence[str]
) -> str:
    there = [a for a in results if a.timepoint in timepoints]
    if not there:
        known = ", ".join(dict.fromkeys(a.timepoint or "no time point" for a in results))
        return f"it reports {known}, not {', '.join(t or 'no time point' for t in timepoints)}"
    found = dict.fromkeys(t for a in there for t in (a.treatment, a.reference) if t)
    return f"it compares no two treatments of the network; its groups are {', '.join(found)}"


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
    ids = {name: study_id for study_id, name in _study_names(arms).items()}
    everybody += tuple(LeftOut(ids[one.study], one.study, one.reason) for one in net.left_out)
    model: Literal["common", "random"] = "common" if settings.model == "common" else "random"
    used = set(net.evidence.contrasts.study)
    named = left_out_warning(net.left_out)  # they are listed with their reasons
    return NetworkResult(
        measure=settings.measure,
        level=settings.level,
        model=model,
        reference=net.reference,
        treatments=_treatments(net, model, arms, names, lower_is_better),
        league=_league(net, model),
        direct=_direct(net),
        contrasts=_rows(net.evidence.contrasts),
        splits=_splits(net, model),
        interaction=_interaction(net),
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
            for study_id, name in _study_names(arms).items()
            if judgements and study_id in judgements and name in used
        },
    )


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


@dataclass(frozen=True)
class Gathered:
    """Contrasts of all studies that have a complete set of them."""

    contrasts: Contrasts
    notes: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


def gather_contrasts(
    arms: Sequence[ArmNumbers], settings: Settings, names: dict[str, str]
) -> Gathered:
    """Each study's contrasts by the best data it has: its arms, else what it reports."""
    labels = _study_names(arms)
    made, notes = _from_arms([a for a in arms if not a.is_contrast], settings, names, labels)
    own = complete(made) if made else None
    reasons = dict(own.left_out) if own else {}
    if own and own.partly:
        notes.append("Groups left out: " + "; ".join(own.partly) + ".")
    kept: list[tuple[str, str, str, float, float]] = []
    left_out, reported, corrected = [], [], []
    for study_id, label in labels.items():
        if own and label in own.contrasts.study:
            kept += [row for row in _contrast_rows(own.contrasts) if row[0] == label]
            corrected += [label] if label in own.contrasts.corrected else []
            continue
        given = [a for a in arms if a.study_id == study_id and a.is_contrast]
        sides = [a for a in arms if a.study_id == study_id and not a.is_contrast]
        rows, reason, note = _given(given, sides, settings, names, label)
        notes += [note] if note else []
        if rows:
            kept += rows
            reported.append(label)
            continue
        left_out.append(LeftOut(study_id, label, reason if given else reasons.get(label, reason)))
    if reported and len(reported) < len(labels) - len(left_out):
        notes.append(
            f"Effects as reported, the others computed from the groups: {', '.join(reported)}."
        )
    columns = list(zip(*kept, strict=True)) or [()] * 5
    contrasts = Contrasts(
        columns[0],
        columns[1],
        columns[2],
        np.array(columns[3], dtype=float),
        np.array(columns[4], dtype=float),
        settings.effect_measure.name,
        tuple(corrected),
    )
    return Gathered(contrasts, tuple(notes), tuple(left_out))


def _contrast_rows(c: Contrasts) -> list[tuple[str, str, str, float, float]]:
    """(study, treatment, treatment, effect, SE) of every contrast."""
    return list(zip(c.study, c.treat1, c.treat2, c.te.tolist(), c.se.tolist(), strict=True))


def _from_arms(
    arms: Sequence[ArmNumbers], settings: Settings, names: dict[str, str], labels: dict[int, str]
) -> tuple[Contrasts | None, list[str]]:
    """Contrasts of every pair of groups, undefined ones with their reason; None without any."""
    chosen = settings.effect_measure
    if chosen.name not in NEEDS or not arms:
        return None, []
    groups: dict[tuple[int, str], list[ArmNumbers]] = {}
    for arm in arms:
        groups.setdefault((arm.study_id, names[plain(arm.treatment)]), []).append(arm)
    notes = [
        f"{labels[study]}: {len(same)} arms of {treatment} were combined."
        for (study, treatment), same in groups.items()
        if len(same) > 1
    ]
    joined = [combine([group_of(a) for a in same]) for same in groups.values()]
    columns: dict[str, Any] = {
        name: vector(getattr(g, COLUMNS[name]) for g in joined) for name in NEEDS[chosen.name]
    }
    made = arm_contrasts(
        [labels[study] for study, _ in groups],
        [treatment for _, treatment in groups],
        measure=chosen.name,
        strict=False,
        **columns,
    )
    return made, notes


def _given(
    given: Sequence[ArmNumbers],
    sides: Sequence[ArmNumbers],
    settings: Settings,
    names: dict[str, str],
    label: str,
) -> tuple[list[tuple[str, str, str, float, float]], str, str]:
    """A study's reported contrasts, or why they cannot be used; and what was done with them.

    sides: what is known of its arms, which a contrast between two of them may follow from.
    """
    chosen = settings.effect_measure
    if not given:
        return [], f"its groups have no numbers for {with_article(chosen.heading)}", ""
    for one in given:
        if one.estimate_measure and one.estimate_measure.upper() != chosen.name:
            return [], f"its estimates are not {chosen.plural}", ""
        if one.se is None or not one.se > 0:
            whose = f"{one.treatment} against {one.reference}"
            return [], f"the estimate of {whose} has no SE above 0", ""
    pairs = [
        Pair(
            names[plain(a.treatment)],
            names[plain(a.reference)],
            float(a.estimate or 0.0),
            float(a.se or 0.0),
        )
        for a in given
    ]
    if len({frozenset(pair[:2]) for pair in pairs}) < len(pairs):
        return [], "it reports a comparison twice", ""
    treatments = sorted({name for pair in pairs for name in pair[:2]})
    note = ""
    if len(pairs) < len(treatments) * (len(treatments) - 1) // 2:
        try:
            pairs, note = _completed(label, pairs, given, sides, settings, names)
        except InconsistentStudy as error:
            return [], error.reason, ""
        if not note:
            return [], _incomplete(pairs, treatments), ""
    return [(label, *pair) for pair in pairs], "", note


def _completed(
    label: str,
    pairs: list[Pair],
    given: Sequence[ArmNumbers],
    sides: Sequence[ArmNumbers],
    settings: Settings,
    names: dict[str, str],
) -> tuple[list[Pair], str]:
    """Every contrast of a study that reports all arms against one, and how they were made.

    No note where they cannot be made. Raises InconsistentStudy.
    """
    base = common_arm([pair[:2] for pair in pairs])
    if not base:
        return pairs, ""
    against = {
        (p.treat1 if p.treat2 == base else p.treat2): (p.te if p.treat2 == base else -p.te, p.se)
        for p in pairs
    }
    groups: dict[str, list[ArmNumbers]] = {}
    for side in sides:
        groups.setdefault(names[plain(side.treatment)], []).append(side)
    joined = {name: combine([group_of(a) for a in same]) for name, same in groups.items()}
    how, variance = "from its numbers", None
    if base in joined:
        numbers = {role: getattr(joined[base], field) for role, field in COLUMNS.items()}
        variance = arm_variance(settings.effect_measure.name, numbers)
    if variance is None:
        how = "from the sizes of the groups"
        sizes = {names[plain(a.treatment)]: a.total for a in given if a.total}
        sizes |= {name: group.total for name, group in joined.items() if group.total}
        variance = variance_by_sizes(base, {name: se for name, (_, se) in against.items()}, sizes)
    if variance is None:
        return pairs, ""
    return all_pairs(label, base, against, variance), (
        f"{label}: its effects against {base} were made into every comparison, with the "
        f"variance of {base} {how}."
    )


def _incomplete(pairs: Sequence[Pair], treatments: Sequence[str]) -> str:
    """Why contrasts are too few, and what would complete them."""
    needed = len(treatments) * (len(treatments) - 1) // 2
    base = common_arm([pair[:2] for pair in pairs])
    remedy = (
        f"give the numbers of {base}, or the people in each of its groups"
        if base
        else "give the others too"
    )
    return (
        f"it reports {len(pairs)} of the {needed} comparisons between its {len(treatments)} "
        f"treatments; {remedy}"
    )


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
    labels = _study_names(arms)
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


def _league(net: Network, model: str) -> dict[str, dict[str, Cell]]:
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


def _rows(contrasts: Contrasts) -> tuple[ContrastRow, ...]:
    """Each comparison of two arms of a study, as it entered the network."""
    columns = (contrasts.study, contrasts.treat1, contrasts.treat2, contrasts.te, contrasts.se)
    return tuple(
        ContrastRow(study=study, first=a, second=b, estimate=float(te), se=float(se))
        for study, a, b, te, se in zip(*columns, strict=True)
    )


def _splits(net: Network, model: str) -> tuple[Split, ...]:
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


def _interaction(net: Network) -> Test | None:
    """Inconsistency between designs; None where there is nothing to compare."""
    found = design_by_treatment(net).test
    return Test(q=found.q, df=found.df, p=found.p) if found.df >= 1 else None


def _direct(net: Network) -> tuple[HeadToHead, ...]:
    """How many studies compare each pair head to head."""
    counts: dict[tuple[str, str], int] = {}
    first, second = net.evidence.pairs
    for a, b in zip(first, second, strict=True):
        pair = (net.treatments[min(a, b)], net.treatments[max(a, b)])
        counts[pair] = counts.get(pair, 0) + 1
    return tuple(HeadToHead(first=a, second=b, studies=n) for (a, b), n in sorted(counts.items()))
