"""Analyses: their numbers as a table, and everything behind them as JSON."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlmodel import Session, col, select

from reviewtool import table_files
from reviewtool.certainty import queries as ratings
from reviewtool.certainty.sheets.summary import row
from reviewtool.protocol import queries as protocol
from reviewtool.protocol.models import PlannedAnalysis
from reviewtool.synthesis.models import Analysis, AnalysisRun, AnalysisState
from reviewtool.synthesis.results import (
    AnyResult,
    Effect,
    MapResult,
    NarrativeResult,
    NetworkResult,
    OverTimeResult,
    PairwiseResult,
    Pooled,
)
from reviewtool.synthesis.rules.pooling import Inputs, Settings
from reviewtool.synthesis.rules.selection import LeftOut
from reviewtool.synthesis.sheets import harms as adverse
from reviewtool.team.models import Member

# Attributes of a pooled effect, on the analysis scale.
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
# The same on the scale people read.
NATURAL = ["estimate", "ci_low", "ci_high", "pi_low", "pi_high"]
COLUMNS = [
    "outcome",
    "timepoint",
    "comparison",
    "subgroup",
    "sensitivity",
    "treatment",
    "reference",
    "measure",
    "better",
    "model",
    "method",
    "test",
    "level",
    "state",
    "post_hoc",
    "studies",
    *NUMBERS,
    *[f"natural_{name}" for name in NATURAL],
    "left_out",
    "warnings",
    "notes",
    "inputs_hash",
    "software",
    "ran_at",
]


def current(db: Session, member: Member) -> Iterator[tuple[Analysis, PlannedAnalysis, AnalysisRun]]:
    """Analyses that have numbers, with their plan and newest run."""
    rows = db.exec(
        select(Analysis, PlannedAnalysis, AnalysisRun)
        .join(PlannedAnalysis, col(PlannedAnalysis.id) == Analysis.planned_id)
        .join(AnalysisRun, col(AnalysisRun.id) == Analysis.current_run_id)
        .where(Analysis.review_id == member.review_id, col(PlannedAnalysis.removed_at).is_(None))
        .order_by(col(PlannedAnalysis.position), col(Analysis.id))
    ).all()
    yield from rows


def table(db: Session, member: Member) -> bytes:
    """One line per effect: the whole, each subgroup, each treatment of a network.

    Whom an analysis left out stands on the line of the whole, with the reasons.
    """
    outcomes = {o.id: o for o in protocol.outcomes(db, member.review_id)}
    pairs = {c.id: c.name for c in protocol.comparisons(db, member.review_id)}
    rows: list[dict[str, Any]] = []
    for analysis, planned, run in current(db, member):
        outcome = outcomes.get(planned.outcome_id)
        base = {
            "outcome": outcome.name if outcome else "",
            "better": ("lower" if outcome.lower_is_better else "higher") if outcome else "",
            "timepoint": planned.timepoint,
            "comparison": pairs.get(planned.comparison_id, ""),
            "measure": run.result.measure,
            "model": run.settings.model,
            "level": run.result.level,
            "state": analysis.state,
            "post_hoc": "yes" if planned.post_hoc else "no",
            "inputs_hash": run.inputs_hash,
            "software": ", ".join(f"{name} {number}" for name, number in run.software.items()),
            "ran_at": run.created_at.isoformat(),
        }
        own = list(_effects(run.result))
        own[0] |= {
            "studies": run.result.study_count,
            "left_out": "; ".join(_left_out(run.result.left_out)),
            "warnings": " ".join(run.result.warnings),
            "notes": " ".join(run.result.notes),
        }
        rows += [base | one for one in own]
    return table_files.write(COLUMNS, rows)


def _effects(result: AnyResult) -> Iterator[dict[str, Any]]:
    """The cells of every effect of a result, the whole first."""
    if isinstance(result, PairwiseResult):
        for one in (result.pooled, *result.subgroups):
            yield {
                "subgroup": getattr(one, "label", ""),
                "method": one.method,
                "test": one.test,
                **_numbers(result, one),
            }
        yield from _sensitivity(result)
        return
    if isinstance(result, MapResult):
        yield {"method": f"{result.algorithm} {result.combine}".strip(), "k": _experiments(result)}
        return
    if isinstance(result, OverTimeResult):
        for time in result.times:
            yield {
                "timepoint": time.timepoint,
                "method": f"{result.method}, time points together, {result.structure}",
                "test": result.test,
                **_numbers(result, time),
            }
        return
    if isinstance(result, NarrativeResult):
        yield {"method": "effect directions", "k": len(result.directions.rows)}
        return
    for treatment in result.treatments:
        if treatment.name == result.reference:
            continue
        yield {
            "treatment": treatment.name,
            "reference": result.reference,
            "method": result.method,
            **_numbers(result, treatment),
            "k": result.k,
            "tau2": result.tau2,
            "i2": result.i2,
        }
    for part in result.others:
        yield from _effects(part)
    if result.additive is not None:
        for component in result.additive.components:
            yield {
                "treatment": f"component: {component.name}",
                "method": f"{result.method}, additive components",
                **_numbers(result, component),
                "k": component.studies,
                "tau2": result.additive.tau2,
            }


def _sensitivity(result: PairwiseResult) -> Iterator[dict[str, Any]]:
    """The planned further runs that pooled something, but for leaving out single studies."""
    found = result.sensitivity
    further = found.exclude_high_risk.pooled if found.exclude_high_risk else None
    runs: list[tuple[str, Pooled | None, tuple[str, ...]]] = [
        ("Common-effect model", found.common, ()),
        ("Without studies at high risk of bias", further, ()),
        *((one.words, one.pooled, one.left_out) for one in found.sets),
    ]
    for words, pooled, left_out in runs:
        if pooled is not None:
            yield {
                "sensitivity": words,
                "method": pooled.method,
                "test": pooled.test,
                "left_out": "; ".join(left_out),
                **_numbers(result, pooled),
            }


def _experiments(result: MapResult) -> int:
    return sum(len(side.experiments) for side in result.sides)


def _numbers(
    result: PairwiseResult | NetworkResult | OverTimeResult, one: Effect
) -> dict[str, Any]:
    return {name: getattr(one, name, None) for name in NUMBERS} | {
        f"natural_{name}": result.natural(getattr(one, name, None)) for name in NATURAL
    }


def _left_out(left_out: Sequence[LeftOut]) -> Iterator[str]:
    """Each study with its reason."""
    for one in left_out:
        yield f"{one.label}: {one.reason}"


class ExportedAnalysis(BaseModel):
    """An analysis with its newest run, as it is exported."""

    outcome: str
    timepoint: str
    comparison: str
    post_hoc: bool
    state: AnalysisState
    stale_because: str
    settings: Settings
    software: dict[str, str]
    inputs_hash: str
    inputs: Inputs
    result: AnyResult
    ran_at: datetime


def full(db: Session, member: Member) -> bytes:
    """Inputs, settings, software and results of every current run."""
    outcomes = {o.id: o.name for o in protocol.outcomes(db, member.review_id)}
    pairs = {c.id: c.name for c in protocol.comparisons(db, member.review_id)}
    content = [
        ExportedAnalysis(
            outcome=outcomes.get(planned.outcome_id, ""),
            timepoint=planned.timepoint,
            comparison=pairs.get(planned.comparison_id, ""),
            post_hoc=planned.post_hoc,
            state=analysis.state,
            stale_because=analysis.stale_because,
            settings=run.settings,
            software=run.software,
            inputs_hash=run.inputs_hash,
            inputs=run.inputs,
            result=run.result,
            ran_at=run.created_at,
        ).model_dump(mode="json")
        for analysis, planned, run in current(db, member)
    ]
    return json.dumps({"schema": "reviewtool-analyses/2", "analyses": content}, indent=1).encode()


CERTAINTY = [
    "outcome",
    "timepoint",
    "comparison",
    "participants",
    "studies",
    "left_out",
    "effect",
    "assumed_risk",
    "assumed_risk_source",
    "difference",
    "certainty",
    "design",
    "steps",
    "footnotes",
    "statement",
    "comment",
]


def certainty(db: Session, member: Member) -> bytes:
    """The summary of findings: every planned analysis with its effect, rating and footnotes."""
    rows = []
    for line in ratings.lines(db, member):
        found = row(line, ratings.evidence(db, line), {})
        rating, steps = line.rating, [step for step in line.steps.values() if step.steps]
        rows.append(
            {
                "outcome": line.outcome.name,
                "timepoint": line.planned.timepoint,
                "comparison": line.comparison.name,
                "participants": found.evidence.participants or "",
                "studies": len(found.evidence.studies) or "",
                "left_out": "; ".join(_left_out(found.evidence.left_out)),
                "effect": found.effect,
                "assumed_risk": rating.assumed_risk if rating else None,
                "assumed_risk_source": rating.assumed_risk_source if rating else "",
                "difference": next((r.effect.display_diff for r in found.risks if r.effect), ""),
                "certainty": rating.certainty if rating else "",
                "design": rating.design if rating else "",
                "steps": "; ".join(f"{s.domain} {s.steps:+d}" for s in steps),
                "footnotes": "; ".join(f"{s.domain}: {s.footnote}" for s in steps if s.footnote),
                "statement": found.statement,
                "comment": rating.comment if rating else "",
            }
        )
        rows += [
            {
                "outcome": line.outcome.name,
                "timepoint": line.planned.timepoint,
                "comparison": f"{line.comparison.name}: {one.treatment} versus {one.reference}",
                "studies": one.direct,
                "effect": one.effect,
                "statement": f"{one.standing}; {one.evidence}",
            }
            for one in found.treatments
        ]
    return table_files.write(CERTAINTY, rows)


def harms(db: Session, member: Member) -> bytes:
    """Adverse events over studies, with pooled effects."""
    return adverse.table(adverse.harms(db, member))


def harms_docx(db: Session, member: Member) -> bytes:
    """The same as a Word document."""
    return adverse.as_docx(adverse.harms(db, member))
