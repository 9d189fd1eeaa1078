"""Outcomes that the protocol marks as harms, counted over the agreed studies."""

from collections import defaultdict
from dataclasses import dataclass

from sqlmodel import Session, col, select

from reviewtool.protocol import queries as protocol
from reviewtool.protocol.models import (
    OutcomeRole,
    PlannedAnalysis,
    PlannedComparison,
    PlannedOutcome,
)
from reviewtool.protocol.rules.times import windows_of
from reviewtool.synthesis.models import Analysis
from reviewtool.synthesis.queries.extracted import numbers, unreported
from reviewtool.synthesis.rules.harms import MEASURES, Harm, harm
from reviewtool.synthesis.rules.places import Plan, place
from reviewtool.synthesis.rules.selection import select as choose


@dataclass(frozen=True)
class HarmLine:
    """An adverse event in one comparison, with the analyses that are planned of it.

    times: which reported times the studies' numbers are of. found: None for outcomes that
    are not counted (a mean, an estimate).
    """

    outcome: PlannedOutcome
    comparison: PlannedComparison
    found: Harm | None
    notes: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    analyses: tuple[int, ...] = ()


def has_harms(db: Session, review_id: int) -> bool:
    """Whether the protocol marks any outcome as a harm."""
    return any(o.role is OutcomeRole.HARM for o in protocol.outcomes(db, review_id))


def harms(db: Session, review_id: int) -> list[HarmLine]:
    """Every harm, in each comparison that has a study of it or an analysis planned.

    A harm without either stands once, in the first comparison.
    """
    comparisons = protocol.comparisons(db, review_id)
    planned: dict[tuple[int, int], list[int]] = defaultdict(list)
    rows = db.exec(
        select(PlannedAnalysis, Analysis.id)
        .join(Analysis, col(Analysis.planned_id) == PlannedAnalysis.id)
        .where(PlannedAnalysis.review_id == review_id, col(PlannedAnalysis.removed_at).is_(None))
        .order_by(col(PlannedAnalysis.position), col(PlannedAnalysis.id))
    ).all()
    for plan, analysis_id in rows:
        planned[plan.outcome_id, plan.comparison_id].append(analysis_id)
    found: list[HarmLine] = []
    for outcome in protocol.outcomes(db, review_id):
        if outcome.role is not OutcomeRole.HARM:
            continue
        own = [
            _line(db, outcome, comparison, tuple(planned[outcome.id, comparison.id]))
            for comparison in comparisons
        ]
        there = [
            x
            for x in own
            if x.analyses or (x.found and x.found.having("counted", "zero", "uncounted"))
        ]
        found += there or own[:1]
    return found


def _line(
    db: Session, outcome: PlannedOutcome, comparison: PlannedComparison, analyses: tuple[int, ...]
) -> HarmLine:
    kind = next((kind for kind in MEASURES if kind == outcome.kind.value), None)
    if kind is None or not comparison.comparator:
        return HarmLine(outcome, comparison, None, analyses=analyses)
    every = numbers(db, outcome)
    reported: dict[int, list[str]] = defaultdict(list)
    for one in every:
        reported[one.study_id].append(one.timepoint)
    times = outcome.timepoints or ()
    plan = Plan("", times, windows_of(times, outcome.windows or {}), outcome.window_rule)
    selected = choose(
        every,
        comparison.experimental,
        comparison.comparator,
        [*times, ""],
        preferred={study_id: place(plan, own).order for study_id, own in reported.items()},
    )
    silent = unreported(db, outcome, reported)
    return HarmLine(
        outcome,
        comparison,
        harm(selected.rows, (*selected.left_out, *silent), kind),
        selected.notes,
        tuple(dict.fromkeys(time for time in selected.times.values() if time)),
        analyses,
    )
