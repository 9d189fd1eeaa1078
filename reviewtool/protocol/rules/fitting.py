"""What fits together in a plan: numbers, measures, methods, treatments and names.

Every way in (form, API, import, demonstration) goes through here. Each check gives all
that is wrong at once, each with the field that must change.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from reviewtool.errors import Invalid
from reviewtool.protocol.rules import joint, leaving_out, maps, networks
from reviewtool.protocol.rules.brains import COORDINATES, MODALITIES
from reviewtool.protocol.rules.brains import DIRECTIONS as CHANGES
from reviewtool.protocol.rules.joint import OVER_TIME
from reviewtool.protocol.rules.treatments import check_sides
from reviewtool.stats import guidance
from reviewtool.stats.errors import UnknownChoice
from reviewtool.stats.measures import Measure, default_for, fitting
from reviewtool.stats.measures import measure as named
from reviewtool.stats.network.between import METHODS as NETWORK_METHODS
from reviewtool.stats.network.contrasts import NEEDS as NETWORK_MEASURES
from reviewtool.words import at_level


class KindWords(NamedTuple):
    """A kind of numbers: in a list to choose from, and inside a sentence."""

    label: str
    numbers: str


KINDS = {
    "dichotomous": KindWords("Events of total", "events and totals"),
    "continuous": KindWords("Mean, SD and number", "means and SDs"),
    "rate": KindWords("Events in person-time", "events in person-time"),
    "change": KindWords("One group before and after", "means of one group before and after"),
    "correlation": KindWords("Correlation and number", "correlations"),
    "estimate": KindWords(
        "Estimate with standard error or interval", "estimates as the reports give them"
    ),
    COORDINATES: KindWords("Brain coordinates (x, y, z)", "brain coordinates"),
}

# How between-study variance is estimated; a network knows some of them.
RANDOM = {
    "REML": "REML",
    "DL": "DerSimonian-Laird",
    "PM": "Paule-Mandel",
    "ML": "maximum likelihood",
    "EB": "empirical Bayes",
    "SJ": "Sidik-Jonkman",
    "HE": "Hedges",
    "HS": "Hunter-Schmidt",
}
COMMON = {"EE": "inverse variance", "MH": "Mantel-Haenszel"}
# Methods that cannot pool every measure, as ``Measure.pools`` calls them.
OF_MEASURE = {"MH": "MH"}
TESTS = {
    "auto": "Hartung-Knapp where advised, else Wald",
    "knha": "Hartung-Knapp",
    "z": "Normal (Wald)",
    "t": "t distribution",
    "adhoc": "Hartung-Knapp, at least Wald",
}
FOR_COMMON = ("z", "t")  # tests that mean something without between-study variance
ANALYSES = {
    "pairwise": "Pairwise",
    "network": "Network",
    OVER_TIME: "Time points together",
    COORDINATES: "Brain map from coordinates",
    "narrative": "Narrative, no pooling",
}
SENSITIVITY = {
    "leave_one_out": "Leave one study out",
    "common": "Common-effect model",
    "exclude_high_risk": "Without studies at high risk of bias",
}
SUBGROUPS = {"treatment": "Treatment", "bias": "Risk of bias"}
MODERATORS = {"year": "Year of the study"}
DIRECTIONS = {"lower": "Lower values are better", "higher": "Higher values are better"}
SUBGROUP_KINDS, MODERATOR_KINDS = frozenset({"choice", "text"}), frozenset({"number"})


class Misfit(NamedTuple):
    """One field that does not fit the rest, and what to do."""

    field: str
    message: str


class DoesNotFit(Invalid):
    """Parts of a plan that do not go together."""

    code = "does-not-fit"

    def __init__(self, misfits: Sequence[Misfit]) -> None:
        self.misfits = tuple(misfits)
        super().__init__(" ".join(one.message for one in misfits))
        self.details = {"fields": {one.field: one.message for one in misfits}}


class Characteristic(NamedTuple):
    """A study characteristic that the extraction form asks for: its kind as there."""

    key: str
    label: str
    kind: str


@dataclass(frozen=True)
class Outcome:
    """A planned outcome, as far as its analyses must fit it."""

    name: str
    kind: str
    measure: str = ""
    timepoints: Sequence[str] = ()


@dataclass(frozen=True)
class Comparison:
    """A planned comparison. Without comparators it describes one group."""

    name: str
    experimental: Sequence[str] = ()
    comparator: Sequence[str] = ()

    @property
    def groups(self) -> int:
        """1 or 2: how many groups it sets side by side."""
        return 2 if self.comparator else 1


@dataclass(frozen=True)
class Planned:
    """An analysis as somebody wants it, before it is known to fit."""

    outcome: Outcome
    comparison: Comparison
    timepoint: str = ""
    kind: str = "pairwise"
    measure: str = ""
    model: str = "random"
    method: str = "REML"
    test: str = guidance.TEST
    level: float = 95.0
    subgroup: str = ""
    moderators: Sequence[str] = ()
    sensitivity: Sequence[str] = ()
    known: Sequence[Characteristic] = field(default=())
    map: Mapping[str, Any] = field(default_factory=dict)
    joint: Mapping[str, Any] = field(default_factory=dict)
    network: Mapping[str, Any] = field(default_factory=dict)


def insist(misfits: Iterable[Misfit]) -> None:
    """Raises DoesNotFit when there is anything to say."""
    found = list(misfits)
    if found:
        raise DoesNotFit(found)


def listed(measures: Iterable[Measure]) -> str:
    """Measures in a sentence: headings, with the names of those that share one.

    >>> listed(fitting("correlation"))
    'Correlation (ZCOR, COR)'
    """
    found: dict[str, list[str]] = {}
    for one in measures:
        found.setdefault(one.heading, []).append(one.name)
    return ", ".join(f"{heading} ({', '.join(names)})" for heading, names in found.items())


def measure_or_none(name: str) -> Measure | None:
    """The measure of this name, None when there is none."""
    try:
        return named(name)
    except UnknownChoice:
        return None


def measure_words(name: str) -> str:
    """A stored measure in words.

    >>> measure_words("RR"), measure_words("")
    ('Risk ratio (RR)', '')
    """
    found = measure_or_none(name)
    return f"{found.heading} ({found.name})" if found else name


def check_outcome(
    name: str, kind: str, measure: str, modality: str = "", direction: str = ""
) -> Iterator[Misfit]:
    """Whether an outcome's numbers and its measure go together.

    >>> [m.field for m in check_outcome("Pain", "continuous", "OR")]
    ['measure']
    """
    if kind not in KINDS:
        yield Misfit("kind", f"Kind of numbers “{kind}”: choose one of {', '.join(KINDS)}.")
        return
    for part, word, known in (
        ("modality", modality, MODALITIES),
        ("direction", direction, CHANGES),
    ):
        if word and kind != COORDINATES:
            yield Misfit(part, f"Only brain coordinates have a {part}. Leave it empty.")
        elif word and word not in known:
            yield Misfit(part, f"There is no {part} “{word}”. Choose one of: {', '.join(known)}.")
    if kind != COORDINATES:
        yield from _of_kind(name, kind, measure, fitting(kind))
    elif measure:
        yield Misfit("measure", "Brain coordinates have no effect measure. Leave it empty.")


def _of_kind(outcome: str, kind: str, measure: str, offered: Sequence[Measure]) -> Iterator[Misfit]:
    found = measure_or_none(measure)
    if found is None:
        yield Misfit(
            "measure", f"There is no measure “{measure}”. Choose one of: {listed(offered)}."
        )
    elif kind not in found.kinds:
        yield Misfit(
            "measure",
            f"{found.heading} ({found.name}) does not fit “{outcome}”, which has "
            f"{KINDS[kind].numbers}. Choose one of: {listed(offered)}.",
        )


def check_comparison(comparison: Comparison) -> Iterator[Misfit]:
    """Whether the treatments of a comparison can be told apart."""
    if not comparison.experimental:
        yield Misfit("experimental", f"“{comparison.name}” names no treatment. Name at least one.")
    for side, message in check_sides(comparison.experimental, comparison.comparator):
        yield Misfit(side, message)


def offered(outcome: Outcome, comparison: Comparison, kind: str = "pairwise") -> list[Measure]:
    """The measures an analysis can have, the outcome's own first."""
    found = [
        m
        for m in fitting(outcome.kind)
        if m.groups <= comparison.groups and (kind != "network" or _in_networks(m, outcome.kind))
    ]
    return sorted(found, key=lambda m: m.name != outcome.measure.upper())


def _in_networks(measure: Measure, kind: str) -> bool:
    reported = kind == "estimate" and "estimate" in measure.kinds
    return measure.name in NETWORK_MEASURES or reported


def usual_measure(outcome: Outcome, comparison: Comparison) -> str:
    """What an analysis takes when nobody chooses: the outcome's measure, where it fits."""
    if outcome.kind == COORDINATES:
        return ""
    own = measure_or_none(outcome.measure)
    if own is not None and outcome.kind in own.kinds and own.groups <= comparison.groups:
        return own.name
    fits = [m for m in fitting(outcome.kind) if m.groups <= comparison.groups]
    return (fits[0] if fits else default_for(outcome.kind)).name


def check_analysis(planned: Planned) -> Iterator[Misfit]:
    """Everything in an analysis that does not fit its outcome, its comparison or itself."""
    if planned.kind not in ANALYSES:
        yield Misfit("kind", f"Analysis “{planned.kind}”: choose one of {', '.join(ANALYSES)}.")
        return
    if COORDINATES in (planned.kind, planned.outcome.kind):
        yield from _check_map(planned)
        return
    if planned.joint and planned.kind != OVER_TIME:
        yield Misfit("joint", "Only an analysis over time states a correlation. Leave it out.")
    if planned.kind == networks.NETWORK:
        names = (*planned.comparison.experimental, *planned.comparison.comparator)
        yield from (Misfit(*one) for one in networks.check(planned.network, names))
    elif planned.network:
        yield Misfit("network", "Only a network has parts and components. Leave them out.")
    yield from _check_measure(planned)
    yield from _check_method(planned)
    if not 50 <= planned.level < 100:
        yield Misfit("level", f"Level {at_level(planned.level)}: write one from 50 to 99.9.")
    times = [time for time in planned.outcome.timepoints if time]
    if planned.kind == OVER_TIME:
        yield from (Misfit(*one) for one in joint.check(planned.joint, times))
        if planned.timepoint:
            words = "It takes every time point of its outcome. Leave this empty."
            yield Misfit("timepoint", words)
    elif planned.timepoint and planned.timepoint not in times:
        known = f"Choose one of: {', '.join(times)}." if times else "Name it in the outcome first."
        yield Misfit(
            "timepoint",
            f"“{planned.outcome.name}” has no time point “{planned.timepoint}”. {known}",
        )
    yield from _check_names(planned)


def _check_map(planned: Planned) -> Iterator[Misfit]:
    """Coordinates become a map or a narrative, and nothing else becomes one."""
    outcome = planned.outcome
    if planned.kind not in (COORDINATES, "narrative"):
        words = f"{ANALYSES[COORDINATES].lower()}, or as narrative"
        yield Misfit("kind", f"“{outcome.name}” has brain coordinates: plan it as a {words}.")
        return
    if outcome.kind != COORDINATES:
        yield Misfit(
            "kind",
            f"“{outcome.name}” has {KINDS[outcome.kind].numbers}, and a brain map needs "
            "coordinates. Choose another kind of analysis, or an outcome with coordinates.",
        )
        return
    if planned.measure:
        yield Misfit("measure", "A brain map has no effect measure. Leave it empty.")
    if planned.timepoint:
        yield Misfit("timepoint", "Coordinates are not taken by time point. Leave it empty.")
    for name, words in (
        ("subgroup", "subgroups"),
        ("moderators", "a meta-regression"),
        ("sensitivity", "these sensitivity analyses"),
    ):
        if getattr(planned, name):
            yield Misfit(name, f"A brain map is made without {words}. Leave this empty.")
    if planned.kind == COORDINATES:
        yield from (Misfit(*one) for one in maps.check(planned.map))
    elif planned.map:
        yield Misfit("map", "A narrative has no choices of a map. Leave them out.")


def _check_measure(planned: Planned) -> Iterator[Misfit]:
    outcome, comparison = planned.outcome, planned.comparison
    found = measure_or_none(planned.measure)
    fits = offered(outcome, comparison, planned.kind)
    if found is None or outcome.kind not in found.kinds:
        yield from _of_kind(outcome.name, outcome.kind, planned.measure, fits)
    elif found.groups > comparison.groups:
        instead = f"Choose one of: {listed(fits)}; or n" if fits else "N"
        yield Misfit(
            "measure",
            f"“{comparison.name}” has no comparator, and {found.heading.lower()} ({found.name}) "
            f"compares two groups. {instead}ame a comparator.",
        )
    elif planned.kind == "network" and not _in_networks(found, outcome.kind):
        instead = f"Choose one of: {listed(fits)}." if fits else "Plan it as pairwise."
        yield Misfit(
            "measure",
            f"Networks are not pooled with {found.heading.lower()} ({found.name}). {instead}",
        )


def _check_method(planned: Planned) -> Iterator[Misfit]:
    methods = {**RANDOM, **COMMON}
    if planned.method not in methods:
        yield Misfit("method", f"Method “{planned.method}”: choose one of {', '.join(methods)}.")
        return
    if planned.model not in ("random", "common"):
        yield Misfit("model", f"Model “{planned.model}”: choose random or common.")
    if planned.test not in TESTS:
        yield Misfit("test", f"Interval “{planned.test}”: choose one of {', '.join(TESTS)}.")
    words = methods[planned.method]
    if planned.kind == "network" and planned.method not in (*NETWORK_METHODS, "EE"):
        yield Misfit(
            "method",
            f"Networks are not pooled by {words}. Choose one of {', '.join(NETWORK_METHODS)}, or "
            "a common effect by inverse variance.",
        )
        return
    if planned.kind == OVER_TIME and planned.method not in (*joint.METHODS, "EE"):
        yield Misfit(
            "method",
            f"Time points are not analysed together by {words}. Choose one of "
            f"{', '.join(joint.METHODS)}, or a common effect by inverse variance.",
        )
        return
    found, needed = measure_or_none(planned.measure), OF_MEASURE.get(planned.method)
    if found is None or needed is None:
        return
    if needed not in found.pools:
        fits = [m for m in fitting(planned.outcome.kind) if needed in m.pools]
        choice = f"It pools {listed(fits)}. " if fits else ""
        yield Misfit(
            "method",
            f"{words} does not pool {found.heading.lower()} ({found.name}). {choice}"
            "Choose inverse variance.",
        )
    elif planned.outcome.kind != found.data.kind:
        yield Misfit(
            "method",
            f"{words} needs {KINDS[found.data.kind].numbers}, and “{planned.outcome.name}” has "
            f"{KINDS[planned.outcome.kind].numbers}. Choose inverse variance.",
        )


def _check_names(planned: Planned) -> Iterator[Misfit]:
    """Subgroup, moderators and sensitivity analyses by names that mean something."""
    if planned.kind in (whole := {"network": "A network", OVER_TIME: "An analysis over time"}):
        for name, words in (
            ("subgroup", "subgroups"),
            ("moderators", "a meta-regression"),
            ("sensitivity", "sensitivity analyses"),
        ):
            if getattr(planned, name):
                said = f"{whole[planned.kind]} is pooled without {words}. Leave this empty."
                yield Misfit(name, said)
        return
    if planned.subgroup:
        yield from _check_key(
            "subgroup", planned.subgroup, planned.known, SUBGROUPS, SUBGROUP_KINDS
        )
    for key in planned.moderators:
        yield from _check_key("moderators", key, planned.known, MODERATORS, MODERATOR_KINDS)
    for name in planned.sensitivity:
        if name not in SENSITIVITY:
            yield from _check_set(name, planned.known)


def _check_set(code: str, known: Sequence[Characteristic]) -> Iterator[Misfit]:
    """A sensitivity analysis that is no name: a set of studies to leave out."""
    try:
        conditions = leaving_out.parsed(code)
    except Invalid as error:
        choices = ", ".join(SENSITIVITY)
        yield Misfit("sensitivity", f"{error.message} Or choose from {choices}.")
        return
    keys = {*leaving_out.ALWAYS, *(one.key for one in known)}
    for key in (one.key for one in conditions if one.what == "field" and one.key not in keys):
        yield Misfit(
            "sensitivity",
            f"No study is asked for “{key}”. Add the characteristic to the extraction form first.",
        )


def sensitivity_words(name: str, labels: Mapping[str, str] | None = None) -> str:
    """A planned sensitivity analysis in words. labels: characteristic or domain -> its name.

    >>> sensitivity_words("common"), sensitivity_words("size<50")
    ('Common-effect model', 'Without studies with fewer than 50 people')
    """
    if name in SENSITIVITY:
        return SENSITIVITY[name]
    try:
        return leaving_out.in_words(leaving_out.parsed(name), labels)
    except Invalid:  # written by another version
        return name.replace("_", " ")


def _check_key(
    where: str,
    key: str,
    known: Sequence[Characteristic],
    always: Mapping[str, str],
    kinds: frozenset[str],
) -> Iterator[Misfit]:
    if key in always:
        return
    usable = ", ".join([*always, *(c.key for c in known if c.kind in kinds)])
    found = next((c for c in known if c.key == key), None)
    if found is None:
        yield Misfit(
            where,
            f"No study is asked for “{key}”. Choose from: {usable}; or add the characteristic to "
            "the extraction form first.",
        )
    elif found.kind not in kinds and where == "moderators":
        yield Misfit(
            where,
            f"“{found.label}” is no number, and a meta-regression needs one. Choose from: "
            f"{usable}.",
        )
    elif found.kind not in kinds:
        yield Misfit(
            where,
            f"“{found.label}” is a {found.kind}, so that nearly every study would be a subgroup of "
            f"its own. Plan a meta-regression on it, or choose from: {usable}.",
        )
