"""From a study's arms to the rows of one analysis.

Multi-arm trials: without subgroups by treatment all experimental arms of a study are
combined into one group, and so are its comparator arms, so that nobody is counted
twice. With subgroups by treatment each treatment has its own row and the comparator
group is divided among them (Cochrane Handbook 6.5, sections 23.3.4 and 6.5.2.10).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import sqrt


@dataclass(frozen=True)
class ArmNumbers:
    """One arm's agreed numbers for one outcome at one time point."""

    study_id: int
    study: str
    year: int | None
    arm: int
    treatment: str
    timepoint: str = ""
    events: float | None = None
    total: float | None = None
    mean: float | None = None
    sd: float | None = None
    estimate: float | None = None
    se: float | None = None
    reference: str = ""  # treatment of the reference arm of a given contrast


@dataclass(frozen=True)
class Group:
    """Numbers of one side of a comparison."""

    events: float | None = None
    total: float | None = None
    mean: float | None = None
    sd: float | None = None


@dataclass(frozen=True)
class Row:
    """One study (or one treatment of it) in an analysis; ``group1`` is experimental."""

    study_id: int
    label: str
    year: int | None
    treatment: str
    comparator: str
    group1: Group = field(default_factory=Group)
    group2: Group = field(default_factory=Group)
    estimate: float | None = None
    se: float | None = None
    subgroup: str = ""


@dataclass(frozen=True)
class Selected:
    """Rows of an analysis, and in words what was done to multi-arm trials."""

    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


def plain(treatment: str) -> str:
    """A treatment's name as it is compared."""
    return " ".join(treatment.split()).casefold()


def select(
    numbers: Sequence[ArmNumbers],
    experimental: Sequence[str],
    comparator: Sequence[str],
    timepoints: Sequence[str],
    *,
    by_treatment: bool = False,
) -> Selected:
    """The rows of one comparison.

    timepoints: acceptable time points in order of preference; of each study the first
    that it reports is taken.
    """
    wanted1 = {plain(t): t for t in experimental}
    wanted2 = {plain(t): t for t in comparator}
    studies: dict[int, list[ArmNumbers]] = {}
    for one in numbers:
        studies.setdefault(one.study_id, []).append(one)
    rows: list[Row] = []
    notes: list[str] = []
    for arms in studies.values():
        chosen = _at_one_timepoint(arms, timepoints)
        contrasts = [a for a in chosen if a.estimate is not None]
        if contrasts:
            rows += _contrast_rows(contrasts, wanted1, wanted2)
            continue
        first = [a for a in chosen if plain(a.treatment) in wanted1]
        second = [a for a in chosen if plain(a.treatment) in wanted2]
        if not first or not second:
            continue
        made, note = _rows_of(first, second, wanted1, by_treatment)
        rows += made
        notes += note
    rows.sort(key=lambda r: (r.year or 0, r.label.casefold(), r.treatment))
    return Selected(tuple(rows), tuple(notes))


def _at_one_timepoint(arms: list[ArmNumbers], timepoints: Sequence[str]) -> list[ArmNumbers]:
    for timepoint in timepoints:
        found = [a for a in arms if a.timepoint == timepoint]
        if found:
            return found
    return []


def _contrast_rows(
    contrasts: list[ArmNumbers], wanted1: dict[str, str], wanted2: dict[str, str]
) -> list[Row]:
    rows = []
    for one in contrasts:
        treatment, reference = plain(one.treatment), plain(one.reference)
        if treatment in wanted1 and reference in wanted2:
            sign, pair = 1, (wanted1[treatment], wanted2[reference])
        elif treatment in wanted2 and reference in wanted1:
            sign, pair = -1, (wanted1[reference], wanted2[treatment])
        else:
            continue
        if one.estimate is not None:
            estimate = sign * one.estimate
            rows.append(Row(one.study_id, one.study, one.year, *pair, estimate=estimate, se=one.se))
    return rows


def _rows_of(
    first: list[ArmNumbers], second: list[ArmNumbers], names: dict[str, str], by_treatment: bool
) -> tuple[list[Row], list[str]]:
    study = first[0]
    control = combine([_group(a) for a in second])
    treatments = list(dict.fromkeys(plain(a.treatment) for a in first))
    label2 = ", ".join(dict.fromkeys(a.treatment for a in second))
    notes = []
    if not by_treatment or len(treatments) == 1:
        if len(first) > 1:
            notes.append(f"{study.study}: {len(first)} experimental arms were combined.")
        if len(second) > 1:
            notes.append(f"{study.study}: {len(second)} comparator arms were combined.")
        label1 = ", ".join(names[t] for t in treatments)
        group = combine([_group(a) for a in first])
        return [Row(study.study_id, study.study, study.year, label1, label2, group, control)], notes
    notes.append(
        f"{study.study}: its comparator group was divided among {len(treatments)} treatments."
    )
    share = divide(control, len(treatments))
    rows = [
        Row(
            study.study_id,
            study.study,
            study.year,
            names[t],
            label2,
            combine([_group(a) for a in first if plain(a.treatment) == t]),
            share,
        )
        for t in treatments
    ]
    return rows, notes


def _group(arm: ArmNumbers) -> Group:
    return Group(arm.events, arm.total, arm.mean, arm.sd)


def combine(groups: Sequence[Group]) -> Group:
    """Several groups as one: counts add up; means and SDs by Handbook 6.5.2.10.

    >>> combine([Group(mean=1.0, sd=1.0, total=10), Group(mean=3.0, sd=1.0, total=10)]).mean
    2.0
    """
    result = groups[0]
    for other in groups[1:]:
        result = _joined(result, other)
    return result


def _joined(a: Group, b: Group) -> Group:
    total = _sum(a.total, b.total)
    events = _sum(a.events, b.events)
    if None in (a.mean, b.mean, a.sd, b.sd, a.total, b.total) or not total:
        return Group(events, total)
    n1, n2 = a.total or 0.0, b.total or 0.0
    m1, m2, s1, s2 = a.mean or 0.0, b.mean or 0.0, a.sd or 0.0, b.sd or 0.0
    squares = (n1 - 1) * s1**2 + (n2 - 1) * s2**2 + n1 * n2 / total * (m1 - m2) ** 2
    return Group(events, total, (n1 * m1 + n2 * m2) / total, sqrt(squares / (total - 1)))


def _sum(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a + b


def divide(group: Group, parts: int) -> Group:
    """An equal share of a group that serves several comparisons; mean and SD stay."""
    return replace(
        group,
        events=None if group.events is None else group.events / parts,
        total=None if group.total is None else group.total / parts,
    )
