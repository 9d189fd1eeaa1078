"""From a study's results to the rows of one analysis; whoever is left out is named.

Multi-arm trials: without subgroups by treatment all experimental arms of a study are
combined into one group, and so are its comparator arms, so that nobody is counted
twice. With subgroups by treatment each treatment has its own row and the comparator
group is divided among them (Cochrane Handbook 6.5, sections 23.3.4 and 6.5.2.10).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from reviewtool.protocol.rules.treatments import plain
from reviewtool.stats.conversions import combine_groups
from reviewtool.stats.results import LeftOut as Named

# Which side of the analysis a study's first and second treatment are, turned round or not.
SIDES = {
    1: {"first": "experimental", "second": "comparator"},
    -1: {"first": "comparator", "second": "experimental"},
}


@dataclass(frozen=True)
class Group:
    """Numbers of one side of a comparison, or of the only group of a study.

    ``time`` is person-time at risk. Before and after in one group: ``mean`` and ``sd`` are
    those after, ``mean_before`` and ``sd_before`` those before, ``correlation`` is between
    the two; a study of an association has ``correlation`` and ``total`` alone.
    """

    events: float | None = None
    total: float | None = None
    mean: float | None = None
    sd: float | None = None
    time: float | None = None
    mean_before: float | None = None
    sd_before: float | None = None
    correlation: float | None = None


@dataclass(frozen=True)
class ArmNumbers:
    """One agreed result for one outcome at one time point: of an arm, or of two compared.

    A reported ``estimate`` is on the analysis scale of ``estimate_measure`` ("" when that
    is the analysis' own) and compares ``treatment`` with ``reference``.
    """

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
    time: float | None = None
    mean_before: float | None = None
    sd_before: float | None = None
    correlation: float | None = None
    estimate: float | None = None
    se: float | None = None
    reference: str = ""
    estimate_measure: str = ""
    p_reported: str = ""
    favours: str = ""  # first, second or neither

    @property
    def is_contrast(self) -> bool:
        """Whether it is a comparison as reported, not an arm."""
        return self.estimate is not None or bool(self.favours)


@dataclass(frozen=True)
class Coordinates:
    """One agreed experiment: its people, and its foci in mm of ``space`` (MNI, Talairach)."""

    study_id: int
    study: str
    contrast: str
    n: int
    space: str
    foci: tuple[tuple[float, float, float], ...]
    modality: str = ""
    direction: str = ""

    @property
    def label(self) -> str:
        """Study and contrast."""
        return f"{self.study}: {self.contrast}" if self.contrast else self.study


@dataclass(frozen=True)
class Row:
    """One study (or one treatment of it) in an analysis; ``group1`` is experimental.

    A study may give its arms, a reported estimate, or both; or no more than a p value and
    whom its result ``favours`` (experimental, comparator, neither).
    """

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
    estimate_measure: str = ""
    p_reported: str = ""
    favours: str = ""

    @property
    def has_arms(self) -> bool:
        """Whether any number of an arm is there."""
        return self.group1 != Group()


@dataclass(frozen=True)
class LeftOut:
    """A study that an analysis could not use, and why.

    ``label`` names the study, with its treatment where it has several rows. ``stage``:
    it has no result for the outcome, none for this comparison and time point, or numbers
    that give no effect or do not go with the method.
    """

    study_id: int
    label: str
    reason: str
    stage: Literal["unreported", "comparison", "numbers"] = "numbers"


def without_numbers(left_out: Iterable[LeftOut]) -> list[Named]:
    """Who compares what was asked and cannot take part, as methods sentences name them."""
    return [Named(one.label, one.reason) for one in left_out if one.stage == "numbers"]


@dataclass(frozen=True)
class Selected:
    """Rows of an analysis, what was done to multi-arm trials in words, and who is left out.

    times: study id -> the time whose result is in it.
    """

    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    times: Mapping[int, str] = field(default_factory=dict)


def select(
    numbers: Sequence[ArmNumbers],
    experimental: Sequence[str],
    comparator: Sequence[str],
    timepoints: Sequence[str],
    *,
    by_treatment: bool = False,
    groups: int = 2,
    preferred: Mapping[int, Sequence[str]] | None = None,
) -> Selected:
    """The rows of one comparison; every study of ``numbers`` has a row or is left out by name.

    timepoints: acceptable time points in order of preference; of each study the first
    at which it has this comparison is taken. preferred: study id -> the same for studies
    with an order of their own. groups: 1 for measures of a single group
    (a proportion, a mean), which look at the experimental arms alone.
    """
    wanted = Wanted.of(experimental, comparator, groups)
    studies: dict[int, list[ArmNumbers]] = {}
    for one in numbers:
        studies.setdefault(one.study_id, []).append(one)
    rows: list[Row] = []
    notes: list[str] = []
    left_out: list[LeftOut] = []
    times: dict[int, str] = {}
    for study_id, results in studies.items():
        for timepoint in (preferred or {}).get(study_id, timepoints):
            there = [one for one in results if one.timepoint == timepoint]
            made, said = _rows_at(there, wanted, by_treatment)
            if made:
                rows += made
                notes += said
                times[study_id] = timepoint
                break
        else:
            first = results[0]
            reason = _why_none(results, wanted, (preferred or {}).get(study_id, timepoints))
            left_out.append(LeftOut(first.study_id, first.study, reason, "comparison"))
    rows.sort(key=lambda r: (r.year or 0, r.label.casefold(), r.treatment))
    return Selected(tuple(rows), tuple(notes), tuple(left_out), times)


@dataclass(frozen=True)
class Wanted:
    """The treatments of a comparison: compared name -> name in the protocol."""

    experimental: dict[str, str]
    comparator: dict[str, str]
    groups: int = 2

    @classmethod
    def of(cls, experimental: Sequence[str], comparator: Sequence[str], groups: int) -> "Wanted":
        """From the protocol's names."""
        return cls({plain(t): t for t in experimental}, {plain(t): t for t in comparator}, groups)


def _rows_at(
    results: Sequence[ArmNumbers], wanted: Wanted, by_treatment: bool
) -> tuple[list[Row], list[str]]:
    """Rows of one study at one time point, from its arms, its reported estimates or both."""
    arms = [one for one in results if not one.is_contrast]
    first = [a for a in arms if plain(a.treatment) in wanted.experimental]
    second = [a for a in arms if plain(a.treatment) in wanted.comparator]
    rows: list[Row] = []
    notes: list[str] = []
    if wanted.groups == 1:
        return _rows_of(first, [], wanted, by_treatment) if first else ([], [])
    if first and second:
        rows, notes = _rows_of(first, second, wanted, by_treatment)
    reported = list(_reported(results, wanted))
    if not rows:
        if len(reported) > 1:
            notes.append(
                f"{reported[0].label}: its {len(reported)} reported estimates share people and "
                "were pooled as if they did not, which gives the study too much weight."
            )
        return reported, notes
    if len(reported) == 1 and len(rows) == 1:  # kept beside the arms, for want of better
        rows = [_beside(rows[0], reported[0])]
    elif by_treatment:
        by_name = {plain(one.treatment): one for one in reported}
        rows = [_beside(row, by_name.get(plain(row.treatment))) for row in rows]
    return rows, notes


def _beside(row: Row, reported: Row | None) -> Row:
    """A row of arms with the estimate that the study reports too."""
    if reported is None:
        return row
    return replace(
        row,
        estimate=reported.estimate,
        se=reported.se,
        estimate_measure=reported.estimate_measure,
        p_reported=reported.p_reported,
        favours=reported.favours,
    )


def _reported(results: Sequence[ArmNumbers], wanted: Wanted) -> Iterator[Row]:
    """Reported estimates of the comparison, turned round where a study has it the other way."""
    for one in results:
        if not one.is_contrast:
            continue
        treatment, reference = plain(one.treatment), plain(one.reference)
        if treatment in wanted.experimental and reference in wanted.comparator:
            sign, pair = 1, (wanted.experimental[treatment], wanted.comparator[reference])
        elif treatment in wanted.comparator and reference in wanted.experimental:
            sign, pair = -1, (wanted.experimental[reference], wanted.comparator[treatment])
        else:
            continue
        yield Row(
            one.study_id,
            one.study,
            one.year,
            *pair,
            estimate=None if one.estimate is None else sign * one.estimate,
            se=one.se,
            estimate_measure=one.estimate_measure,
            p_reported=one.p_reported,
            favours=SIDES[sign].get(one.favours, one.favours),
        )


def _why_none(results: Sequence[ArmNumbers], wanted: Wanted, timepoints: Sequence[str]) -> str:
    """Why a study with results for the outcome has no row."""
    there = [one for one in results if one.timepoint in timepoints]
    if not there:
        known = ", ".join(dict.fromkeys(one.timepoint or "no time point" for one in results))
        asked = ", ".join(t or "no time point" for t in timepoints)
        return f"it reports {known}, not {asked}"
    received = {plain(one.treatment): one.treatment for one in there}
    received |= {plain(one.reference): one.reference for one in there if one.reference}
    for names in (
        (wanted.experimental, wanted.comparator) if wanted.groups == 2 else (wanted.experimental,)
    ):
        if not received.keys() & names.keys():
            return (
                f"no group with a result received {_any_of(names.values())}; "
                f"its groups are {', '.join(received.values())}"
            )
    return "no reported estimate compares the two sides of this comparison"


def _any_of(names: Iterable[str]) -> str:
    *rest, last = names
    return f"{', '.join(rest)} or {last}" if rest else last


def _rows_of(
    first: list[ArmNumbers], second: list[ArmNumbers], wanted: Wanted, by_treatment: bool
) -> tuple[list[Row], list[str]]:
    study = first[0]
    control = combine([group_of(a) for a in second]) if second else Group()
    treatments = list(dict.fromkeys(plain(a.treatment) for a in first))
    names = wanted.experimental
    label2 = ", ".join(dict.fromkeys(wanted.comparator[plain(a.treatment)] for a in second))
    notes = []
    if not by_treatment or len(treatments) == 1:
        if len(first) > 1:
            notes.append(f"{study.study}: {len(first)} experimental arms were combined.")
        if len(second) > 1:
            notes.append(f"{study.study}: {len(second)} comparator arms were combined.")
        label1 = ", ".join(names[t] for t in treatments)
        group = combine([group_of(a) for a in first])
        return [Row(study.study_id, study.study, study.year, label1, label2, group, control)], notes
    if second:
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
            combine([group_of(a) for a in first if plain(a.treatment) == t]),
            share,
        )
        for t in treatments
    ]
    return rows, notes


def group_of(arm: ArmNumbers) -> Group:
    """The numbers of an arm without who it is."""
    return Group(
        arm.events,
        arm.total,
        arm.mean,
        arm.sd,
        arm.time,
        arm.mean_before,
        arm.sd_before,
        arm.correlation,
    )


def combine(groups: Sequence[Group]) -> Group:
    """Several groups as one: counts and times add up; means and SDs by Handbook 6.5.2.10.

    What cannot be added (a correlation, values before) is None for several groups.

    >>> combine([Group(mean=1.0, sd=1.0, total=10), Group(mean=3.0, sd=1.0, total=10)]).mean
    2.0
    """
    if len(groups) == 1:
        return groups[0]
    mean = sd = None
    spread = [(g.total, g.mean, g.sd) for g in groups]
    whole = [(n, m, s) for n, m, s in spread if n and m is not None and s is not None]
    if len(whole) == len(groups):
        joined = combine_groups(*(list(column) for column in zip(*whole, strict=True)))
        mean, sd = joined.mean, joined.sd
    return Group(
        _sum([g.events for g in groups]),
        _sum([g.total for g in groups]),
        mean,
        sd,
        _sum([g.time for g in groups]),
    )


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def divide(group: Group, parts: int) -> Group:
    """An equal share of a group that serves several comparisons; mean and SD stay."""
    return replace(
        group,
        events=None if group.events is None else group.events / parts,
        total=None if group.total is None else group.total / parts,
        time=None if group.time is None else group.time / parts,
    )
