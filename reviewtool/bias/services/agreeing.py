"""Closing copies and bringing two of them to one."""

from collections.abc import Sequence

from sqlmodel import Session

from reviewtool import audit, events, permissions
from reviewtool.acts import Act
from reviewtool.bias import queries, rules
from reviewtool.bias.models import Answer, Assessment, Judgement
from reviewtool.bias.rules import OVERALL
from reviewtool.bias.services.answering import (
    Support,
    copy_of,
    lock,
    require_open,
    save_domain,
)
from reviewtool.db.row import hold
from reviewtool.db.types import now
from reviewtool.errors import Conflict, Forbidden
from reviewtool.extraction.models import CopyKind, CopyState
from reviewtool.instruments import clear, missing
from reviewtool.permissions import Action
from reviewtool.team.models import Member


def what_is_missing(db: Session, assessment: Assessment) -> list[str]:
    """What must still be answered or judged before the copy can be finished, in words."""
    instrument, domains = queries.definition(assessment)
    stored = queries.answers(db, assessment)
    judged = queries.judgements(db, assessment)
    found = []
    for domain in domains:
        codes = queries.codes(domain, stored)
        asked = missing(instrument, domain, codes, queries.options(assessment))
        if asked:
            numbers = ", ".join(question.id for question in asked)
            found.append(f"{domain.id}: answer {numbers}.")
        elif domain.id not in judged or not judged[domain.id].final:
            found.append(f"{domain.id}: choose a judgement.")
    if not found and (OVERALL not in judged or not judged[OVERALL].final):
        found.append("Overall: answer the question about several domains with some concerns.")
    return found


def finish(db: Session, actor: Member, assessment: Assessment) -> None:
    """Close a copy. The agreed one is announced to later stages. Raises Unfinished."""
    require_open(db, actor, assessment)
    hold(db, assessment)
    if lacking := what_is_missing(db, assessment):
        raise rules.Unfinished(" ".join(lacking))
    changes = audit.changed(assessment, state=CopyState.DONE, done_at=now())
    consensus = assessment.kind is CopyKind.CONSENSUS
    audit.append(db, actor, Act.BIAS_AGREED if consensus else Act.BIAS_DONE, assessment, changes)
    if consensus:
        _tell(db, actor, events.BiasAgreed, assessment)


def _tell(db: Session, actor: Member, kind: type[events.BiasNews], assessment: Assessment) -> None:
    events.tell(db, actor, kind(assessment.study_id, assessment.outcome_id))


def reopen(db: Session, actor: Member, assessment: Assessment) -> None:
    """Open a finished copy again: one's own before both are done, the agreed one always."""
    permissions.require(actor, Action.ASSESS_BIAS, assessment)
    consensus = assessment.kind is CopyKind.CONSENSUS
    if not consensus:
        if assessment.member_id != actor.id:
            raise Forbidden("This is a colleague's assessment. Only they can reopen it.")
        if queries.target_of(db, actor, assessment).both_done:
            raise Conflict(
                "Both assessors have finished and can see each other's work, so their copies stay "
                "as they are. Change the agreed copy instead."
            )
    hold(db, assessment)
    if assessment.state is not CopyState.DONE:
        return
    changes = audit.changed(assessment, state=CopyState.IN_PROGRESS, done_at=None)
    audit.append(db, actor, Act.BIAS_REOPEN, assessment, changes)
    if consensus:
        _tell(db, actor, events.BiasReopened, assessment)


def agree(db: Session, actor: Member, key: queries.Key) -> Assessment:
    """Open the consensus copy, filled with what both assessors answered alike.

    Raises Conflict until both are done. An override that both made is kept.
    """
    permissions.require(actor, Action.ASSESS_BIAS)
    lock(db, key)
    target = queries.target(db, actor, key)
    if target.consensus is not None:
        return target.consensus
    if not target.both_done:
        raise Conflict("Two assessors must finish before their assessments can be compared.")
    first, second = target.assessors
    copy = copy_of(first, CopyKind.CONSENSUS, actor)
    db.add(copy)
    audit.append(db, actor, Act.BIAS_AGREE, copy)
    instrument, domains = queries.definition(copy)
    answers = [queries.answers(db, one) for one in (first, second)]
    judged = [queries.judgements(db, one) for one in (first, second)]
    for domain in domains:
        shared = rules.agreed(*(queries.codes(domain, one) for one in answers))
        shared, _ = clear(instrument, domain, shared, queries.options(copy))
        supports = {q: _joint_support([one.get(q) for one in answers]) for q in shared}
        final, reason = _joint_override([one.get(domain.id) for one in judged])
        save_domain(db, actor, copy, domain.id, shared, supports, final=final, reason=reason)
    return copy


def _joint_support(rows: Sequence[Answer | None]) -> Support:
    """What supports an answer that both gave: either's words, both when they differ."""

    def joined(name: str) -> str:
        values = [str(getattr(row, name)) for row in rows if row is not None]
        return " / ".join(dict.fromkeys(value for value in values if value))

    return Support(joined("support"), joined("quote"), joined("page")[:20])


def _joint_override(rows: Sequence[Judgement | None]) -> tuple[str | None, str]:
    """A judgement that both put in place of the same proposal, with both reasons."""
    found = [row for row in rows if row is not None]
    if len(found) < len(rows) or len({(row.proposed, row.final) for row in found}) > 1:
        return None, ""
    if found[0].final == found[0].proposed:
        return None, ""
    return found[0].final, " / ".join(dict.fromkeys(row.reason for row in found if row.reason))
