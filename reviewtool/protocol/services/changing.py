"""Changing the protocol. After registration every change is an amendment."""

from datetime import date
from typing import Any, NamedTuple

from sqlmodel import Session

from reviewtool import audit, events
from reviewtool.acts import Act
from reviewtool.audit import changed
from reviewtool.db.row import hold
from reviewtool.db.types import now
from reviewtool.errors import Conflict, Invalid
from reviewtool.permissions import Action, require
from reviewtool.protocol import queries, rules
from reviewtool.protocol.models import (
    Amendment,
    Criterion,
    PlannedAnalysis,
    PlannedComparison,
    PlannedOutcome,
    ProtocolVersion,
)
from reviewtool.protocol.rules import Why
from reviewtool.protocol.rules.document import BY_KEY, labels
from reviewtool.protocol.rules.maps import choices_of
from reviewtool.protocol.services import checking
from reviewtool.team.models import Member

Planned = Criterion | PlannedOutcome | PlannedComparison | PlannedAnalysis
SECTION_OF: dict[type, str] = {
    Criterion: "criteria",
    PlannedOutcome: "outcomes",
    PlannedComparison: "comparisons",
    PlannedAnalysis: "analyses",
}


class Acts(NamedTuple):
    """What the log says of one kind of planned row."""

    added: Act
    changed: Act
    removed: Act


ACTS: dict[type, Acts] = {
    Criterion: Acts(
        Act.PROTOCOL_ADD_CRITERION, Act.PROTOCOL_CHANGE_CRITERION, Act.PROTOCOL_REMOVE_CRITERION
    ),
    PlannedOutcome: Acts(
        Act.PROTOCOL_ADD_OUTCOME, Act.PROTOCOL_CHANGE_OUTCOME, Act.PROTOCOL_REMOVE_OUTCOME
    ),
    PlannedComparison: Acts(
        Act.PROTOCOL_ADD_COMPARISON, Act.PROTOCOL_CHANGE_COMPARISON, Act.PROTOCOL_REMOVE_COMPARISON
    ),
    PlannedAnalysis: Acts(
        Act.PROTOCOL_ADD_ANALYSIS, Act.PROTOCOL_CHANGE_ANALYSIS, Act.PROTOCOL_REMOVE_ANALYSIS
    ),
}


def save_section(
    db: Session,
    actor: Member,
    section: str,
    values: dict[str, Any],
    why: Why | None = None,
) -> None:
    """Store one page of the form. Raises AmendmentReasonRequired, Invalid."""
    require(actor, Action.EDIT_PROTOCOL)
    if section not in BY_KEY:
        raise Invalid(f"There is no section “{section}”.")
    row = queries.protocol(db, actor.review_id)
    words = labels()
    hold(db, row, stands=lambda: {key: row.document.get(key, "") for key in words}, labels=words)
    unknown = set(values) - set(words)
    if unknown:
        raise Invalid(f"The protocol has no field {', '.join(sorted(unknown))}.")
    changes = {
        key: (row.document.get(key, ""), value)
        for key, value in values.items()
        if row.document.get(key, "") != value
    }
    if not changes:
        return
    before = _begin(db, actor, why)
    row.document = {**row.document, **values}
    row.updated_at = now()
    db.add(row)
    audit.append(db, actor, Act.PROTOCOL_SAVE_SECTION, row, changes)
    _amend(db, actor, section, before, why)


def save_row(
    db: Session,
    actor: Member,
    row: Planned,
    values: dict[str, Any],
    why: Why | None = None,
) -> Planned:
    """Store a criterion, outcome, comparison or analysis, new (no id) or changed.

    Raises DoesNotFit naming each field that does not go with the rest; Conflict where
    analyses or extracted values depend on what would change.
    """
    post_hoc = bool(values.get("post_hoc"))
    require(actor, Action.ANALYSE if post_hoc else Action.EDIT_PROTOCOL)
    row.review_id = actor.review_id
    hold(db, row)
    if isinstance(row, PlannedOutcome):
        values = checking.outcome(db, actor, row, values)
    elif isinstance(row, PlannedComparison):
        values = checking.comparison(db, actor, row, values)
    elif isinstance(row, PlannedAnalysis):
        values = checking.analysis(db, actor, row, values)
    is_new = row.id is None
    if not is_new and all(getattr(row, key) == value for key, value in values.items()):
        return row
    # A post-hoc analysis is no part of the plan, so adding one amends nothing.
    before = None if post_hoc else _begin(db, actor, why)
    changes = changed(row, **values)
    db.add(row)
    db.flush()
    acts = ACTS[type(row)]
    audit.append(db, actor, acts.added if is_new else acts.changed, row, changes)
    _amend(db, actor, SECTION_OF[type(row)], before, why)
    if not isinstance(row, Criterion):
        events.tell(db, actor, events.PlanChanged())
    return row


def remove_row(db: Session, actor: Member, row: Planned, why: Why | None = None) -> None:
    """Take a criterion, outcome, comparison or analysis out of the plan.

    Raises Conflict while an analysis still uses the outcome or comparison.
    """
    require(actor, Action.EDIT_PROTOCOL, row)
    hold(db, row)
    for analysis in queries.analyses(db, actor.review_id):
        if (isinstance(row, PlannedOutcome) and analysis.outcome_id == row.id) or (
            isinstance(row, PlannedComparison) and analysis.comparison_id == row.id
        ):
            raise Conflict(f"“{row.name}” is used by a planned analysis. Remove that first.")
        beside = choices_of(analysis.map)
        if isinstance(row, PlannedAnalysis) and beside.combine and beside.other_id == row.id:
            raise Conflict("A contrast or conjunction uses this map. Remove that first.")
    before = _begin(db, actor, why)
    audit.append(db, actor, ACTS[type(row)].removed, row, name=_name(row))
    if isinstance(row, Criterion):
        db.delete(row)
    else:
        row.removed_at = now()
        db.add(row)
    db.flush()
    _amend(db, actor, SECTION_OF[type(row)], before, why)
    if not isinstance(row, Criterion):
        events.tell(db, actor, events.PlanChanged())


def register(
    db: Session, actor: Member, registry: str, registry_id: str, registered_on: date
) -> ProtocolVersion:
    """Freeze version 1.0. Raises NotReady, Conflict when it is registered already."""
    require(actor, Action.REGISTER_PROTOCOL)
    row = queries.protocol(db, actor.review_id)
    if queries.versions(db, actor):
        raise Conflict("The protocol is registered already; later changes are amendments.")
    primary = [o for o in queries.outcomes(db, actor.review_id) if o.role.value == "primary"]
    empty = rules.missing(row.document, len(primary))
    if empty:
        raise rules.NotReady(missing=", ".join(empty))
    row.registry_name, row.registry_id, row.registered_on = (
        registry,
        registry_id,
        registered_on,
    )
    db.add(row)
    db.flush()
    version = _freeze(db, actor, "1.0")
    audit.append(
        db,
        actor,
        Act.PROTOCOL_REGISTER,
        version,
        registry=registry,
        registry_id=registry_id,
    )
    return version


def _begin(db: Session, actor: Member, why: Why | None) -> dict[str, Any] | None:
    """The content before the change when it will need an amendment, else None."""
    registered = bool(queries.versions(db, actor))
    rules.check_why(registered, why)
    return queries.content(db, actor.review_id) if registered else None


def _amend(
    db: Session,
    actor: Member,
    section: str,
    before: dict[str, Any] | None,
    why: Why | None,
) -> None:
    if before is None or why is None:
        return
    db.flush()
    after = queries.content(db, actor.review_id)
    current = queries.versions(db, actor)[-1].number
    number = rules.next_version(current, section)
    amendment = Amendment(
        review_id=actor.review_id,
        from_version=current,
        to_version=number,
        member_id=actor.id,
        section=dict(rules.all_sections())[section],
        old_text=rules.section_text(before, section),
        new_text=rules.section_text(after, section),
        reason=why.reason.strip(),
        stage_reached=why.stage_reached or queries.stage_reached(db, actor.review_id),
        knew_results=why.knew_results,
        effect_on_work=why.effect_on_work.strip(),
        amended_on=now().date(),
    )
    db.add(amendment)
    _freeze(db, actor, number)
    audit.append(db, actor, Act.PROTOCOL_AMEND, amendment, reason=amendment.reason, version=number)


def _freeze(db: Session, actor: Member, number: str) -> ProtocolVersion:
    content = queries.content(db, actor.review_id)
    version = ProtocolVersion(
        review_id=actor.review_id,
        number=number,
        content=content,
        content_hash=rules.content_hash(content),
        approved_by_id=actor.id,
    )
    db.add(version)
    db.flush()
    return version


def _name(row: Planned) -> str:
    return str(getattr(row, "name", "") or getattr(row, "text", "") or row.id)
