"""One copy laid out for a page: what is asked, answered, proposed, and by whom."""

from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from reviewtool.bias import queries, rules
from reviewtool.bias.models import Answer, Assessment, Judgement
from reviewtool.bias.rules import OVERALL
from reviewtool.extraction.models import Arm, CopyKind, CopyState, Result
from reviewtool.instruments import Domain, Instrument, Question, ask, missing
from reviewtool.instruments.engine import offered
from reviewtool.instruments.shape import NOT_APPLICABLE, Grade, Prompt
from reviewtool.permissions import Action, allows
from reviewtool.protocol.models import PlannedOutcome
from reviewtool.team import queries as team
from reviewtool.team.models import Member
from reviewtool.words import plain


@dataclass
class Colleague:
    """What one assessor put, beside the agreed copy."""

    name: str
    answers: dict[str, Answer]
    judgements: dict[str, Judgement]


@dataclass
class AskedQuestion:
    """A question on the page: the choices it offers and what stands in it."""

    question: Question
    choices: list[tuple[str, str]]
    row: Answer | None
    said: list[tuple[str, Answer | None]] = field(default_factory=list)

    @property
    def code(self) -> str:
        """The answer that stands, "" for none."""
        return self.row.answer if self.row else ""

    @property
    def alike(self) -> bool:
        """Whether both assessors answered to the letter the same."""
        codes = {row.answer if row else NOT_APPLICABLE for _, row in self.said}
        return len(codes) == 1

    @property
    def supported(self) -> bool:
        """Whether anything is written in support."""
        return bool(self.row and (self.row.support or self.row.quote or self.row.page))


@dataclass
class DomainSheet:
    """One domain on the page."""

    domain: Domain
    asked: list[AskedQuestion]
    closed: list[str]
    missing: list[str]
    judgement: Judgement
    hint: str
    said: list[tuple[str, Judgement | None]]

    @property
    def differ(self) -> bool:
        """Whether the assessors judged the domain differently."""
        return len({row.final if row else "" for _, row in self.said}) > 1


@dataclass
class Sheet:
    """A whole copy on the page. ``locked``: the member can only read it.

    originals: beside an agreed copy, the assessors' own ones as (name, id).
    """

    assessment: Assessment
    instrument: Instrument
    target: queries.Target
    outcome: PlannedOutcome | None
    domains: list[DomainSheet]
    overall: Judgement
    overall_said: list[tuple[str, Judgement | None]]
    prompts: list[Prompt]
    locked: bool
    may_reopen: bool
    words: dict[str, str]
    whose: str
    originals: list[tuple[str, int]]

    @property
    def grades(self) -> list[Grade]:
        """The judgements that can be given, from best to worst."""
        return self.instrument.judgements

    @property
    def title(self) -> str:
        """The result in words: study, outcome, time point."""
        result = ", ".join(
            part
            for part in (self.outcome.name if self.outcome else "", self.target.key.timepoint)
            if part
        )
        return f"{self.target.study.label}: {result}" if result else self.target.study.label

    def domain(self, key: str) -> DomainSheet:
        """One domain's part of the page."""
        return next(sheet for sheet in self.domains if sheet.domain.id == key)


def sheet(db: Session, member: Member, assessment: Assessment) -> Sheet:
    """Everything a page of this copy shows. The caller has checked that it may be seen."""
    instrument, domains = queries.definition(assessment)
    target = queries.target_of(db, member, assessment)
    judged = queries.judgements(db, assessment)
    stored = queries.answers(db, assessment)
    consensus = assessment.kind is CopyKind.CONSENSUS
    names = team.names(db, member)
    colleagues = []
    if consensus:
        colleagues = [
            Colleague(
                names.get(copy.member_id or 0, "Assessor"),
                queries.answers(db, copy),
                queries.judgements(db, copy),
            )
            for copy in target.assessors
        ]
    options = queries.options(assessment)
    laid_out = [
        _domain(instrument, domain, stored, judged, options, colleagues) for domain in domains
    ]
    finals = [one.judgement.final for one in laid_out]
    mine = consensus or assessment.member_id == member.id
    done = assessment.state is CopyState.DONE
    allowed = allows(member, Action.ASSESS_BIAS)
    return Sheet(
        assessment=assessment,
        instrument=instrument,
        target=target,
        outcome=db.get(PlannedOutcome, assessment.outcome_id) if assessment.outcome_id else None,
        domains=laid_out,
        overall=judged.get(OVERALL) or Judgement(assessment_id=assessment.id, domain=OVERALL),
        overall_said=[(c.name, c.judgements.get(OVERALL)) for c in colleagues],
        prompts=rules.propose_overall(instrument, domains, finals).prompts,
        locked=done or not mine or not allowed,
        may_reopen=done and mine and allowed and (consensus or not target.both_done),
        words={answer.code: answer.label for answer in instrument.answers},
        originals=[
            (colleague.name, copy.id)
            for colleague, copy in zip(colleagues, target.assessors, strict=False)
        ],
        whose="Agreed" if consensus else names.get(assessment.member_id or 0, ""),
    )


def _domain(
    instrument: Instrument,
    domain: Domain,
    stored: dict[str, Answer],
    judged: dict[str, Judgement],
    options: list[str] | None,
    colleagues: list[Colleague],
) -> DomainSheet:
    codes = queries.codes(domain, stored)
    asked = [
        AskedQuestion(
            question,
            [
                (code, instrument.answer(code).label)
                for code in offered(instrument, question, options)
            ],
            stored.get(question.id),
            [(c.name, c.answers.get(question.id)) for c in colleagues],
        )
        for question in ask(instrument, domain, codes, options)
    ]
    numbers = {one.question.id for one in asked}
    return DomainSheet(
        domain=domain,
        asked=asked,
        closed=[q.id for q in domain.questions if q.id not in numbers],
        missing=[q.id for q in missing(instrument, domain, codes, options)],
        judgement=judged.get(domain.id) or Judgement(assessment_id=0, domain=domain.id),
        hint=rules.propose(instrument, domain, codes, options) if domain.hint_only else "",
        said=[(c.name, c.judgements.get(domain.id)) for c in colleagues],
    )


def numbers_of(db: Session, key: queries.Key) -> tuple[list[Arm], str]:
    """The study's arms and its extracted numbers in one line, to start the set-up with."""
    arms = list(
        db.exec(select(Arm).where(Arm.study_id == key.study_id).order_by(col(Arm.number))).all()
    )
    names = {arm.id: arm.name for arm in arms}
    rows = db.exec(
        select(Result)
        .where(
            Result.study_id == key.study_id,
            Result.outcome_id == key.outcome_id,
            Result.timepoint == key.timepoint,
        )
        .order_by(col(Result.id))
    ).all()
    parts = [f"{names.get(row.arm_id, '')} {_numbers(row)}".strip() for row in rows]
    return arms, "; ".join(part for part in parts if part)


def _numbers(row: Result) -> str:
    def short(value: float | None) -> str:
        return "?" if value is None else plain(value)

    if row.events is not None:
        return f"{short(row.events)} of {short(row.total)}"
    if row.mean is not None:
        return f"mean {short(row.mean)} (SD {short(row.sd)}, n = {short(row.total)})"
    if row.estimate is not None:
        return f"estimate {short(row.estimate)} (SE {short(row.se)})"
    return ""
