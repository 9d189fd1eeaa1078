"""JSON: adverse events over studies."""

from typing import Literal

from flask import g
from pydantic import BaseModel

from reviewtool.db.engine import request_session
from reviewtool.stats.measures import measure
from reviewtool.synthesis.api.blueprint import bp
from reviewtool.synthesis.rules.harms import Pooled
from reviewtool.synthesis.sheets import harms as sheets
from reviewtool.synthesis.sheets.harms import HarmWords


class HarmStudyOut(BaseModel):
    """A study. status: zero is no event in either group; unreported is no result at all."""

    study_id: int
    study: str
    status: Literal["counted", "zero", "uncounted", "unreported"]
    reason: str
    events: tuple[float | None, float | None]
    total: tuple[float | None, float | None]


class HarmPooledOut(BaseModel):
    """A measure on the scale people read; a risk difference is a proportion.

    studies: how many it uses; left_out: study -> why it cannot.
    """

    measure: str
    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    studies: int
    left_out: dict[str, str]
    problem: str


class HarmOut(BaseModel):
    """An adverse event in one comparison; totals are person-time for rates."""

    outcome: str
    comparison: str
    analyses: tuple[int, ...]
    counted: str
    left_out: str
    at_most: str
    studies: list[HarmStudyOut]
    pooled: list[HarmPooledOut]
    notes: list[str]


class HarmsOut(BaseModel):
    """Every outcome that the protocol marks as a harm."""

    harms: list[HarmOut]


@bp.get("/harms")
@bp.output(HarmsOut)
def harms() -> HarmsOut:
    """Adverse events over studies: counts, double zeros, what is not reported, pooled effects."""
    return HarmsOut(harms=[_whole(one) for one in sheets.harms(request_session(), g.member)])


def _whole(one: HarmWords) -> HarmOut:
    found = one.line.found
    return HarmOut(
        outcome=one.line.outcome.name,
        comparison=one.line.comparison.name,
        analyses=one.line.analyses,
        counted=one.counted,
        left_out=one.left_out,
        at_most=one.at_most,
        studies=[
            HarmStudyOut(
                study_id=s.study_id,
                study=s.label,
                status=s.status,
                reason=s.reason,
                events=(s.first.events, s.second.events),
                total=(s.first.time, s.second.time)
                if one.by_time
                else (s.first.total, s.second.total),
            )
            for s in (found.studies if found else ())
        ],
        pooled=[_pooled(p) for p in (found.pooled if found else ())],
        notes=one.notes,
    )


def _pooled(one: Pooled) -> HarmPooledOut:
    def read(value: float | None) -> float | None:
        return None if value is None else float(measure(one.measure).scale.back(value, None))

    return HarmPooledOut(
        measure=one.measure,
        estimate=read(one.estimate),
        ci_low=read(one.ci_low),
        ci_high=read(one.ci_high),
        studies=len(one.used),
        left_out=dict(one.left_out),
        problem=one.problem,
    )
