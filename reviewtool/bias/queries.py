"""Reading assessments: a colleague's copy stays closed until both are done."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from reviewtool.bias.models import Answer, Assessment, Judgement
from reviewtool.bias.rules import OVERALL
from reviewtool.db.row import mine
from reviewtool.errors import NotFound
from reviewtool.extraction.models import CopyKind, CopyState, Result, Study, StudyReport
from reviewtool.instruments import Domain, Instrument, load
from reviewtool.permissions import Action, allows, may_see_votes
from reviewtool.protocol.models import PlannedOutcome
from reviewtool.references.models import Document, Record, Report
from reviewtool.team.models import Member


@dataclass(frozen=True)
class Key:
    """What is assessed: one result of one study."""

    study_id: int
    outcome_id: int | None
    timepoint: str


@dataclass
class Target:
    """A result with the copies made of its assessment."""

    key: Key
    study: Study
    copies: list[Assessment] = field(default_factory=list)

    def _of(self, kind: CopyKind) -> Assessment | None:
        return next((copy for copy in self.copies if copy.kind is kind), None)

    @property
    def assessors(self) -> list[Assessment]:
        """The copies of the assessors, without the consensus."""
        return [copy for copy in self.copies if copy.kind is not CopyKind.CONSENSUS]

    @property
    def consensus(self) -> Assessment | None:
        """The consensus copy, begun or done."""
        return self._of(CopyKind.CONSENSUS)

    @property
    def both_done(self) -> bool:
        """Whether two assessors have finished."""
        done = [copy for copy in self.assessors if copy.state is CopyState.DONE]
        return len(done) == 2

    @property
    def agreed(self) -> bool:
        """Whether the consensus is done."""
        return self.consensus is not None and self.consensus.state is CopyState.DONE

    def mine(self, member: Member) -> Assessment | None:
        """The member's own copy."""
        return next((copy for copy in self.assessors if copy.member_id == member.id), None)

    def next_step(self, member: Member) -> str:
        """start, continue, wait, full, agree, or done: what this member can do now."""
        if self.agreed:
            return "done"
        if not allows(member, Action.ASSESS_BIAS):
            return "none"
        if self.both_done:
            return "agree"
        mine = self.mine(member)
        if mine is not None:
            return "wait" if mine.state is CopyState.DONE else "continue"
        return "start" if len(self.assessors) < 2 else "full"


def targets(
    db: Session, member: Member, outcome_id: int | None = None, timepoint: str | None = None
) -> list[Target]:
    """Every result that can be assessed, by study: extracted ones and those begun."""
    found: dict[Key, Target] = {}
    results = (
        select(Result.study_id, Result.outcome_id, Result.timepoint, Study)
        .join(Study, col(Study.id) == Result.study_id)
        .where(Result.review_id == member.review_id, col(Study.removed_at).is_(None))
        .distinct()
    )
    copies = (
        select(Assessment, Study)
        .join(Study, col(Study.id) == Assessment.study_id)
        .where(Assessment.review_id == member.review_id, col(Study.removed_at).is_(None))
        .order_by(col(Assessment.id))
    )
    if outcome_id is not None:
        results = results.where(Result.outcome_id == outcome_id)
        copies = copies.where(Assessment.outcome_id == outcome_id)
    if timepoint is not None:
        results = results.where(Result.timepoint == timepoint)
        copies = copies.where(Assessment.timepoint == timepoint)
    for study_id, outcome, at, study in db.exec(results).all():
        key = Key(study_id, outcome, at)
        found[key] = Target(key, study)
    for copy, study in db.exec(copies).all():
        key = Key(copy.study_id, copy.outcome_id, copy.timepoint)
        found.setdefault(key, Target(key, study)).copies.append(copy)
    return sorted(
        found.values(), key=lambda t: (t.study.label.casefold(), t.key.timepoint, t.study.id)
    )


def target(db: Session, member: Member, key: Key) -> Target:
    """One result with its copies. Raises NotFound."""
    study = mine(db, member, Study, key.study_id, unless="removed_at")
    copies = db.exec(
        select(Assessment)
        .where(
            Assessment.study_id == key.study_id,
            Assessment.outcome_id == key.outcome_id,
            Assessment.timepoint == key.timepoint,
        )
        .order_by(col(Assessment.id))
    ).all()
    return Target(key, study, list(copies))


def target_of(db: Session, member: Member, assessment: Assessment) -> Target:
    """The result that a copy belongs to."""
    return target(db, member, Key(assessment.study_id, assessment.outcome_id, assessment.timepoint))


def assessment(db: Session, member: Member, assessment_id: int) -> Assessment:
    """One copy that ``member`` may see: their own, the consensus, or both once both are done.

    Raises NotFound for any other, as if it were not there.
    """
    found = mine(db, member, Assessment, assessment_id)
    whole = target_of(db, member, found)
    if found.kind is CopyKind.CONSENSUS:
        return found
    if not may_see_votes(member, {found.member_id}, complete=whole.both_done):
        raise NotFound()
    return found


def answers(db: Session, assessment: Assessment) -> dict[str, Answer]:
    """Question -> stored answer."""
    rows = db.exec(
        select(Answer).where(Answer.assessment_id == assessment.id).order_by(col(Answer.question))
    ).all()
    return {row.question: row for row in rows}


def judgements(db: Session, assessment: Assessment) -> dict[str, Judgement]:
    """Domain id (or ``overall``) -> stored judgement."""
    rows = db.exec(
        select(Judgement)
        .where(Judgement.assessment_id == assessment.id)
        .order_by(col(Judgement.domain))
    ).all()
    return {row.domain: row for row in rows}


def codes(domain: Domain, stored: dict[str, Answer]) -> dict[str, str]:
    """The raw answers of one domain."""
    return {
        question.id: stored[question.id].answer
        for question in domain.questions
        if question.id in stored and stored[question.id].answer
    }


def definition(assessment: Assessment) -> tuple[Instrument, list[Domain]]:
    """The instrument of a copy, and the domains of its variant."""
    instrument = load(assessment.instrument)
    return instrument, instrument.domains_of(assessment.variant)


def options(assessment: Assessment) -> list[str] | None:
    """The set-up options chosen, or None where the variant has none to choose."""
    variant = load(assessment.instrument).variant(assessment.variant)
    return list(assessment.setup.get("options", [])) if variant.options else None


def outcomes_to_assess(db: Session, member: Member) -> list[tuple[PlannedOutcome, str]]:
    """(outcome, time point) pairs that have results or assessments, in protocol order."""
    pairs = set(
        db.exec(
            select(Result.outcome_id, Result.timepoint)
            .where(Result.review_id == member.review_id)
            .distinct()
        ).all()
    ) | set(
        db.exec(
            select(Assessment.outcome_id, Assessment.timepoint)
            .where(Assessment.review_id == member.review_id)
            .distinct()
        ).all()
    )
    rows = db.exec(
        select(PlannedOutcome)
        .where(PlannedOutcome.review_id == member.review_id)
        .order_by(col(PlannedOutcome.position), col(PlannedOutcome.id))
    ).all()
    return [
        (row, timepoint)
        for row in rows
        for outcome_id, timepoint in sorted(pairs, key=lambda pair: pair[1])
        if outcome_id == row.id
    ]


def studies(db: Session, member: Member) -> Sequence[Study]:
    """The review's studies, by label."""
    return db.exec(
        select(Study)
        .where(Study.review_id == member.review_id, col(Study.removed_at).is_(None))
        .order_by(col(Study.label), col(Study.id))
    ).all()


def agreed_judgements(
    db: Session, review_id: int, outcome_id: int | None, timepoint: str | None = None
) -> dict[int, dict[str, str]]:
    """Study id -> domain (and ``overall``) -> final judgement of the agreed copies.

    For later stages. timepoint: None takes every time point; when several of one study
    are agreed, the judgement of the last one in the alphabet stands.
    """
    statement = (
        select(Assessment, Judgement)
        .join(Judgement, col(Judgement.assessment_id) == Assessment.id)
        .where(
            Assessment.review_id == review_id,
            Assessment.outcome_id == outcome_id,
            Assessment.kind == CopyKind.CONSENSUS,
            Assessment.state == CopyState.DONE,
        )
        .order_by(col(Assessment.timepoint), col(Assessment.id))
    )
    if timepoint is not None:
        statement = statement.where(Assessment.timepoint == timepoint)
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for copy, judgement in db.exec(statement).all():
        found[copy.study_id][judgement.domain] = judgement.final
    return dict(found)


def agreed_domains(db: Session, review_id: int, outcome_id: int | None) -> dict[str, str]:
    """Domain id -> name, over the tools of an outcome's agreed copies."""
    copies = db.exec(
        select(Assessment)
        .where(
            Assessment.review_id == review_id,
            Assessment.outcome_id == outcome_id,
            Assessment.kind == CopyKind.CONSENSUS,
            Assessment.state == CopyState.DONE,
        )
        .order_by(col(Assessment.id))
    ).all()
    tools = {(copy.instrument, copy.variant): copy for copy in reversed(copies)}
    found = {one.id: one.name for copy in tools.values() for one in definition(copy)[1]}
    return dict(sorted(found.items()))


def overall_by_study(
    db: Session, review_id: int, outcome_id: int | None, timepoint: str | None = None
) -> dict[int, str]:
    """Study id -> agreed overall judgement ("Low", "Some concerns", "High")."""
    found = agreed_judgements(db, review_id, outcome_id, timepoint)
    return {study: row[OVERALL] for study, row in found.items() if row.get(OVERALL)}


def full_texts(db: Session, study_id: int) -> Sequence[tuple[Report, Record, Document]]:
    """The stored files of a study's reports, the primary report first."""
    return db.exec(
        select(Report, Record, Document)
        .join(StudyReport, col(StudyReport.report_id) == Report.id)
        .join(Record, col(Record.id) == Report.record_id)
        .join(Document, col(Document.report_id) == Report.id)
        .where(StudyReport.study_id == study_id, col(Document.removed_at).is_(None))
        .order_by(col(StudyReport.is_primary).desc(), col(Report.id), col(Document.id))
    ).all()


def tools(
    db: Session, review_id: int, outcome_id: int | None
) -> dict[int, tuple[Instrument, list[Domain]]]:
    """Study id -> the tool of its agreed assessment of an outcome, and the domains it judged.

    A study that was assessed at several time points has the tool of the last in the alphabet.
    """
    rows = db.exec(
        select(Assessment)
        .where(
            Assessment.review_id == review_id,
            Assessment.outcome_id == outcome_id,
            Assessment.kind == CopyKind.CONSENSUS,
            Assessment.state == CopyState.DONE,
        )
        .order_by(col(Assessment.timepoint), col(Assessment.id))
    )
    return {row.study_id: definition(row) for row in rows}
