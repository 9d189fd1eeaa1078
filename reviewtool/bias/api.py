"""JSON: assessments that the member may see, and their own to fill in."""

from datetime import datetime
from typing import Any

from flask import g
from pydantic import BaseModel, Field

from reviewtool.bias import queries, services
from reviewtool.bias.models import Assessment
from reviewtool.bias.queries import Key
from reviewtool.bias.services import Support
from reviewtool.db.engine import request_session, transaction
from reviewtool.extraction.models import CopyKind, CopyState
from reviewtool.permissions import may_see_votes
from reviewtool.team.access import review_api
from reviewtool.web.api import Out

bp = review_api("bias", __name__, "/bias", "Risk of bias")


class ResultIn(BaseModel):
    """The result to be assessed, and how."""

    study_id: int
    outcome_id: int
    timepoint: str = ""
    instrument: str = "rob2"
    variant: str = "assignment"
    setup: dict[str, Any] = Field(default_factory=dict)


class SupportIn(BaseModel):
    """Why an answer was given."""

    text: str = ""
    quote: str = ""
    page: str = ""


class DomainIn(BaseModel):
    """Answers of one domain by question; an override with its reason."""

    answers: dict[str, str] = Field(default_factory=dict)
    support: dict[str, SupportIn] = Field(default_factory=dict)
    final: str | None = None
    reason: str = ""
    direction: str | None = None


class OverallIn(BaseModel):
    """The overall judgement; empty takes the proposal."""

    final: str = ""
    reason: str = ""
    direction: str | None = None


class AssessmentOut(Out):
    """One assessor's copy, or the agreed one."""

    id: int
    created_at: datetime
    study_id: int
    instrument: str
    version: str
    variant: str
    outcome_id: int | None
    timepoint: str
    setup: dict[str, Any] = Field(description="what was settled before the questions")
    kind: CopyKind
    member_id: int | None = Field(description="whose it is")
    state: CopyState
    done_at: datetime | None
    revision: int = Field(description="send it back to finish or reopen, as If-Match")


class AnswerOut(Out):
    """The answer to one signalling question, with its support."""

    question: str
    answer: str
    support: str
    quote: str
    page: str


class JudgementOut(Out):
    """The judgement of one domain, or ``overall``."""

    domain: str
    proposed: str = Field(description="what the instrument's rules say")
    final: str = Field(description="what the assessor says; empty while it is open")
    reason: str = Field(description="why the two differ")
    direction: str
    revision: int = Field(description="send it back with a change, as If-Match")


class WholeAssessmentOut(AssessmentOut):
    """A copy with answers and judgements."""

    answers: list[AnswerOut]
    judgements: list[JudgementOut]
    missing: list[str] = Field(description="what is left to do before it can be closed")


class ResultOut(Out):
    """A result to be assessed, with the copies that the member may see."""

    study_id: int
    study: str
    outcome_id: int | None
    timepoint: str
    next_step: str = Field(description="start, continue, wait, full, agree, none or done")
    assessments: list[AssessmentOut]


class ResultsOut(Out):
    """Every result that can be assessed."""

    results: list[ResultOut]


def _whole(copy: Assessment) -> WholeAssessmentOut:
    db = request_session()
    return WholeAssessmentOut.of(
        copy,
        answers=[AnswerOut.of(row) for row in queries.answers(db, copy).values()],
        judgements=[JudgementOut.of(row) for row in queries.judgements(db, copy).values()],
        missing=services.what_is_missing(db, copy),
    )


@bp.get("/")
@bp.output(ResultsOut)
def listing() -> ResultsOut:
    """Every result that can be assessed, with the copies that the member may see."""
    db = request_session()
    return ResultsOut(
        results=[
            ResultOut(
                study_id=target.key.study_id,
                study=target.study.label,
                outcome_id=target.key.outcome_id,
                timepoint=target.key.timepoint,
                next_step=target.next_step(g.member),
                assessments=[
                    AssessmentOut.of(copy)
                    for copy in target.copies
                    if may_see_votes(
                        g.member, {copy.member_id}, complete=target.both_done or target.agreed
                    )
                ],
            )
            for target in queries.targets(db, g.member)
        ]
    )


@bp.post("/")
@bp.input(ResultIn)
@bp.output(WholeAssessmentOut, 201)
def start(json_data: ResultIn) -> WholeAssessmentOut:
    """Begin one's own assessment, or get the one begun."""
    key = Key(json_data.study_id, json_data.outcome_id, json_data.timepoint)
    with transaction() as db:
        copy = services.start(
            db, g.member, key, json_data.instrument, json_data.variant, json_data.setup
        )
    return _whole(copy)


@bp.post("/agree")
@bp.input(ResultIn)
@bp.output(WholeAssessmentOut, 201)
def agree(json_data: ResultIn) -> WholeAssessmentOut:
    """Begin the agreed copy once both assessors are done."""
    key = Key(json_data.study_id, json_data.outcome_id, json_data.timepoint)
    with transaction() as db:
        copy = services.agree(db, g.member, key)
    return _whole(copy)


@bp.get("/<int:assessment_id>")
@bp.output(WholeAssessmentOut)
def show(assessment_id: int) -> WholeAssessmentOut:
    """One copy with answers and judgements."""
    return _whole(queries.assessment(request_session(), g.member, assessment_id))


@bp.put("/<int:assessment_id>/domains/<key>")
@bp.input(DomainIn)
@bp.output(WholeAssessmentOut)
def save_domain(assessment_id: int, key: str, json_data: DomainIn) -> WholeAssessmentOut:
    """Store answers of one domain; it is judged anew."""
    with transaction() as db:
        copy = queries.assessment(db, g.member, assessment_id)
        services.save_domain(
            db,
            g.member,
            copy,
            key,
            json_data.answers,
            {
                q: Support(one.text, one.quote, one.page[:20])
                for q, one in json_data.support.items()
            },
            final=json_data.final,
            reason=json_data.reason,
            direction=json_data.direction,
        )
    return _whole(copy)


@bp.put("/<int:assessment_id>/overall")
@bp.input(OverallIn)
@bp.output(WholeAssessmentOut)
def judge_overall(assessment_id: int, json_data: OverallIn) -> WholeAssessmentOut:
    """Take or replace the overall judgement."""
    with transaction() as db:
        copy = queries.assessment(db, g.member, assessment_id)
        services.judge_overall(
            db, g.member, copy, json_data.final, json_data.reason, json_data.direction
        )
    return _whole(copy)


@bp.post("/<int:assessment_id>/finish")
@bp.output(WholeAssessmentOut)
def finish(assessment_id: int) -> WholeAssessmentOut:
    """Close a copy."""
    with transaction() as db:
        copy = queries.assessment(db, g.member, assessment_id)
        services.finish(db, g.member, copy)
    return _whole(copy)


@bp.post("/<int:assessment_id>/reopen")
@bp.output(WholeAssessmentOut)
def reopen(assessment_id: int) -> WholeAssessmentOut:
    """Open a finished copy again."""
    with transaction() as db:
        copy = queries.assessment(db, g.member, assessment_id)
        services.reopen(db, g.member, copy)
    return _whole(copy)
