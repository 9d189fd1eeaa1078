"""Reading pooled results and their ratings."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, select

from reviewtool.bias import queries as bias
from reviewtool.certainty.models import Rating, Step
from reviewtool.certainty.rules.details import Details
from reviewtool.certainty.rules.evidence import Evidence, Pooled, StudyEvidence
from reviewtool.certainty.rules.level import Level
from reviewtool.errors import NotFound
from reviewtool.extraction.models import Arm, Result, Study
from reviewtool.protocol.models import (
    PlannedAnalysis,
    PlannedComparison,
    PlannedOutcome,
)
from reviewtool.synthesis.models import Analysis, AnalysisRun
from reviewtool.team.models import Member


@dataclass
class Line:
    """One planned analysis with what became of it and its rating, if any."""

    planned: PlannedAnalysis
    outcome: PlannedOutcome
    comparison: PlannedComparison
    analysis: Analysis | None = None
    run: AnalysisRun | None = None
    rating: Rating | None = None
    steps: dict[str, Step] = field(default_factory=dict)

    @property
    def rated(self) -> bool:
        """Whether a level has been stored."""
        return bool(self.rating and self.rating.certainty)

    @property
    def level(self) -> Level | None:
        """The stored level."""
        return Level(self.rating.certainty) if self.rating and self.rating.certainty else None

    @property
    def stale(self) -> bool:
        """Whether the analysis has run again since the rating."""
        return bool(self.rated and self.rating and self.run and self.rating.run_id != self.run.id)

    @property
    def details(self) -> Details:
        """What a person told the suggestions."""
        return Details.model_validate(self.rating.details if self.rating else {})

    @property
    def assumed_risk(self) -> float | None:
        """The stored assumed risk, a proportion."""
        return self.rating.assumed_risk if self.rating else None

    @property
    def title(self) -> str:
        """The outcome with its time point."""
        return ", ".join(part for part in (self.outcome.name, self.planned.timepoint) if part)


def _select() -> Any:
    many: Any = select  # sqlmodel types no more than four entities
    return (
        many(PlannedAnalysis, PlannedOutcome, PlannedComparison, Analysis, AnalysisRun, Rating)
        .join(PlannedOutcome, col(PlannedOutcome.id) == PlannedAnalysis.outcome_id)
        .join(PlannedComparison, col(PlannedComparison.id) == PlannedAnalysis.comparison_id)
        .join(Analysis, col(Analysis.planned_id) == PlannedAnalysis.id, isouter=True)
        .join(AnalysisRun, col(AnalysisRun.id) == Analysis.current_run_id, isouter=True)
        .join(Rating, col(Rating.analysis_id) == Analysis.id, isouter=True)
        .where(col(PlannedAnalysis.removed_at).is_(None))
        .order_by(
            col(PlannedComparison.position),
            col(PlannedComparison.id),
            col(PlannedOutcome.position),
            col(PlannedAnalysis.position),
            col(PlannedAnalysis.id),
        )
    )


def lines(db: Session, member: Member) -> list[Line]:
    """Every planned analysis, by comparison and outcome."""
    rows = db.exec(_select().where(PlannedAnalysis.review_id == member.review_id)).all()
    steps = _steps(db, [row[5].id for row in rows if row[5] is not None])
    return [_line(row, steps) for row in rows]


def _line(row: Any, steps: dict[int, dict[str, Step]]) -> Line:
    planned, outcome, comparison, analysis, run, rating = row
    own = steps.get(rating.id, {}) if rating else {}
    return Line(planned, outcome, comparison, analysis, run, rating, own)


def line(db: Session, member: Member, analysis_id: int) -> Line:
    """One analysis. Raises NotFound."""
    row = db.exec(
        _select().where(
            PlannedAnalysis.review_id == member.review_id, col(Analysis.id) == analysis_id
        )
    ).one_or_none()
    if row is None:
        raise NotFound()
    return _line(row, _steps(db, [row[5].id]) if row[5] else {})


def _steps(db: Session, ratings: Sequence[int]) -> dict[int, dict[str, Step]]:
    found: dict[int, dict[str, Step]] = defaultdict(dict)
    if ratings:
        statement = select(Step).where(col(Step.rating_id).in_(ratings)).order_by(col(Step.id))
        for step in db.exec(statement).all():
            found[step.rating_id][step.domain] = step
    return found


def outcomes_without_analysis(db: Session, member: Member) -> Sequence[PlannedOutcome]:
    """Planned outcomes that no analysis is planned for: shown as not reported."""
    used = select(PlannedAnalysis.outcome_id).where(
        PlannedAnalysis.review_id == member.review_id, col(PlannedAnalysis.removed_at).is_(None)
    )
    return db.exec(
        select(PlannedOutcome)
        .where(
            PlannedOutcome.review_id == member.review_id,
            col(PlannedOutcome.removed_at).is_(None),
            col(PlannedOutcome.id).not_in(used),
        )
        .order_by(col(PlannedOutcome.position), col(PlannedOutcome.id))
    ).all()


def evidence(db: Session, line: Line) -> Evidence:
    """The body of evidence behind one line.

    Numbers of participants, events and comparator risks come from the agreed extraction,
    pooled numbers and weights from the newest run, judgements from the agreed assessments.
    """
    result: dict[str, Any] = (line.run.result if line.run else None) or {}
    in_run = {s["study_id"]: s for s in result.get("studies") or [] if s.get("study_id")}
    groups = _groups(db, line, in_run)
    judgements = bias.overall_by_study(
        db, line.planned.review_id, line.outcome.id, line.planned.timepoint or None
    )
    studies = [
        _study(study_id, label, arms, in_run.get(study_id, {}), judgements.get(study_id, ""))
        for (study_id, label), arms in groups.items()
    ]
    every = [row for arms in groups.values() for side in arms.values() for row in side]
    events = [row.events for row in every]
    return Evidence(
        measure=line.planned.measure,
        studies=studies,
        pooled=_pooled(result),
        participants=round(sum(row.total or 0 for row in every)),
        events=round(sum(e for e in events if e is not None))
        if any(e is not None for e in events)
        else None,
        minimal_important_difference=line.outcome.minimal_important_difference,
        sd=_pooled_sd(every),
    )


Groups = dict[tuple[int, str], dict[str, list[Result]]]


def _groups(db: Session, line: Line, in_run: dict[int, Any]) -> Groups:
    """(study, label) -> its experimental and comparator rows of this outcome."""
    sides = {
        **{_plain(name): "experimental" for name in line.comparison.experimental},
        **{_plain(name): "comparator" for name in line.comparison.comparator},
    }
    rows = db.exec(
        select(Result, Arm, Study)
        .join(Arm, col(Arm.id) == Result.arm_id)
        .join(Study, col(Study.id) == Result.study_id)
        .where(
            Result.review_id == line.planned.review_id,
            Result.outcome_id == line.outcome.id,
            col(Study.removed_at).is_(None),
            col(Result.reference_arm_id).is_(None),
        )
        .order_by(col(Study.label), col(Study.id), col(Result.timepoint), col(Arm.number))
    ).all()
    first: dict[int, str] = {}
    for row, _, study in rows:
        if not line.planned.timepoint:
            first.setdefault(study.id, row.timepoint)
        elif row.timepoint == line.planned.timepoint:
            first[study.id] = row.timepoint
    found: Groups = defaultdict(lambda: {"experimental": [], "comparator": []})
    for row, arm, study in rows:
        side, wanted = sides.get(_plain(arm.treatment)), not in_run or study.id in in_run
        if side and wanted and first.get(study.id) == row.timepoint:
            found[study.id, study.label][side].append(row)
    return {key: arms for key, arms in found.items() if arms["experimental"] and arms["comparator"]}


def _plain(name: str) -> str:
    return name.strip().casefold()


def _study(
    study_id: int, label: str, arms: dict[str, list[Result]], ran: dict[str, Any], judgement: str
) -> StudyEvidence:
    comparator = arms["comparator"]
    known = [row for row in comparator if row.events is not None and row.total]
    return StudyEvidence(
        study_id=study_id,
        label=label,
        ci_low=ran.get("ci_low"),
        ci_high=ran.get("ci_high"),
        weight=ran.get("weight"),
        judgement=judgement,
        participants=sum(row.total or 0 for side in arms.values() for row in side),
        comparator_events=sum(row.events or 0 for row in known) if known else None,
        comparator_total=sum(row.total or 0 for row in known) if known else None,
    )


def _pooled(result: dict[str, Any]) -> Pooled | None:
    numbers = result.get("pooled") or result
    if any(numbers.get(key) is None for key in ("estimate", "ci_low", "ci_high")):
        return None
    asymmetry = result.get("asymmetry") or {}
    return Pooled(
        k=int(numbers.get("k") or 0),
        estimate=numbers["estimate"],
        ci_low=numbers["ci_low"],
        ci_high=numbers["ci_high"],
        pi_low=numbers.get("pi_low"),
        pi_high=numbers.get("pi_high"),
        i2=numbers.get("i2"),
        asymmetry_p=asymmetry.get("p"),
        small_studies_favour_intervention=asymmetry.get("small_studies_favour_intervention"),
    )


def _pooled_sd(rows: Iterable[Result]) -> float | None:
    """Standard deviation pooled over groups, for the optimal information size."""
    known = [(row.sd, row.total) for row in rows if row.sd and row.total and row.total > 1]
    degrees = sum(total - 1 for _, total in known)
    if not degrees:
        return None
    return float((sum((total - 1) * sd**2 for sd, total in known) / degrees) ** 0.5)
