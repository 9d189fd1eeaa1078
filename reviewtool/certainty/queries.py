"""Reading pooled results and their ratings."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlmodel import Session, col, or_, select

from reviewtool.bias import queries as bias
from reviewtool.certainty.models import Rating, Step
from reviewtool.certainty.rules.details import Details
from reviewtool.certainty.rules.evidence import Evidence, Pooled, StudyEvidence
from reviewtool.certainty.rules.level import Level
from reviewtool.errors import NotFound
from reviewtool.extraction.models import Study
from reviewtool.protocol.models import (
    OutcomeKind,
    PlannedAnalysis,
    PlannedComparison,
    PlannedOutcome,
)
from reviewtool.protocol.rules.brains import COORDINATES
from reviewtool.protocol.rules.joint import OVER_TIME
from reviewtool.stats.measures import measure
from reviewtool.synthesis.models import Analysis, AnalysisRun, AnalysisState
from reviewtool.synthesis.queries import Line as Analysed
from reviewtool.synthesis.queries import judgements_now
from reviewtool.synthesis.results import (
    Effect,
    MapResult,
    NarrativeResult,
    OverTimeResult,
    PairwiseResult,
    StudyEffect,
    Told,
)
from reviewtool.synthesis.results.over_time import TimeEffect
from reviewtool.synthesis.rules.selection import Group
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
    joint: AnalysisRun | None = None  # of all time points of the outcome together

    @property
    def together(self) -> TimeEffect | None:
        """The joint estimate at this time point, where it can stand for the one alone."""
        result = self.joint.result if self.joint else None
        alone = self.run.result if self.run else None
        if not isinstance(result, OverTimeResult) or not isinstance(alone, PairwiseResult):
            return None
        alike = (result.measure, result.level) == (alone.measure, alone.level)
        return result.at(self.planned.timepoint) if alike else None

    @property
    def rates_together(self) -> bool:
        """Whether the joint estimate is the one that is rated."""
        return self.details.estimate == "together" and self.together is not None

    @property
    def analysed(self) -> Analysed | None:
        """The line as the synthesis knows it."""
        if self.analysis is None:
            return None
        return Analysed(self.analysis, self.planned, self.outcome, self.comparison, self.run)

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
        """Whether the analysis that is rated has run again since the rating."""
        if not (self.rated and self.rating and self.run):
            return False
        if self.details.estimate == "together":
            rated = self.details.joint_run
            if not self.rates_together or self.joint is None or self.joint.id != rated:
                return True
        return self.rating.run_id != self.run.id

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
        combine = (self.planned.map or {}).get("combine", "")
        parts = (self.outcome.name, self.planned.timepoint, combine)
        return ", ".join(part for part in parts if part)


def _select() -> Any:
    many: Any = select  # sqlmodel types no more than four entities
    return (
        many(PlannedAnalysis, PlannedOutcome, PlannedComparison, Analysis, AnalysisRun, Rating)
        .join(PlannedOutcome, col(PlannedOutcome.id) == PlannedAnalysis.outcome_id)
        .join(PlannedComparison, col(PlannedComparison.id) == PlannedAnalysis.comparison_id)
        .join(Analysis, col(Analysis.planned_id) == PlannedAnalysis.id, isouter=True)
        .join(AnalysisRun, col(AnalysisRun.id) == Analysis.current_run_id, isouter=True)
        .join(Rating, col(Rating.analysis_id) == Analysis.id, isouter=True)
        .where(
            col(PlannedAnalysis.removed_at).is_(None),
            # Of time points each is rated by itself; a narrative of foci has nothing to rate.
            PlannedAnalysis.kind != OVER_TIME,
            or_(
                col(PlannedOutcome.kind) != OutcomeKind.COORDINATES,
                col(PlannedAnalysis.kind) == COORDINATES,
            ),
        )
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
    joint = _joint_runs(db, member)
    return [_line(row, steps, joint) for row in rows]


def _joint_runs(db: Session, member: Member) -> dict[tuple[int, int], AnalysisRun]:
    """Outcome and comparison -> the newest run of their time points together."""
    rows = db.exec(
        select(PlannedAnalysis, AnalysisRun)
        .join(Analysis, col(Analysis.planned_id) == PlannedAnalysis.id)
        .join(AnalysisRun, col(AnalysisRun.id) == Analysis.current_run_id)
        .where(
            PlannedAnalysis.review_id == member.review_id,
            col(PlannedAnalysis.removed_at).is_(None),
            PlannedAnalysis.kind == OVER_TIME,
        )
        .order_by(col(PlannedAnalysis.position).desc(), col(PlannedAnalysis.id).desc())
    ).all()
    return {(planned.outcome_id, planned.comparison_id): run for planned, run in rows}


def _line(
    row: Any,
    steps: dict[int, dict[str, Step]],
    joint: Mapping[tuple[int, int], AnalysisRun],
) -> Line:
    planned, outcome, comparison, analysis, run, rating = row
    own = steps.get(rating.id, {}) if rating else {}
    together = joint.get((outcome.id, comparison.id)) if planned.timepoint else None
    return Line(planned, outcome, comparison, analysis, run, rating, own, together)


def line(db: Session, member: Member, analysis_id: int) -> Line:
    """One analysis. Raises NotFound."""
    row = db.exec(
        _select().where(
            PlannedAnalysis.review_id == member.review_id, col(Analysis.id) == analysis_id
        )
    ).one_or_none()
    if row is None:
        raise NotFound()
    return _line(row, _steps(db, [row[5].id]) if row[5] else {}, _joint_runs(db, member))


def _steps(db: Session, ratings: Sequence[int]) -> dict[int, dict[str, Step]]:
    found: dict[int, dict[str, Step]] = defaultdict(dict)
    if ratings:
        statement = select(Step).where(col(Step.rating_id).in_(ratings)).order_by(col(Step.id))
        for step in db.exec(statement).all():
            found[step.rating_id][step.domain] = step
    return found


def rating_of(db: Session, analysis: Analysis) -> Rating | None:
    """The rating of an analysis, as it stands now."""
    return db.exec(select(Rating).where(Rating.analysis_id == analysis.id)).one_or_none()


def steps_of(db: Session, rating: Rating) -> dict[str, Step]:
    """The steps of a rating by domain, as they stand now."""
    statement = select(Step).where(Step.rating_id == rating.id).order_by(col(Step.id))
    fresh = statement.execution_options(populate_existing=True)
    return {step.domain: step for step in db.exec(fresh)}


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
    twice. Judgements are the agreed ones of now. A network has no pooled effect to rate.
    """
    result = line.run.result if line.run else None
    left_out = tuple(one for one in result.left_out if one.stage == "numbers") if result else ()
    if line.planned.kind == COORDINATES:
        return _of_map(db, line, result if isinstance(result, MapResult) else None)
    if isinstance(result, NarrativeResult):
        return _told(db, line, result)
    if not isinstance(result, PairwiseResult):
        return Evidence(
            measure=measure(result.measure if result else line.planned.measure),
            level=result.level if result else line.planned.level,
            left_out=left_out,
            minimal_important_difference=line.outcome.minimal_important_difference,
        )
    judgements = judgements_now(db, analysed) if (analysed := line.analysed) else {}
    rows: dict[int, list[StudyEffect]] = defaultdict(list)
    for row in result.studies:
        rows[row.study_id].append(row)
    labels = _labels(db, list(rows))
    groups = [group for row in result.studies for group in (row.group1, row.group2)]
    return Evidence(
        measure=result.effect_measure,
        level=result.level,
        size=result.size,
        studies=[
            _study(study_id, labels.get(study_id, own[0].label), own, judgements.get(study_id, ""))
            for study_id, own in rows.items()
        ],
        pooled=_rated(line, result),
        left_out=left_out,
        minimal_important_difference=line.outcome.minimal_important_difference,
        sd=_pooled_sd(groups),
        unchanged_without_high=_unchanged(result),
    )


def _of_map(db: Session, line: Line, result: MapResult | None) -> Evidence:
    """Studies of a brain map: the people of their largest experiment, and no effect."""
    people: dict[int, float] = {}
    for side in result.sides if result else ():
        for one in side.experiments:
            people[one.study_id] = max(people.get(one.study_id, 0.0), float(one.n))
    labels = _labels(db, list(people))
    judged = bias.overall_by_study(db, line.planned.review_id, line.outcome.id, None)
    return Evidence(
        measure=measure("GEN"),  # which has no words of its own
        studies=[
            StudyEvidence(
                study_id, labels[study_id], judgement=judged.get(study_id, ""), participants=n
            )
            for study_id, n in people.items()
        ],
        left_out=tuple(x for x in result.left_out if x.stage == "numbers") if result else (),
        is_map=True,
    )


def _told(db: Session, line: Line, result: NarrativeResult) -> Evidence:
    """Studies that are not pooled: their people, events and judgements, and no effect."""
    judgements = judgements_now(db, analysed) if (analysed := line.analysed) else {}
    rows: dict[int, list[Told]] = defaultdict(list)
    for row in result.directions.rows:
        rows[row.study_id].append(row)
    labels = _labels(db, list(rows))
    studies = [
        _study(study_id, labels.get(study_id, own[0].label), own, judgements.get(study_id, ""))
        for study_id, own in rows.items()
    ]
    return Evidence(
        measure=result.effect_measure,
        level=result.level,
        studies=[replace(one, participants=_people(rows[one.study_id])) for one in studies],
        minimal_important_difference=line.outcome.minimal_important_difference,
    )


def _people(rows: Sequence[Told]) -> float | None:
    known = [count for row in rows for count in row.people if count is not None]
    return sum(known) if known else None


def _labels(db: Session, study_ids: list[int]) -> dict[int, str]:
    if not study_ids:
        return {}
    statement = select(Study.id, Study.label).where(col(Study.id).in_(study_ids))
    rows = db.exec(statement).all()
    return dict(rows)


def _study(
    study_id: int, label: str, rows: Sequence[StudyEffect | Told], judgement: str
) -> StudyEvidence:
    known = [
        (row.group2.events, row.group2.total)
        for row in rows
        if row.group2.events is not None and row.group2.total
    ]
    groups = [group for row in rows for group in (row.group1, row.group2)]
    totals = [group.total for group in groups if group.total is not None]
    events = [group.events for group in groups if group.events is not None]
    weights = [w for row in rows if (w := getattr(row, "weight", None)) is not None]
    return StudyEvidence(
        study_id=study_id,
        label=label,
        intervals=tuple(
            (row.ci_low, row.ci_high)
            for row in rows
            if row.ci_low is not None and row.ci_high is not None
        ),
        weight=sum(weights) if weights else None,
        judgement=judgement,
        participants=sum(totals) if totals else None,
        events=sum(events) if events else None,
        comparator_events=sum(events for events, _ in known) if known else None,
        comparator_total=sum(total for _, total in known) if known else None,
    )


def _rated(line: Line, result: PairwiseResult) -> Pooled | None:
    """The pooled effect that is rated. The joint one has no prediction interval of its own."""
    alone, joint = _pooled(result, line.outcome.lower_is_better), line.together
    if alone is None or joint is None or not line.rates_together:
        return alone
    if joint.estimate is None or joint.ci_low is None or joint.ci_high is None:
        return alone
    return replace(
        alone,
        k=joint.k,
        estimate=joint.estimate,
        ci_low=joint.ci_low,
        ci_high=joint.ci_high,
        pi_low=None,
        pi_high=None,
    )


def _pooled(result: PairwiseResult, lower_is_better: bool) -> Pooled | None:
    found, asymmetry = result.pooled, result.asymmetry
    if found.estimate is None or found.ci_low is None or found.ci_high is None:
        return None
    slope = asymmetry.slope if asymmetry else None  # of the effect on its standard error
    return Pooled(
        k=found.k,
        estimate=found.estimate,
        ci_low=found.ci_low,
        ci_high=found.ci_high,
        pi_low=found.pi_low,
        pi_high=found.pi_high,
        i2=found.i2,
        asymmetry_p=asymmetry.p if asymmetry else None,
        small_studies_favour_intervention=None
        if slope is None or result.effect_measure.null is None
        else (slope < 0) == lower_is_better,
    )


def _unchanged(result: PairwiseResult) -> bool | None:
    """Whether leaving out studies at high risk changes neither direction nor certainty of sign."""
    further = result.sensitivity.exclude_high_risk
    if further is None or further.pooled is None or result.effect_measure.null is None:
        return None
    before, after = _conclusion(result.pooled), _conclusion(further.pooled)
    return None if before is None or after is None else before == after


def _conclusion(found: Effect) -> tuple[bool, bool] | None:
    """(whether the effect is above no effect, whether its interval includes that)."""
    if found.estimate is None or found.ci_low is None or found.ci_high is None:
        return None
    return found.estimate > 0, found.ci_low <= 0 <= found.ci_high


def _pooled_sd(groups: Iterable[Group]) -> float | None:
    """Standard deviation pooled over groups, for the optimal information size."""
    known = [(g.sd, g.total) for g in groups if g.sd and g.total and g.total > 1]
    degrees = sum(total - 1 for _, total in known)
    if not degrees:
        return None
    return float((sum((total - 1) * sd**2 for sd, total in known) / degrees) ** 0.5)
