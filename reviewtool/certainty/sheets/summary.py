"""The summary of findings: a row for each rated outcome, with lettered footnotes."""

import string
from dataclasses import dataclass, field

from sqlmodel import Session

from reviewtool.certainty import queries
from reviewtool.certainty.queries import Line
from reviewtool.certainty.rules.absolute import AbsoluteEffect, nnt_interval
from reviewtool.certainty.rules.evidence import Evidence
from reviewtool.certainty.rules.level import DOMAINS
from reviewtool.certainty.rules.statements import Direction, Size, effect_size_class, narrative
from reviewtool.certainty.sheets.treatments import AgainstReference, against_reference
from reviewtool.errors import Invalid
from reviewtool.protocol.models import PlannedComparison, PlannedOutcome
from reviewtool.synthesis.results import MapResult, NetworkResult
from reviewtool.synthesis.sheets import written
from reviewtool.synthesis.sheets.directions import ToldWords
from reviewtool.team.models import Member
from reviewtool.words import plural

MOST_OUTCOMES = 7  # what GRADE advises for one table


@dataclass
class Risk:
    """An assumed risk with what follows from it."""

    label: str
    risk: float
    source: str
    effect: AbsoluteEffect | None


@dataclass
class Row:
    """One outcome in the table."""

    line: Line
    evidence: Evidence
    letters: list[str]
    risks: list[Risk]
    statement: str

    @property
    def effect(self) -> str:
        """The effect as people read it."""
        return effect_of(self.line, self.evidence)

    @property
    def treatments(self) -> tuple[AgainstReference, ...]:
        """Of a network: every treatment against its reference, best first."""
        return against_reference(self.line)

    @property
    def number_needed(self) -> str:
        """The NNT of the main risk with its interval, "" when there is none."""
        if not self.risks or self.risks[0].effect is None:
            return ""
        return nnt_interval(self.risks[0].effect, harmful=self.line.outcome.lower_is_better)


@dataclass
class Findings:
    """The table of one comparison."""

    comparison: str
    rows: list[Row]

    @property
    def sets(self) -> list[tuple[str, list[Row]]]:
        """The rows by set, in the order of each one's first outcome; "" for those of none."""
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            found.setdefault(row.line.outcome.belongs_to, []).append(row)
        return list(found.items())

    @property
    def too_many(self) -> bool:
        """Whether the table has more outcomes than readers can use."""
        return len(self.rows) > MOST_OUTCOMES


@dataclass
class Summary:
    """All comparisons, the footnotes by letter, and outcomes nobody reports."""

    findings: list[Findings]
    footnotes: dict[str, str] = field(default_factory=dict)
    not_reported: list[PlannedOutcome] = field(default_factory=list)


def summary(db: Session, member: Member) -> Summary:
    """The whole summary of findings, as far as it is rated."""
    found = Summary([], not_reported=list(queries.outcomes_without_analysis(db, member)))
    letters: dict[str, str] = {}
    for line in queries.lines(db, member):
        if not found.findings or found.findings[-1].comparison != line.comparison.name:
            found.findings.append(Findings(line.comparison.name, []))
        found.findings[-1].rows.append(row(line, queries.evidence(db, line), letters))
    found.footnotes = {letter: text for text, letter in letters.items()}
    return found


def row(line: Line, evidence: Evidence, letters: dict[str, str]) -> Row:
    """One row; ``letters`` maps a footnote to its letter and grows with new ones."""
    own = []
    for key, domain in DOMAINS.items():
        step = line.steps.get(key)
        if step is None or not step.steps:
            continue
        text = f"{domain.label}, {_levels(step.steps, domain.up)}: {step.footnote}"
        own.append(letters.setdefault(text, _letter(len(letters))))
    return Row(line, evidence, own, risks(line, evidence), statement(line, evidence))


def _levels(steps: int, up: bool) -> str:
    return f"{'up' if up else 'down'} {steps} level{'s' if steps > 1 else ''}"


def _letter(place: int) -> str:
    """a to z, then aa, ab, ...

    >>> _letter(0), _letter(26)
    ('a', 'aa')
    """
    more, last = divmod(place, 26)
    return (_letter(more - 1) if more else "") + string.ascii_lowercase[last]


def risks(line: Line, evidence: Evidence) -> list[Risk]:
    """The main assumed risk first, then the further ones."""
    found = []
    if line.rating and line.rating.assumed_risk is not None:
        main = line.rating.assumed_risk
        found.append(Risk("", main, line.rating.assumed_risk_source, evidence.absolute(main)))
    for other in line.details.other_risks:
        found.append(Risk(other.label, other.risk, other.source, evidence.absolute(other.risk)))
    return found


def effect_of(line: Line, evidence: Evidence) -> str:
    """The effect with its interval on the scale people read, in the outcome's unit.

    What stands there instead of one, when there is none.
    """
    if line.run is not None and isinstance(line.run.result, NetworkResult):
        return f"Network of {len(line.run.result.treatments)} treatments"
    if evidence.is_map:
        return clusters_of(line)
    if evidence.natural is None:
        told = ToldWords.of(line.analysed, line.run) if line.analysed else None
        return f"Not pooled: {told.short}" if told else "Not pooled"
    text = written.effect(evidence.measure, *evidence.natural, evidence.level)
    return f"{text} {line.outcome.unit}" if has_unit(line, evidence) else text


def clusters_of(line: Line) -> str:
    """A brain map in a row: 14 experiments, 2 clusters: right insula; left thalamus.

    "Not mapped" before its first run.
    """
    result = line.run.result if line.run else None
    if not isinstance(result, MapResult):
        return "Not mapped"
    count = sum(len(side.experiments) for side in result.sides)
    found = plural(len(result.clusters), "cluster", "clusters")
    names = "; ".join(dict.fromkeys(one.peak.region for one in result.clusters))
    if not result.clusters:
        return f"{plural(count, 'experiment', 'experiments')}, no cluster stands"
    return f"{plural(count, 'experiment', 'experiments')}, {found}: {names}"


def together_of(line: Line) -> str:
    """The joint estimate at a time point as people read it, "" where there is none."""
    result = line.joint.result if line.joint else None
    if result is None or line.together is None:
        return ""
    return written.Written(result).effect(line.together)


def has_unit(line: Line, evidence: Evidence) -> bool:
    """Whether the effect is in the outcome's own unit, and that is known."""
    return evidence.measure.in_units and bool(line.outcome.unit)


def statement(line: Line, evidence: Evidence) -> str:
    """The sentence for the finding; "" until level and size are known.

    What a single group shows is no effect of an intervention, so it has none.
    """
    natural, of = evidence.natural, evidence.measure
    if line.level is None or natural is None or of.groups != 2:
        return ""
    effect = evidence.absolute(line.assumed_risk)
    diff = effect.diff if effect else natural[0] - (of.null or 0.0)
    details = line.details
    direction: Direction = "reduction" if diff < 0 else "increase"
    size: Size | str = details.size
    on_scale = effect is not None or not of.is_ratio
    if details.size_thresholds and on_scale:
        try:
            size = effect_size_class(diff, details.size_thresholds).size
        except Invalid:
            size = details.size
    if line.level.value != "Very low" and not size:
        return ""
    treatment = _intervention(line.comparison)
    return narrative(
        line.level,
        size or "trivial",  # type: ignore[arg-type]
        direction,
        treatment[:1].upper() + treatment[1:],
        _subject(line, evidence),
    )


def _subject(line: Line, evidence: Evidence) -> str:
    """What the intervention changes: the outcome, or how much people differ in it."""
    outcome = _inside(line.title)
    spread = "variable" in evidence.measure.directions[0]
    return f"the variability of {outcome}" if spread else outcome


def _intervention(comparison: PlannedComparison) -> str:
    """The experimental side in words: its treatments, or the name's first half when many."""
    first, versus, _ = comparison.name.partition(" versus ")
    if len(comparison.experimental) > 2 and versus:
        return first
    return " or ".join(comparison.experimental) or comparison.name


def _inside(name: str) -> str:
    """A name as it stands inside a sentence; abbreviations keep their capitals.

    >>> _inside("Pain at 12 weeks"), _inside("PHQ-9")
    ('pain at 12 weeks', 'PHQ-9')
    """
    return name[:1].lower() + name[1:] if name[1:2].islower() else name
