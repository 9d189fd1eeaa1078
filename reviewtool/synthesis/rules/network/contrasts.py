"""Each study's contrasts, from its arms or as it reports them.

Effects are on the analysis scale (log for ratios), first treatment versus second.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reviewtool.protocol.rules.treatments import plain
from reviewtool.stats.network import (
    Contrasts,
    arm_contrasts,
    complete,
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
from reviewtool.synthesis.rules.network.arms import study_names
from reviewtool.synthesis.rules.pooling import Settings, vector, with_article
from reviewtool.synthesis.rules.selection import (
    ArmNumbers,
    LeftOut,
    combine,
    group_of,
)

# Column of ``arm_contrasts`` -> number of a group.
COLUMNS = {"event": "events", "n": "total", "mean": "mean", "sd": "sd", "time": "time"}


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
    labels = study_names(arms)
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
