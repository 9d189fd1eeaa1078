"""The consensus copy: what both read, settled by a third person, and typed for analysis."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlmodel import Session, col, select

from reviewtool import audit, events
from reviewtool.acts import Act
from reviewtool.db.row import hold
from reviewtool.db.types import now
from reviewtool.errors import NotFound
from reviewtool.extraction import errors, queries
from reviewtool.extraction.models import (
    Arm,
    CopyKind,
    CopyState,
    Entry,
    Experiment,
    Extraction,
    Focus,
    Result,
    Study,
)
from reviewtool.extraction.rules import cells as paths
from reviewtool.extraction.rules import foci
from reviewtool.extraction.rules.cells import Form
from reviewtool.extraction.rules.completeness import completeness
from reviewtool.extraction.rules.consensus import Compared, compare
from reviewtool.extraction.rules.derive import results
from reviewtool.extraction.rules.values import number
from reviewtool.extraction.services.cells import CellIn, Saved, store
from reviewtool.permissions import Action, require
from reviewtool.team.models import Member


def begin(db: Session, actor: Member, study: Study, form: Form | None = None) -> Extraction:
    """The consensus copy of a study, made on first use with every agreed cell filled.

    Raises NotBothDone, ThirdPersonNeeded.
    """
    require(actor, Action.ADJUDICATE, study)
    found = queries.copies(db, study.id)
    if not queries.both_done(found):
        raise errors.NotBothDone(study=study.label)
    if queries.own_copy(found, actor) is not None:
        raise errors.ThirdPersonNeeded(study=study.label)
    existing = found.get(CopyKind.CONSENSUS)
    if existing is not None:
        return existing
    form = form or queries.form(db, study.review_id)
    copy = Extraction(
        review_id=study.review_id, study_id=study.id, kind=CopyKind.CONSENSUS, member_id=actor.id
    )
    db.add(copy)
    db.flush()
    first, second, compared = side_by_side(db, found, form)
    agreed = [one.path for one in compared if one.agreed]
    merged = [_merged(copy, actor, first[path], second.get(path)) for path in agreed]
    db.add_all(merged)
    audit.append(
        db,
        actor,
        Act.EXTRACTION_BEGIN_CONSENSUS,
        copy,
        {one.path: (None, one.value) for one in merged},
        study=study.label,
        agreed=len(agreed),
        differ=len(compared) - len(agreed),
    )
    db.flush()
    return copy


def _merged(copy: Extraction, actor: Member, first: Entry, second: Entry | None) -> Entry:
    source = first if first.quote or second is None or not second.quote else second
    return Entry(
        extraction_id=copy.id,
        path=first.path,
        value=foci.finer(first.value, second.value)
        if second is not None and first.path.endswith(".at")
        else first.value,
        quote=source.quote,
        page=source.page or first.page,
        report_id=source.report_id,
        derived=first.derived,
        note=first.note,
        member_id=actor.id,
    )


def side_by_side(
    db: Session, found: Mapping[CopyKind, Extraction], form: Form
) -> tuple[dict[str, Entry], dict[str, Entry], list[Compared]]:
    """Both blind copies, the second with arms, experiments and foci numbered like the first's.

    The caller has checked that both are done or that the member may see them.
    """
    first, second = (
        {path: e for path, e in queries.entries(db, found[kind].id).items() if form.knows(path)}
        for kind in queries.BLIND
    )
    arms = paths.align(queries.values(first), queries.values(second))
    moved = {path: path for path in second}
    if any(old != new for old, new in arms.items()):
        moved = {old: next(iter(paths.renumbered({old: ""}, arms))) for old in second}
    second = {moved[path]: entry for path, entry in second.items()}
    moved = foci.aligned(queries.values(first), queries.values(second))
    second = {
        moved.get(path, path): entry
        for path, entry in second.items()
        if path in moved or not path.startswith("experiment.")
    }
    compared = compare(form, queries.values(first), queries.values(second))
    return first, second, compared


def _check_open(db: Session, actor: Member, copy: Extraction) -> Study:
    require(actor, Action.ADJUDICATE, copy)
    if copy.kind is not CopyKind.CONSENSUS:
        raise NotFound()
    study = db.get_one(Study, copy.study_id)
    if queries.own_copy(queries.copies(db, study.id), actor) is not None:
        raise errors.ThirdPersonNeeded(study=study.label)
    return study


def settle(
    db: Session,
    actor: Member,
    copy: Extraction,
    cells: Mapping[str, CellIn | str],
    form: Form | None = None,
) -> Saved:
    """Store cells of the consensus. Refuses and flags like ``copies.save``."""
    _check_open(db, actor, copy)
    if copy.state is CopyState.DONE:
        raise errors.CopyIsDone()
    return store(db, actor, copy, cells, form, Act.EXTRACTION_SETTLE)


def adopt(
    db: Session,
    actor: Member,
    copy: Extraction,
    path: str,
    kind: CopyKind,
    made_from: int | None = None,
) -> Saved:
    """Take one extractor's value into the consensus, with its quote and page.

    made_from: the revision of the final cell that the actor saw.
    """
    _check_open(db, actor, copy)
    form = queries.form(db, copy.review_id)
    first, second, _ = side_by_side(db, queries.copies(db, copy.study_id), form)
    source = (first if kind is CopyKind.FIRST else second).get(path)
    cell = CellIn(
        value=source.value if source else "",
        quote=source.quote if source else "",
        page=source.page if source else "",
        derived=source.derived if source else "",
        report_id=(source.report_id or 0) if source else 0,
        made_from=made_from,
    )
    return settle(db, actor, copy, {path: cell}, form)


def complete(db: Session, actor: Member, copy: Extraction, form: Form | None = None) -> None:
    """Finish the consensus: arms and results become typed rows, later stages are told.

    Raises Incomplete. Cells still empty on which the extractors differ count as settled
    to "not given".
    """
    study = _check_open(db, actor, copy)
    hold(db, copy)
    if copy.state is CopyState.DONE:
        raise errors.CopyIsDone()
    form = form or queries.form(db, copy.review_id)
    entries = queries.entries(db, copy.id)
    values = queries.values(entries, form)
    lacking = completeness(form, values).missing
    if lacking:
        raise errors.Incomplete(missing=" ".join(one.message for one in lacking))
    derived = frozenset(path for path, entry in entries.items() if entry.derived and entry.value)
    arms = _write_arms(db, study, form, values)
    _write_results(db, study, arms, form, values, derived)
    _write_experiments(db, study, values if form.asks_foci else {})
    changes = audit.changed(copy, state=CopyState.DONE, done_at=now())
    db.add(copy)
    audit.append(db, actor, Act.EXTRACTION_AGREE, copy, changes, study=study.label)
    db.flush()
    events.tell(db, actor, events.ExtractionAgreed(study_id=study.id))


def _write_arms(db: Session, study: Study, form: Form, values: Mapping[str, str]) -> dict[int, Arm]:
    """Arms keep their row as long as their number stays, so that others may refer to it."""
    names = paths.arm_names(values)
    known = {
        arm.number: arm
        for arm in db.exec(select(Arm).where(Arm.study_id == study.id).order_by(col(Arm.number)))
    }
    found = {}
    for arm_number in range(1, paths.arm_count(values, form.least_arms) + 1):
        size = values.get(paths.arm_path(arm_number, "n"), "")
        arm = known.pop(arm_number, None) or Arm(
            review_id=study.review_id, study_id=study.id, number=arm_number, name="", treatment=""
        )
        arm.name = names[arm_number]
        arm.treatment = values[paths.arm_path(arm_number, "treatment")]
        arm.dose = values.get(paths.arm_path(arm_number, "dose"), "")[:100]
        arm.participants = int(number(size)) if size else None
        db.add(arm)
        found[arm_number] = arm
    db.execute(sa.delete(Result).where(col(Result.study_id) == study.id))
    db.flush()
    for gone in known.values():
        db.delete(gone)
    db.flush()
    return found


def _write_results(
    db: Session,
    study: Study,
    arms: Mapping[int, Arm],
    form: Form,
    values: Mapping[str, str],
    derived: frozenset[str],
) -> None:
    for one in results(form, values, derived):
        db.add(
            Result(
                review_id=study.review_id,
                study_id=study.id,
                outcome_id=one.outcome_id,
                timepoint=one.timepoint,
                arm_id=arms[one.arm].id,
                reference_arm_id=arms[one.reference].id if one.reference else None,
                events=one.events,
                total=one.total,
                mean=one.mean,
                sd=one.sd,
                time=one.time,
                mean_before=one.mean_before,
                sd_before=one.sd_before,
                correlation=one.correlation,
                estimate=one.estimate,
                se=one.se,
                p_reported=one.p_reported,
                favours=one.favours,
                derived=one.derived,
            )
        )
    db.flush()


def _write_experiments(db: Session, study: Study, values: Mapping[str, str]) -> None:
    known = select(Experiment.id).where(Experiment.study_id == study.id)
    db.execute(sa.delete(Focus).where(col(Focus.experiment_id).in_(known)))
    db.execute(sa.delete(Experiment).where(col(Experiment.study_id) == study.id))
    for one in foci.agreed(values):
        row = Experiment(
            review_id=study.review_id,
            study_id=study.id,
            number=one.number,
            name=one.name,
            participants=one.n,
            modality=one.modality,
            direction=one.direction,
            space=one.space,
            threshold=one.threshold,
        )
        db.add(row)
        db.flush()
        db.add_all(
            Focus(
                experiment_id=row.id,
                number=focus.number,
                x=focus.x,
                y=focus.y,
                z=focus.z,
                statistic=focus.statistic,
                size=focus.size,
            )
            for focus in one.foci
        )
    db.flush()


def reopen(db: Session, actor: Member, copy: Extraction) -> None:
    """Correct a finished consensus; analyses keep its last agreed numbers and are stale."""
    study = _check_open(db, actor, copy)
    hold(db, copy)
    if copy.state is not CopyState.DONE:
        return
    changes = audit.changed(copy, state=CopyState.IN_PROGRESS, done_at=None)
    db.add(copy)
    audit.append(db, actor, Act.EXTRACTION_REOPEN, copy, changes, study=study.label)
    db.flush()
    events.tell(db, actor, events.ExtractionReopened(study_id=study.id))
