"""Reading analyses and what goes into them."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy.orm import aliased, defer
from sqlmodel import Session, col, func, select

from reviewtool.bias import queries as bias
from reviewtool.errors import NotFound
from reviewtool.extraction.models import (
    Arm,
    CopyKind,
    CopyState,
    Entry,
    Extraction,
    Result,
    Study,
)
from reviewtool.protocol.models import PlannedAnalysis, PlannedComparison, PlannedOutcome
from reviewtool.synthesis.models import Analysis, AnalysisRun
from reviewtool.synthesis.results import PairwiseResult
from reviewtool.synthesis.rules.importance import Importance, importance
from reviewtool.synthesis.rules.network import arms_of
from reviewtool.synthesis.rules.pairwise import Inputs, Settings
from reviewtool.synthesis.rules.selection import ArmNumbers, LeftOut, Row
from reviewtool.synthesis.rules.selection import select as choose
from reviewtool.team.models import Member

INPUTS, SETTINGS = TypeAdapter(Inputs), TypeAdapter(Settings)
INPUTS_COLUMN: Any = AnalysisRun.inputs
# What a result holds of a group or a comparison.
NUMBERS = (
    "events",
    "total",
    "mean",
    "sd",
    "time",
    "mean_before",
    "sd_before",
    "correlation",
    "estimate",
    "se",
)


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


def runs(db: Session, analysis: Analysis) -> Sequence[AnalysisRun]:
    """Every run, newest first."""
    return db.exec(
        select(AnalysisRun)
        .where(AnalysisRun.analysis_id == analysis.id)
        .order_by(col(AnalysisRun.id).desc())
        .options(defer(INPUTS_COLUMN))
    ).all()


def run(db: Session, analysis: Analysis, run_id: int) -> AnalysisRun:
    """One run of an analysis. Raises NotFound."""
    found = db.get(AnalysisRun, run_id)
    if found is None or found.analysis_id != analysis.id:
        raise NotFound()
    return found


def studies_open(db: Session, review_id: int) -> tuple[int, int]:
    """(studies without an agreed extraction, studies)."""
    total = db.exec(
        select(func.count(col(Study.id))).where(
            Study.review_id == review_id, col(Study.removed_at).is_(None)
        )
    ).one()
    agreed = db.exec(
        select(func.count(col(Extraction.id)))
        .join(Study, col(Study.id) == Extraction.study_id)
        .where(
            Extraction.review_id == review_id,
            Extraction.kind == CopyKind.CONSENSUS,
            Extraction.state == CopyState.DONE,
            col(Study.removed_at).is_(None),
        )
    ).one()
    return total - agreed, total


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
    )


def numbers(db: Session, outcome: PlannedOutcome) -> list[ArmNumbers]:
    """The agreed numbers of every arm for an outcome."""
    reference = aliased(Arm)
    rows = db.exec(
        select(Result, Arm, Study, col(reference.treatment))
        .join(Arm, col(Arm.id) == Result.arm_id)
        .join(Study, col(Study.id) == Result.study_id)
        .outerjoin(reference, col(reference.id) == Result.reference_arm_id)
        .where(
            Result.review_id == outcome.review_id,
            Result.outcome_id == outcome.id,
            col(Study.removed_at).is_(None),
        )
        .order_by(col(Study.id), col(Arm.number), col(Result.id))
    ).all()
    return [
        ArmNumbers(
            study_id=study.id,
            study=study.label,
            year=study.year,
            arm=arm.number,
            treatment=arm.treatment,
            timepoint=result.timepoint,
            **{name: getattr(result, name, None) for name in NUMBERS},
            reference=other or "",
            estimate_measure=outcome.measure if result.estimate is not None else "",
        )
        for result, arm, study, other in rows
    ]


def unreported(db: Session, outcome: PlannedOutcome, given: Iterable[int]) -> list[LeftOut]:
    """Studies with an agreed extraction but without any result for an outcome.

    given: ids of the studies that have one.
    """
    rows = db.exec(
        select(Study)
        .join(Extraction, col(Extraction.study_id) == Study.id)
        .where(
            Study.review_id == outcome.review_id,
            col(Study.removed_at).is_(None),
            Extraction.kind == CopyKind.CONSENSUS,
            Extraction.state == CopyState.DONE,
            col(Study.id).not_in(list(given)),
        )
        .order_by(col(Study.id))
    ).all()
    return [
        LeftOut(
            study.id, study.label, f"no result for “{outcome.name}” was extracted", "unreported"
        )
        for study in rows
    ]


def inputs(db: Session, one: Line) -> Inputs:
    """What a run of this analysis would go by now."""
    planned, settings = one.planned, settings_of(one.planned)
    preferred = [planned.timepoint] if planned.timepoint else [*(one.outcome.timepoints or []), ""]
    found = numbers(db, one.outcome)
    silent = unreported(db, one.outcome, {number.study_id for number in found})
    if planned.kind == "network":
        treatments = [*one.comparison.experimental, *one.comparison.comparator]
        chosen = arms_of(found, treatments, preferred)
        return Inputs(
            (),
            arms=chosen.arms,
            left_out=(*chosen.left_out, *silent),
            lower_is_better=one.outcome.lower_is_better,
        )
    selected = choose(
        found,
        one.comparison.experimental,
        one.comparison.comparator,
        preferred,
        by_treatment=planned.subgroup == "treatment",
        groups=settings.effect_measure.groups,
    )
    judgements = bias.overall_by_study(
        db, planned.review_id, planned.outcome_id, planned.timepoint or None
    )
    facts = characteristics(db, planned.review_id)
    rows = tuple(_in_subgroup(row, planned.subgroup, judgements, facts) for row in selected.rows)
    moderators = {
        row.study_id: values
        for row in rows
        if (values := _moderators(row, planned.moderators or [], facts))
    }
    used = {row.study_id for row in rows}
    return Inputs(
        rows,
        selected.notes,
        moderators,
        {k: v for k, v in judgements.items() if k in used},
        left_out=(*selected.left_out, *silent),
    )


def characteristics(db: Session, review_id: int) -> dict[int, dict[str, str]]:
    """Study id -> key -> agreed value."""
    result: dict[int, dict[str, str]] = defaultdict(dict)
    rows = db.exec(
        select(Extraction.study_id, Entry.path, Entry.value)
        .join(Entry, col(Entry.extraction_id) == Extraction.id)
        .where(
            Extraction.review_id == review_id,
            Extraction.kind == CopyKind.CONSENSUS,
            Extraction.state == CopyState.DONE,
            col(Entry.path).startswith("study."),
        )
        .order_by(col(Entry.id))
    ).all()
    for study_id, path, value in rows:
        if value:
            result[study_id][path.removeprefix("study.")] = value
    return result


def _in_subgroup(
    row: Row, by: str, judgements: dict[int, str], facts: dict[int, dict[str, str]]
) -> Row:
    if not by:
        return row
    if by == "treatment":
        return replace(row, subgroup=row.treatment)
    if by == "bias":
        return replace(row, subgroup=judgements.get(row.study_id, "Not judged"))
    return replace(row, subgroup=facts.get(row.study_id, {}).get(by, "Not reported"))


def _moderators(
    row: Row, keys: Sequence[str], facts: dict[int, dict[str, str]]
) -> dict[str, float]:
    values: dict[str, float] = {}
    for key in keys:
        text = str(row.year or "") if key == "year" else facts.get(row.study_id, {}).get(key, "")
        try:
            values[key] = float(text)
        except ValueError:
            continue
    return values


def inputs_hash(found: Inputs, settings: Settings) -> str:
    """SHA-256 of what goes in and how it is treated: equal hashes, equal numbers."""
    content = {
        "inputs": INPUTS.dump_python(found, mode="json"),
        "settings": SETTINGS.dump_python(settings, mode="json"),
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
