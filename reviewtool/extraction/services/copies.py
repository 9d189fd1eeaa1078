"""An extractor's own copy: take a study, fill cells, finish."""

from collections.abc import Mapping

from sqlmodel import Session

from reviewtool import audit
from reviewtool.acts import Act
from reviewtool.db.row import hold
from reviewtool.db.types import now
from reviewtool.errors import Conflict, NotFound
from reviewtool.extraction import errors, queries
from reviewtool.extraction.models import CopyKind, CopyState, Extraction, Study
from reviewtool.extraction.rules.cells import Form, parse
from reviewtool.extraction.rules.completeness import completeness
from reviewtool.extraction.services.cells import CellIn, Saved, store
from reviewtool.permissions import Action, require
from reviewtool.team.models import Member


def take(db: Session, actor: Member, study: Study) -> Extraction:
    """The actor's copy of a study: the one they have, or the next free one.

    A copy whose extractor left the team is free again and keeps its cells.
    Raises BothTaken.
    """
    require(actor, Action.EXTRACT, study)
    found = queries.copies(db, study.id)
    mine = queries.own_copy(found, actor)
    if mine is not None:
        return mine
    consensus = found.get(CopyKind.CONSENSUS)
    if consensus is not None and consensus.member_id == actor.id:
        raise errors.BothTaken(study=study.label)
    for kind in queries.BLIND:
        copy = found.get(kind)
        if copy is None:
            copy = Extraction(
                review_id=actor.review_id, study_id=study.id, kind=kind, member_id=actor.id
            )
            db.add(copy)
            db.flush()
            audit.append(db, actor, Act.EXTRACTION_TAKE, copy, study=study.label, copy=kind)
            return copy
        if copy.state is CopyState.IN_PROGRESS and _left(db, copy):
            changes = audit.changed(copy, member_id=actor.id)
            db.add(copy)
            audit.append(db, actor, Act.EXTRACTION_TAKE, copy, changes)
            return copy
    raise errors.BothTaken(study=study.label)


def _left(db: Session, copy: Extraction) -> bool:
    owner = db.get(Member, copy.member_id) if copy.member_id else None
    return owner is None or owner.removed_at is not None


def give_back(db: Session, actor: Member, copy: Extraction) -> None:
    """Leave a study whose copy is still empty to somebody else."""
    _check_mine(db, actor, copy)
    hold(db, copy)
    if queries.values(queries.entries(db, copy.id)):
        raise Conflict("Values were entered already. Clear them, or finish the copy.")
    for entry in queries.entries(db, copy.id).values():
        db.delete(entry)
    audit.append(db, actor, Act.EXTRACTION_GIVE_BACK, copy, study_id=copy.study_id)
    db.flush()
    db.delete(copy)


def _check_mine(db: Session, actor: Member, copy: Extraction) -> None:
    require(actor, Action.EXTRACT, copy)
    if copy.kind is CopyKind.CONSENSUS:
        raise NotFound()
    if copy.member_id != actor.id:
        raise errors.Blind()
    if copy.state is CopyState.DONE:
        raise errors.CopyIsDone()


def save(
    db: Session,
    actor: Member,
    copy: Extraction,
    cells: Mapping[str, CellIn | str],
    form: Form | None = None,
) -> Saved:
    """Store many cells of the actor's copy at once.

    A value that cannot be right (a negative SD, a text for a number) is refused and the
    cell keeps what it had; one that looks wrong beside its neighbours is stored and
    flagged. One line in the log. Raises Blind, CopyIsDone, UnknownCell.
    """
    _check_mine(db, actor, copy)
    return store(db, actor, copy, cells, form, Act.EXTRACTION_CELL)


def clear_arm(db: Session, actor: Member, copy: Extraction, arm: int) -> None:
    """Empty every cell that speaks of an arm."""
    _check_mine(db, actor, copy)
    hold(db, copy)
    cells = {
        path: CellIn(value="", quote="", page="", note="", derived="")
        for path in queries.entries(db, copy.id)
        if arm in {parse(path).arm, parse(path).reference}
    }
    store(db, actor, copy, cells, None, Act.EXTRACTION_CELL)


def finish(db: Session, actor: Member, copy: Extraction) -> None:
    """Call one's own copy done. Raises Incomplete with everything that is missing."""
    _check_mine(db, actor, copy)
    hold(db, copy)
    form = queries.form(db, copy.review_id)
    lacking = completeness(form, queries.values(queries.entries(db, copy.id), form)).missing
    if lacking:
        raise errors.Incomplete(missing=" ".join(one.message for one in lacking))
    changes = audit.changed(copy, state=CopyState.DONE, done_at=now())
    db.add(copy)
    audit.append(db, actor, Act.EXTRACTION_DONE, copy, changes)
    db.flush()


def reopen(db: Session, actor: Member, copy: Extraction) -> None:
    """Go on with one's own finished copy. Raises ConsensusBegan once that is under way."""
    require(actor, Action.EXTRACT, copy)
    if copy.member_id != actor.id or copy.kind is CopyKind.CONSENSUS:
        raise errors.Blind()
    hold(db, copy)
    study = db.get_one(Study, copy.study_id)
    consensus = queries.copies(db, study.id).get(CopyKind.CONSENSUS)
    if consensus is not None:
        who = db.get(Member, consensus.member_id) if consensus.member_id else None
        raise errors.ConsensusBegan(study=study.label, who=who.name if who else "the adjudicator")
    changes = audit.changed(copy, state=CopyState.IN_PROGRESS, done_at=None)
    db.add(copy)
    audit.append(db, actor, Act.EXTRACTION_DONE, copy, changes)
