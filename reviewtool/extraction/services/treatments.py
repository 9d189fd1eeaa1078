"""One name for one treatment: agreed arms called as the comparisons of the protocol call them."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from reviewtool import audit, events
from reviewtool.acts import Act
from reviewtool.errors import Invalid
from reviewtool.extraction import errors, queries
from reviewtool.extraction.models import Arm, CopyKind, Study
from reviewtool.extraction.rules.cells import arm_path
from reviewtool.extraction.sheets.vocabulary import PARTS, READ, planned_names, read_as, renamed
from reviewtool.permissions import Action, require
from reviewtool.protocol.rules.treatments import plain, tidy
from reviewtool.team.models import Member


def use_name(db: Session, actor: Member, found: str, name: str) -> list[Study]:
    """Call the agreed treatment ``found`` by ``name`` in every study; what was read is noted.

    Raises Invalid when no comparison has the name or no study the treatment, and
    ThirdPersonNeeded where the actor extracted one of the studies.
    """
    require(actor, Action.ADJUDICATE)
    known = planned_names(db, actor.review_id)
    if plain(name) not in known:
        raise Invalid(f"No comparison names “{name}”. Add it to one in the protocol first.")
    rows = _arms(db, actor)
    touched = [(arm, study) for arm, study in rows if plain(arm.treatment) == plain(found)]
    if not touched:
        raise Invalid(f"No agreed study has the treatment “{found}”. Reload the page.")
    return _call(db, actor, touched, "treatment", known[plain(name)], Act.EXTRACTION_NAME_TREATMENT)


def merge(
    db: Session, actor: Member, part: str, found: str, name: str, treatment: str = ""
) -> list[Study]:
    """Write the treatment (or, of a ``treatment``, the dose) ``found`` as ``name``.

    name: a spelling in use, or one of the protocol. Raises Invalid for a name or a spelling
    that is not known, ThirdPersonNeeded where the actor extracted one of the studies.
    """
    require(actor, Action.ADJUDICATE)
    words = _part(part)
    rows = _arms(db, actor)
    if part == "dose":
        rows = [row for row in rows if tidy(row[0].treatment) == tidy(treatment)]
    touched = [row for row in rows if tidy(getattr(row[0], part)) == tidy(found)]
    if not tidy(found) or not touched:
        raise Invalid(f"No agreed study has the {words} “{found}”. Reload the page.")
    known = {tidy(getattr(arm, part)) for arm, _ in rows}
    if part == "treatment":
        known |= {*planned_names(db, actor.review_id).values()}
    if tidy(name) not in known - {tidy(found), ""}:
        raise Invalid(f"“{name}” is no other {words} in use. Choose one from the list.")
    return _call(db, actor, touched, part, tidy(name), Act.EXTRACTION_MERGE_NAMES)


def undo_merge(
    db: Session, actor: Member, part: str, name: str, before: str, treatment: str = ""
) -> list[Study]:
    """Write ``name`` as it was read, ``before``, in the arms that were called otherwise.

    treatment: of a dose. Raises Invalid when nothing was merged so, and
    ThirdPersonNeeded as ``merge`` does.
    """
    require(actor, Action.ADJUDICATE)
    words = _part(part)
    touched = []
    for arm, study, which, entry in renamed(db, actor.review_id):
        match = READ.search(entry.note)
        same = which == part and tidy(getattr(arm, part)) == tidy(name)
        if part == "dose" and tidy(arm.treatment) != tidy(treatment):
            continue
        if same and match is not None and match.group(1) == before:
            touched.append((arm, study))
            entry.note = entry.note[: match.start()].rstrip()
            db.add(entry)
    if not touched:
        raise Invalid(f"No {words} “{name}” was read as “{before}”. Reload the page.")
    return _call(db, actor, touched, part, before, Act.EXTRACTION_UNDO_MERGE, noted=False)


def _part(part: str) -> str:
    if part not in PARTS:
        raise Invalid("Treatments and doses can be merged, nothing else.")
    return PARTS[part].lower()


def _arms(db: Session, actor: Member) -> Sequence[tuple[Arm, Study]]:
    """Every agreed arm of the member's review with its study."""
    return db.exec(
        select(Arm, Study)
        .join(Study, col(Study.id) == Arm.study_id)
        .where(Arm.review_id == actor.review_id, col(Study.removed_at).is_(None))
        .order_by(col(Study.id), col(Arm.number))
    ).all()


def _call(
    db: Session,
    actor: Member,
    touched: Sequence[tuple[Arm, Study]],
    part: str,
    name: str,
    act: Act,
    *,
    noted: bool = True,
) -> list[Study]:
    """Write ``name`` into these arms and tell who depends on them; the studies."""
    for _, study in touched:
        if queries.own_copy(queries.copies(db, study.id), actor) is not None:
            raise errors.ThirdPersonNeeded(study=study.label)
    for arm, study in touched:
        _rename(db, actor, arm, study, part, name, act, noted=noted)
    db.flush()
    studies = list({study.id: study for _, study in touched}.values())
    for study in studies:
        events.tell(db, actor, events.ExtractionAgreed(study_id=study.id))
    return studies


def _rename(
    db: Session,
    actor: Member,
    arm: Arm,
    study: Study,
    part: str,
    name: str,
    act: Act,
    *,
    noted: bool,
) -> None:
    before = getattr(arm, part)
    if part == "treatment" and arm.name == before:
        arm.name = name
    setattr(arm, part, name)
    db.add(arm)
    copy = queries.copies(db, study.id).get(CopyKind.CONSENSUS)
    entry = queries.entries(db, copy.id).get(arm_path(arm.number, part)) if copy else None
    if entry is not None:
        entry.value = name
        if noted:
            entry.note = f"{entry.note} {read_as(before)}".strip()
        db.add(entry)
    audit.append(db, actor, act, arm, {part: (before, name)}, study=study.label)
