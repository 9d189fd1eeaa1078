"""Analyses with their plans and newest runs: the lines of the page of results."""

from dataclasses import dataclass

from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from reviewtool.errors import NotFound
from reviewtool.protocol.models import PlannedAnalysis, PlannedComparison, PlannedOutcome
from reviewtool.protocol.rules import joint, maps, networks
from reviewtool.protocol.rules.brains import COORDINATES
from reviewtool.protocol.rules.joint import OVER_TIME
from reviewtool.synthesis.models import Analysis, AnalysisRun
from reviewtool.synthesis.queries.runs import INPUTS_COLUMN
from reviewtool.synthesis.results import PairwiseResult
from reviewtool.synthesis.rules.importance import Importance, importance
from reviewtool.synthesis.rules.pairwise import Settings
from reviewtool.team.models import Member


@dataclass(frozen=True)
class Line:
    """An analysis with its plan and its newest run."""

    analysis: Analysis
    planned: PlannedAnalysis
    outcome: PlannedOutcome
    comparison: PlannedComparison
    run: AnalysisRun | None

    @property
    def title(self) -> str:
        """Outcome, time point and comparison in words."""
        where = f", {self.planned.timepoint}" if self.planned.timepoint else ""
        if self.planned.kind == COORDINATES and (two := (self.planned.map or {}).get("combine")):
            where = f", {two}"
        if self.planned.kind == OVER_TIME:
            where = ", over time"
        return f"{self.outcome.name}{where}: {self.comparison.name}"

    @property
    def favours(self) -> tuple[str, str]:
        """Words for the left and the right of the null line."""
        name = self.comparison.experimental[0] if len(self.comparison.experimental) == 1 else ""
        experimental = f"favours {name or 'experimental'}"
        second = self.comparison.comparator[0] if len(self.comparison.comparator) == 1 else ""
        control = f"favours {second or 'comparator'}"
        return (experimental, control) if self.outcome.lower_is_better else (control, experimental)

    @property
    def importance(self) -> Importance | None:
        """How the pooled effect stands to the minimal important difference, where it can."""
        result = self.run.result if self.run else None
        if not isinstance(result, PairwiseResult):
            return None
        shown = result.shown(result.pooled)
        return importance(
            result.effect_measure,
            (shown.estimate, shown.ci_low, shown.ci_high),
            self.outcome.minimal_important_difference,
            lower_is_better=self.outcome.lower_is_better,
            unit=self.outcome.unit,
        )


def lines(db: Session, review_id: int, analysis_id: int | None = None) -> list[Line]:
    """Every analysis of a review (or one of them), planned first, in the protocol's order."""
    query = (
        select(  # type: ignore[call-overload]
            Analysis, PlannedAnalysis, PlannedOutcome, PlannedComparison, AnalysisRun
        )
        .join(PlannedAnalysis, col(PlannedAnalysis.id) == Analysis.planned_id)
        .join(PlannedOutcome, col(PlannedOutcome.id) == PlannedAnalysis.outcome_id)
        .join(PlannedComparison, col(PlannedComparison.id) == PlannedAnalysis.comparison_id)
        .outerjoin(AnalysisRun, col(AnalysisRun.id) == Analysis.current_run_id)
        .where(Analysis.review_id == review_id, col(PlannedAnalysis.removed_at).is_(None))
        .order_by(
            col(PlannedAnalysis.post_hoc), col(PlannedAnalysis.position), col(PlannedAnalysis.id)
        )
        .options(defer(INPUTS_COLUMN))  # large, and only scripts read it
    )
    if analysis_id is not None:
        query = query.where(Analysis.id == analysis_id)
    return [Line(*row) for row in db.exec(query).all()]


def line(db: Session, member: Member, analysis_id: int) -> Line:
    """One analysis of the member's review. Raises NotFound."""
    found = lines(db, member.review_id, analysis_id)
    if not found:
        raise NotFound()
    return found[0]


def settings_of(planned: PlannedAnalysis) -> Settings:
    """A plan as the rules want it."""
    return Settings(
        measure=planned.measure,
        model=planned.model,
        method=planned.method,
        test=planned.test,
        level=planned.level,
        subgroup=planned.subgroup,
        moderators=tuple(planned.moderators or ()),
        sensitivity=tuple(planned.sensitivity or ()),
        kind=planned.kind,
        map=maps.choices_of(planned.map) if planned.kind == COORDINATES else None,
        joint=joint.choices_of(planned.joint) if planned.kind == OVER_TIME else None,
        network=networks.choices_of(planned.network) if planned.network else None,
    )
