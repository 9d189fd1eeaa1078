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
from reviewtool.extraction.models import Study
from reviewtool.protocol.models import (
    PlannedAnalysis,
    PlannedComparison,
    PlannedOutcome,
)
from reviewtool.synthesis.models import Analysis, AnalysisRun, AnalysisState
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
    def numbers_stale(self) -> bool:
        """Whether the analysis itself waits to be run again."""
        return self.analysis is not None and self.analysis.state is AnalysisState.STALE

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
    """The body of evidence behind one line, as its newest run had it.

    A study's rows (one for each treatment, when treatments are subgroups) are put
    together again; its comparator group was divided among them, so sums count nobody
    twice. Judgements are the agreed ones of now.
    """
    result: dict[str, Any] = (line.run.result if line.run else None) or {}
    judgements = bias.overall_by_study(
        db, line.planned.review_id, line.outcome.id, line.planned.timepoint or None
    )
    rows: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in result.get("studies") or []:
        rows[row["study_id"]].append(row)
    labels = _labels(db, list(rows))
    studies = [
        _study(study_id, labels.get(study_id, own[0]["label"]), own, judgements.get(study_id, ""))
        for study_id, own in rows.items()
    ]
    groups = [row.get(side) or {} for own in rows.values() for row in own for side in SIDES]
    events = [group["events"] for group in groups if group.get("events") is not None]
    return Evidence(
        measure=line.planned.measure,
        studies=studies,
        pooled=_pooled(result, line.outcome.lower_is_better),
        participants=round(sum(study.participants for study in studies)),
        events=round(sum(events)) if events else None,
        minimal_important_difference=line.outcome.minimal_important_difference,
        sd=_pooled_sd(groups),
        unchanged_without_high=_unchanged(result),
    )


SIDES = ("group1", "group2")  # experimental, comparator


def _labels(db: Session, study_ids: list[int]) -> dict[int, str]:
    if not study_ids:
        return {}
    statement = select(Study.id, Study.label).where(col(Study.id).in_(study_ids))
    rows = db.exec(statement).all()
    return dict(rows)


def _study(study_id: int, label: str, rows: list[dict[str, Any]], judgement: str) -> StudyEvidence:
    comparators = [row.get("group2") or {} for row in rows]
    known = [g for g in comparators if g.get("events") is not None and g.get("total")]
    weights = [row["weight"] for row in rows if row.get("weight") is not None]
    return StudyEvidence(
        study_id=study_id,
        label=label,
        intervals=tuple(
            (row["ci_low"], row["ci_high"])
            for row in rows
            if row.get("ci_low") is not None and row.get("ci_high") is not None
        ),
        weight=sum(weights) if weights else None,
        judgement=judgement,
        participants=sum((row.get(side) or {}).get("total") or 0 for row in rows for side in SIDES),
        comparator_events=sum(g["events"] for g in known) if known else None,
        comparator_total=sum(g["total"] for g in known) if known else None,
    )


def _pooled(result: dict[str, Any], lower_is_better: bool) -> Pooled | None:
    numbers = result.get("pooled") or {}
    if any(numbers.get(key) is None for key in ("estimate", "ci_low", "ci_high")):
        return None
    asymmetry = result.get("asymmetry") or {}
    slope = asymmetry.get("slope")  # of the effect on its standard error
    return Pooled(
        k=int(numbers.get("k") or 0),
        estimate=numbers["estimate"],
        ci_low=numbers["ci_low"],
        ci_high=numbers["ci_high"],
        pi_low=numbers.get("pi_low"),
        pi_high=numbers.get("pi_high"),
        i2=numbers.get("i2"),
        asymmetry_p=asymmetry.get("p"),
        small_studies_favour_intervention=None if slope is None else (slope < 0) == lower_is_better,
    )


def _unchanged(result: dict[str, Any]) -> bool | None:
    """Whether leaving out studies at high risk changes neither direction nor certainty of sign."""
    without = (result.get("sensitivity") or {}).get("exclude_high_risk") or {}
    if without.get("estimate") is None or not result.get("pooled"):
        return None

    def conclusion(numbers: dict[str, Any]) -> tuple[bool, bool]:
        return numbers["estimate"] > 0, numbers["ci_low"] <= 0 <= numbers["ci_high"]

    return conclusion(without) == conclusion(result["pooled"])


def _pooled_sd(groups: Iterable[dict[str, Any]]) -> float | None:
    """Standard deviation pooled over groups, for the optimal information size."""
    known = [(g["sd"], g["total"]) for g in groups if g.get("sd") and (g.get("total") or 0) > 1]
    degrees = sum(total - 1 for _, total in known)
    if not degrees:
        return None
    return float((sum((total - 1) * sd**2 for sd, total in known) / degrees) ** 0.5)
