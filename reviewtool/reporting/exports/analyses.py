"""Analyses: pooled numbers as a table, and everything behind them as JSON."""

import json
from collections.abc import Iterator
from typing import Any

from sqlmodel import Session, col, select

from reviewtool import __version__, table_files
from reviewtool.certainty.models import Rating, Step
from reviewtool.protocol import queries as protocol
from reviewtool.protocol.models import PlannedAnalysis
from reviewtool.synthesis.models import Analysis, AnalysisRun
from reviewtool.team.models import Member

NUMBERS = [
    "k",
    "estimate",
    "se",
    "ci_low",
    "ci_high",
    "p",
    "tau2",
    "i2",
    "q",
    "q_df",
    "q_p",
    "pi_low",
    "pi_high",
]


def current(db: Session, member: Member) -> Iterator[tuple[Analysis, PlannedAnalysis, AnalysisRun]]:
    """Analyses that have numbers, with their plan and newest run."""
    rows = db.exec(
        select(Analysis, PlannedAnalysis, AnalysisRun)
        .join(PlannedAnalysis, col(PlannedAnalysis.id) == Analysis.planned_id)
        .join(AnalysisRun, col(AnalysisRun.id) == Analysis.current_run_id)
        .where(Analysis.review_id == member.review_id)
        .order_by(col(PlannedAnalysis.position), col(Analysis.id))
    ).all()
    yield from rows


def table(db: Session, member: Member) -> bytes:
    """One line per pooled result: the whole, and each subgroup."""
    outcomes = {o.id: o.name for o in protocol.outcomes(db, member.review_id)}
    pairs = {c.id: c.name for c in protocol.comparisons(db, member.review_id)}
    columns = [
        *[
            "outcome",
            "timepoint",
            "comparison",
            "subgroup",
            "measure",
            "model",
            "method",
            "test",
            "level",
            "state",
            "post_hoc",
        ],
        *NUMBERS,
        *["inputs_hash", "software", "ran_at"],
    ]
    rows = []
    for analysis, planned, run in current(db, member):
        base = {
            "outcome": outcomes.get(planned.outcome_id, ""),
            "timepoint": planned.timepoint,
            "comparison": pairs.get(planned.comparison_id, ""),
            **{k: getattr(planned, k) for k in ["measure", "model", "method", "test", "level"]},
            "state": analysis.state,
            "post_hoc": "yes" if planned.post_hoc else "no",
            "inputs_hash": run.inputs_hash,
            "software": f"reviewtool {__version__}",
            "ran_at": run.created_at.isoformat(),
        }
        result = run.result or {}
        rows.append(base | _numbers(result.get("pooled") or result))
        for group in result.get("subgroups") or []:
            rows.append(base | {"subgroup": group.get("label")} | _numbers(group))
    return table_files.write(columns, rows)


def _numbers(result: dict[str, Any]) -> dict[str, Any]:
    return {key: result.get(key) for key in NUMBERS}


def full(db: Session, member: Member) -> bytes:
    """Inputs, settings, software and results of every current run."""
    outcomes = {o.id: o.name for o in protocol.outcomes(db, member.review_id)}
    pairs = {c.id: c.name for c in protocol.comparisons(db, member.review_id)}
    content = [
        {
            "outcome": outcomes.get(planned.outcome_id, ""),
            "timepoint": planned.timepoint,
            "comparison": pairs.get(planned.comparison_id, ""),
            "post_hoc": planned.post_hoc,
            "state": analysis.state.value,
            "stale_because": analysis.stale_because,
            "settings": run.settings,
            "software": run.software,
            "inputs_hash": run.inputs_hash,
            "inputs": run.inputs,
            "result": run.result,
            "warnings": run.warnings,
            "ran_at": run.created_at.isoformat(),
        }
        for analysis, planned, run in current(db, member)
    ]
    return json.dumps({"schema": "reviewtool-analyses/1", "analyses": content}, indent=1).encode()


def certainty(db: Session, member: Member) -> bytes:
    """The ratings with their steps and footnotes."""
    outcomes = {o.id: o.name for o in protocol.outcomes(db, member.review_id)}
    pairs = {c.id: c.name for c in protocol.comparisons(db, member.review_id)}
    rows = []
    found = db.exec(
        select(Rating, PlannedAnalysis)
        .join(Analysis, col(Analysis.id) == Rating.analysis_id)
        .join(PlannedAnalysis, col(PlannedAnalysis.id) == Analysis.planned_id)
        .where(Rating.review_id == member.review_id)
        .order_by(col(PlannedAnalysis.position), col(Rating.id))
    ).all()
    for rating, planned in found:
        steps = db.exec(
            select(Step).where(Step.rating_id == rating.id).order_by(col(Step.id))
        ).all()
        rows.append(
            {
                "outcome": outcomes.get(planned.outcome_id, ""),
                "comparison": pairs.get(planned.comparison_id, ""),
                "certainty": rating.certainty,
                "design": rating.design,
                "assumed_risk": rating.assumed_risk,
                "assumed_risk_source": rating.assumed_risk_source,
                "steps": "; ".join(f"{s.domain} {s.steps:+d}" for s in steps if s.steps),
                "footnotes": "; ".join(f"{s.domain}: {s.footnote}" for s in steps if s.footnote),
                "comment": rating.comment,
            }
        )
    columns = [
        "outcome",
        "comparison",
        "certainty",
        "design",
        "assumed_risk",
        "assumed_risk_source",
        "steps",
        "footnotes",
        "comment",
    ]
    return table_files.write(columns, rows)
