"""What one person may do now on one record: asked by page, API and service alike."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from reviewtool import permissions
from reviewtool.db.remembering import remembered
from reviewtool.errors import NotFound, ReviewToolError
from reviewtool.permissions import Action
from reviewtool.references.models import Record, Report, Retrieval
from reviewtool.screening import errors
from reviewtool.screening.models import (
    Adjudication,
    Decision,
    Note,
    RecordLabel,
    ScreeningPlan,
    Standing,
)
from reviewtool.screening.queries.plan import plan_key, usual
from reviewtool.screening.queries.votes import CONFLICTS, has_all, standing_key
from reviewtool.screening.rules.outcome import Phase
from reviewtool.team.models import Member

_Judged = aliased(Decision)


@dataclass(frozen=True)
class Ballot:
    """One member, one record, one phase; each answer is None or the error that says why not.

    mine: the member's own vote. votes: all of them, in the order they came. final: the third
    person's word. report: the record's report, for full texts. judged: its report was judged,
    so title and abstract stay. noted, labelled: there is a note or a label that the member
    may see. Never shown as it is: ``votes``, ``standing`` and ``final`` are
    blinded until ``complete``.
    """

    member: Member
    record: Record
    phase: Phase
    plan: ScreeningPlan
    votes: tuple[Decision, ...]
    standing: Standing | None
    final: Adjudication | None
    report: Report | None
    judged: bool
    noted: bool
    labelled: bool

    @property
    def mine(self) -> Decision | None:
        """The member's own vote."""
        return next((vote for vote in self.votes if vote.member_id == self.member.id), None)

    @property
    def complete(self) -> bool:
        """Whether all votes are in, so that nobody can be influenced any more."""
        return has_all(self.standing)

    @property
    def in_conflict(self) -> bool:
        """Whether a third person has something to settle."""
        return self.standing is not None and self.standing.outcome in CONFLICTS

    @property
    def against_voting(self) -> ReviewToolError | None:
        """Why the member may not vote, or change their vote, now."""
        if refusal := self._shut() or self._not_ready():
            return refusal
        if self.mine is None and self.complete:
            return errors.EnoughVotes(number=self.record.number)
        return None

    @property
    def against_undoing(self) -> ReviewToolError | None:
        """Why the member may not take their vote back now, if they gave one."""
        return self._shut() or self._built_upon()

    @property
    def against_settling(self) -> ReviewToolError | None:
        """Why the member may not settle this conflict, or settle it anew, now."""
        if refusal := self._not_the_third():
            return refusal
        if not self.in_conflict and (self.standing is None or not self.standing.adjudicated):
            return errors.NoConflict(number=self.record.number)
        return self._built_upon()

    @property
    def against_reopening(self) -> ReviewToolError | None:
        """Why the member may not take the settling of a conflict back now."""
        if refusal := self._not_the_third():
            return refusal
        if self.final is None:
            return errors.NoConflict(number=self.record.number)
        return self._built_upon()

    def _refused(self, action: Action, named: list[int]) -> ReviewToolError | None:
        if refusal := permissions.refusal(self.member, action):
            return refusal
        return errors.NotAScreener() if named and self.member.id not in named else None

    def _shut(self) -> ReviewToolError | None:
        if refusal := self._refused(Action.SCREEN, self.plan.screeners(self.phase)):
            return refusal
        if not self.record.is_active:
            return errors.NotActive(number=self.record.number)
        return errors.Settled(number=self.record.number) if self.final else None

    def _not_the_third(self) -> ReviewToolError | None:
        if refusal := self._refused(Action.RESOLVE, self.plan.resolver_ids):
            return refusal
        if not self.record.is_active:
            return errors.NotActive(number=self.record.number)
        return errors.OwnConflict(number=self.record.number) if self.mine else None

    def _not_ready(self) -> ReviewToolError | None:
        if self.phase is Phase.TITLE_ABSTRACT:
            return self._built_upon()
        if self.report is None or self.report.set_aside_at is not None:
            return errors.NoReport(number=self.record.number)
        if self.report.retrieval is not Retrieval.RETRIEVED:
            return errors.NotRetrieved(number=self.record.number)
        return None

    def _built_upon(self) -> ReviewToolError | None:
        return errors.JudgedInFull(number=self.record.number) if self.judged else None


def ballot(db: Session, member: Member, record: Record, phase: Phase) -> Ballot:
    """How things stand between a member and a record. Raises NotFound."""
    if record.review_id != member.review_id:
        raise NotFound()
    first = phase is Phase.TITLE_ABSTRACT
    asked = {"record": record.id, "member": member.id, "phase": phase}
    rows = db.execute(STANDS, asked).all()
    _, standing, final, report, known, judged, noted, labelled = rows[0]
    complete = has_all(remembered(db, standing_key(record.id, phase), lambda: standing))
    return Ballot(
        member=member,
        record=record,
        phase=phase,
        plan=remembered(db, plan_key(member), lambda: known or usual(member.review_id)),
        votes=tuple(row[0] for row in rows if row[0] is not None),
        standing=standing,
        final=final,
        report=None if first else report,
        judged=first and judged,
        noted=noted,
        labelled=labelled or complete,
    )


_RECORD: sa.BindParameter[int] = sa.bindparam("record")
_MEMBER: sa.BindParameter[int] = sa.bindparam("member")
_PHASE: sa.BindParameter[Phase] = sa.bindparam("phase")
# Everything a ballot says of one record, in one question.
STANDS = (
    sa.select(
        Decision,
        Standing,
        Adjudication,
        Report,
        ScreeningPlan,
        sa.exists(col(_Judged.id)).where(
            col(_Judged.record_id) == _RECORD, col(_Judged.phase) == Phase.FULL_TEXT
        ),
        sa.exists(col(Note.id)).where(
            col(Note.record_id) == _RECORD,
            col(Note.member_id) == _MEMBER,
            col(Note.phase) == _PHASE,
        ),
        sa.exists(col(RecordLabel.id)).where(
            col(RecordLabel.record_id) == _RECORD, col(RecordLabel.member_id) == _MEMBER
        ),
    )
    .select_from(Record)
    .outerjoin(
        Decision,
        sa.and_(
            col(Decision.record_id) == Record.id,
            col(Decision.phase) == _PHASE,
        ),
    )
    .outerjoin(
        Standing, sa.and_(col(Standing.record_id) == Record.id, col(Standing.phase) == _PHASE)
    )
    .outerjoin(
        Adjudication,
        sa.and_(col(Adjudication.record_id) == Record.id, col(Adjudication.phase) == _PHASE),
    )
    .outerjoin(Report, col(Report.record_id) == Record.id)
    .outerjoin(ScreeningPlan, col(ScreeningPlan.review_id) == Record.review_id)
    .where(col(Record.id) == _RECORD)
    .order_by(col(Decision.id))
)
