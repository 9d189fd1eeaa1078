"""One name for one treatment: agreed arms called as the comparisons of the protocol call them."""

from sqlmodel import Session, col, select

from reviewtool import audit, events
from reviewtool.acts import Act
from reviewtool.errors import Invalid
from reviewtool.extraction import errors, queries
from reviewtool.extraction.models import Arm, CopyKind, Study
from reviewtool.extraction.rules.cells import arm_path
from reviewtool.permissions import Action, require
from reviewtool.protocol import queries as protocol
from reviewtool.protocol.rules.treatments import plain, tidy
from reviewtool.team.models import Member


def use_name(db: Session, actor: Member, found: str, name: str) -> list[Study]:
    """Call the agreed treatment ``found`` by ``name`` in every study; what was read is noted.

    Raises Invalid when no comparison has the name or no study the treatment, and
    ThirdPersonNeeded where the actor extracted one of the studies.
    """
    require(actor, Action.ADJUDICATE)
    known = {
        plain(one): tidy(one)
        for pair in protocol.comparisons(db, actor.review_id)
        for one in (*(pair.experimental or ()), *(pair.comparator or ()))
    }
    if plain(name) not in known:
        raise Invalid(f"No comparison names “{name}”. Add it to one in the protocol first.")
    rows = db.exec(
        select(Arm, Study)
        .join(Study, col(Study.id) == Arm.study_id)
        .where(Arm.review_id == actor.review_id, col(Study.removed_at).is_(None))
        .order_by(col(Study.id), col(Arm.number))
    ).all()
    touched = [(arm, study) for arm, study in rows if plain(arm.treatment) == plain(found)]
    if not touched:
        raise Invalid(f"No agreed study has the treatment “{found}”. Reload the page.")
    for _, study in touched:
        if queries.own_copy(queries.copies(db, study.id), actor) is not None:
            raise errors.ThirdPersonNeeded(study=study.label)
    for arm, study in touched:
        _rename(db, actor, arm, study, known[plain(name)])
    db.flush()
    studies = list({study.id: study for _, study in touched}.values())
    for study in studies:
        events.tell(db, actor, events.ExtractionAgreed(study_id=study.id))
    return studies


def _rename(db: Session, actor: Member, arm: Arm, study: Study, name: str) -> None:
    before = arm.treatment
    if arm.name == before:
        arm.name = name
    arm.treatment = name
    db.add(arm)
    copy = queries.copies(db, study.id).get(CopyKind.CONSENSUS)
    entry = queries.entries(db, copy.id).get(arm_path(arm.number, "treatment")) if copy else None
    if entry is not None:
        read = f"Read as “{before}”."
        entry.value, entry.note = name, f"{entry.note} {read}".strip()
        db.add(entry)
    audit.append(
        db,
        actor,
        Act.EXTRACTION_NAME_TREATMENT,
        arm,
        {"treatment": (before, name)},
        study=study.label,
    )
