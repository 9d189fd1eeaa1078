"""Filling a copy: start, set up, answer, judge."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, select

from reviewtool import audit, permissions
from reviewtool.acts import Act
from reviewtool.bias import queries, rules
from reviewtool.bias.models import Answer, Assessment, Judgement
from reviewtool.bias.rules import OVERALL, Verdict
from reviewtool.db.row import hold, mine, touch
from reviewtool.errors import Conflict, Forbidden, Invalid, NotFound
from reviewtool.extraction.models import CopyKind, CopyState, Study
from reviewtool.instruments import (
    Domain,
    Instrument,
    InvalidAnswer,
    check,
    clear,
    load,
)
from reviewtool.permissions import Action
from reviewtool.protocol.models import PlannedOutcome
from reviewtool.team.models import Member

SETUP = ("options", "experimental", "comparator", "result", "sources")


@dataclass(frozen=True)
class Support:
    """Why an answer was given: own words, a quotation and its page."""

    text: str = ""
    quote: str = ""
    page: str = ""


def start(
    db: Session,
    actor: Member,
    key: queries.Key,
    instrument: str = "rob2",
    variant: str = "assignment",
    setup: Mapping[str, Any] | None = None,
) -> Assessment:
    """Open the actor's own copy for a result, or return the one they have.

    The second assessor takes over instrument, variant and set-up of the first, because
    both must judge the same thing. Raises Conflict when two others are at it.
    """
    permissions.require(actor, Action.ASSESS_BIAS)
    lock(db, key)
    target = queries.target(db, actor, key)
    if key.outcome_id is not None:
        mine(db, actor, PlannedOutcome, key.outcome_id)
    if (own := target.mine(actor)) is not None:
        return own
    if len(target.assessors) >= rules.ASSESSORS:
        raise Conflict("Two assessors are already working on this result.")
    if target.assessors:
        first = target.assessors[0]
        taken = {copy.kind for copy in target.assessors}
        kind = CopyKind.SECOND if CopyKind.FIRST in taken else CopyKind.FIRST
        copy = copy_of(first, kind, actor)
    else:
        copy = Assessment(
            review_id=actor.review_id,
            study_id=key.study_id,
            outcome_id=key.outcome_id,
            timepoint=key.timepoint,
            instrument=instrument,
            version=load(instrument).version,
            variant=variant,
            setup=_checked_setup(instrument, variant, setup or {}),
            kind=CopyKind.FIRST,
            member_id=actor.id,
        )
    db.add(copy)
    audit.append(db, actor, Act.BIAS_START, copy, instrument=copy.instrument, variant=copy.variant)
    return copy


def lock(db: Session, key: queries.Key) -> None:
    """Let two people who begin at the same moment do so one after the other."""
    db.exec(select(Study.id).where(Study.id == key.study_id).with_for_update()).first()


def copy_of(first: Assessment, kind: CopyKind, actor: Member) -> Assessment:
    """An empty copy of the same result, by the same tool and set-up."""
    same = first.model_dump(
        include={"review_id", "study_id", "outcome_id", "timepoint", "instrument", "version"}
        | {"variant", "setup"}
    )
    return Assessment(**same, kind=kind, member_id=actor.id)


def _checked_setup(instrument: str, variant: str, setup: Mapping[str, Any]) -> dict[str, Any]:
    try:
        offered = load(instrument).variant(variant)
    except KeyError:
        raise Invalid(f"{load(instrument).label} has no variant {variant!r}.") from None
    known = {option.key for option in offered.options}
    chosen = [str(option) for option in setup.get("options", [])]
    if unknown := [option for option in chosen if option not in known]:
        raise Invalid(f"{', '.join(unknown)}: not a choice of {offered.label}.")
    if offered.options and not chosen:
        raise Invalid(f"{offered.options_label}: choose one or more.")
    return {key: chosen if key == "options" else str(setup.get(key, "")).strip() for key in SETUP}


def require_open(db: Session, actor: Member, assessment: Assessment) -> None:
    """Let pass who may change this copy now. Raises Forbidden, Conflict."""
    permissions.require(actor, Action.ASSESS_BIAS, assessment)
    if assessment.kind is not CopyKind.CONSENSUS and assessment.member_id != actor.id:
        raise Forbidden("This is a colleague's assessment. Each assessor changes only their own.")
    if assessment.state is CopyState.DONE:
        raise Conflict("This assessment is finished. Reopen it before you change it.")
    if assessment.version != load(assessment.instrument).version:
        raise Conflict(
            f"This assessment was begun with version {assessment.version} of the tool, which this "
            "server no longer has. Export it and begin anew."
        )


def _domain(assessment: Assessment, key: str) -> tuple[Instrument, Domain]:
    instrument, domains = queries.definition(assessment)
    for domain in domains:
        if domain.id == key:
            return instrument, domain
    raise NotFound(f"{instrument.label} has no domain {key}.")


def save_domain(
    db: Session,
    actor: Member,
    assessment: Assessment,
    key: str,
    given: Mapping[str, str],
    supports: Mapping[str, Support] | None = None,
    *,
    final: str | None = None,
    reason: str = "",
    direction: str | None = None,
) -> Judgement:
    """Store answers and support of one domain and judge it anew.

    given: question -> code, only those that change; "" takes an answer away. Answers
    that end up behind a closed gate become NA; the log keeps the old ones.
    final, reason: an override (None leaves it, "" takes the proposal).
    Raises InvalidAnswer and OverrideNeedsReason.
    """
    require_open(db, actor, assessment)
    instrument, domain = _domain(assessment, key)
    held = _hold_domain(db, assessment, key)
    options = queries.options(assessment)
    stored = queries.answers(db, assessment)
    merged = {**queries.codes(domain, stored), **given}
    merged = {question: code for question, code in merged.items() if code}
    kept, _ = clear(instrument, domain, merged, options)
    unknown = {q: c for q, c in merged.items() if q not in kept}
    if problems := check(instrument, domain, {**kept, **unknown}, options):
        raise InvalidAnswer(" ".join(problem.message for problem in problems))
    changes = _store_answers(db, assessment, domain, stored, kept, supports or {})
    if changes:
        touch(held)
        audit.append(db, actor, Act.BIAS_ANSWER, assessment, changes)
    proposed = rules.propose(instrument, domain, kept, options)
    if domain.hint_only:
        proposed = ""
    label = f"{domain.id} {domain.name}"
    row = _judge(db, actor, assessment, instrument, domain.id, proposed, final, reason, label)
    _direct(db, actor, assessment, instrument, row, direction)
    _refresh_overall(db, actor, assessment, instrument)
    return row


def _hold_domain(db: Session, assessment: Assessment, key: str) -> Judgement:
    """Keep a domain (or the overall judgement) for this change; its answers belong to it."""
    db.flush()
    db.refresh(assessment, with_for_update=True)  # two who begin a domain wait for each other
    for part in (Answer, Judgement):  # what was read before the lock may be old by now
        anew = select(part).where(part.assessment_id == assessment.id)
        db.exec(anew.execution_options(populate_existing=True)).all()
    row = queries.judgements(db, assessment).get(key)
    row = row or Judgement(assessment_id=assessment.id, domain=key)
    hold(db, row, stands=lambda: _stands(db, assessment, row))
    if row.id is None:
        db.add(row)
        db.flush()
    return row


def _stands(db: Session, assessment: Assessment, row: Judgement) -> dict[str, str]:
    """A domain under the names of its form."""
    found = {"final": row.final, "reason": row.reason, "direction": row.direction}
    for question, answer in queries.answers(db, assessment).items():
        found[f"q-{question}"] = answer.answer
        found[f"support-{question}"] = answer.support
        found[f"quote-{question}"] = answer.quote
        found[f"page-{question}"] = answer.page
    return found


def _store_answers(
    db: Session,
    assessment: Assessment,
    domain: Domain,
    stored: dict[str, Answer],
    codes: Mapping[str, str],
    supports: Mapping[str, Support],
) -> dict[str, tuple[Any, Any]]:
    changes: dict[str, tuple[Any, Any]] = {}
    for question in domain.questions:
        code, support = codes.get(question.id, ""), supports.get(question.id)
        row = stored.get(question.id)
        if row is None:
            if not code and not (support and (support.text or support.quote)):
                continue
            row = Answer(assessment_id=assessment.id, question=question.id, answer="")
        values: dict[str, Any] = {"answer": code}
        if support is not None:
            values |= {
                "support": support.text.strip(),
                "quote": support.quote.strip(),
                "page": support.page.strip(),
            }
        if changed := audit.changed(row, **values):
            db.add(row)
            prefix = {"answer": question.id}
            changes |= {prefix.get(k, f"{question.id} {k}"): v for k, v in changed.items()}
    db.flush()
    return changes


def _row(db: Session, assessment: Assessment, key: str) -> Judgement:
    found = queries.judgements(db, assessment).get(key)
    if found is None:
        found = Judgement(assessment_id=assessment.id, domain=key)
        db.add(found)
    return found


def _judge(
    db: Session,
    actor: Member,
    assessment: Assessment,
    instrument: Instrument,
    key: str,
    proposed: str,
    final: str | None,
    reason: str,
    label: str,
) -> Judgement:
    row = _row(db, assessment, key)
    before = Verdict(row.proposed, row.final, row.reason)
    grades = instrument.overall_grades if key == OVERALL else instrument.judgements
    if final and final not in {grade.label for grade in grades}:
        raise InvalidAnswer(
            f"{label}: there is no judgement {final!r}. "
            f"Choose {', '.join(grade.label for grade in grades)}."
        )
    if final is None and not proposed and not before.proposed:
        after = before  # nothing computed to follow, as in a domain with a hint only
    else:
        after = rules.settle(before, proposed, final, reason, label)
    changes = audit.changed(row, proposed=after.proposed, final=after.final, reason=after.reason)
    if changes:
        db.flush()
        named = {f"{key} {field}": value for field, value in changes.items()}
        audit.append(db, actor, Act.BIAS_JUDGE, assessment, named)
    return row


def _direct(
    db: Session,
    actor: Member,
    assessment: Assessment,
    instrument: Instrument,
    row: Judgement,
    direction: str | None,
) -> None:
    if direction is None:
        return
    if direction and direction not in instrument.directions:
        raise Invalid(f"{direction}: not a direction. Choose {', '.join(instrument.directions)}.")
    if changes := audit.changed(row, direction=direction):
        named = {f"{row.domain} direction": changes["direction"]}
        audit.append(db, actor, Act.BIAS_JUDGE, assessment, named)


def _finals(db: Session, assessment: Assessment) -> dict[str, str]:
    """Domain id -> final judgement, "" while open, in the order of the tool."""
    stored = queries.judgements(db, assessment)
    _, domains = queries.definition(assessment)
    return {d.id: stored[d.id].final if d.id in stored else "" for d in domains}


def _concerns(found: rules.OverallProposal, finals: Mapping[str, str]) -> str:
    """The domains that the open prompts ask about, as one text; "" without a prompt."""
    asked = {prompt.judgement for prompt in found.prompts}
    return ", ".join(domain for domain, final in finals.items() if final in asked)


def _refresh_overall(
    db: Session, actor: Member, assessment: Assessment, instrument: Instrument
) -> None:
    """Let the overall follow the domains; a prompt stays open until a person answers it."""
    _, domains = queries.definition(assessment)
    finals = _finals(db, assessment)
    found = rules.propose_overall(instrument, domains, list(finals.values()))
    row = _row(db, assessment, OVERALL)
    concerns = _concerns(found, finals)
    if concerns and row.confirmed != concerns:
        changes = audit.changed(row, proposed=found.judgement, final="", reason="", confirmed="")
        if changes.keys() - {"confirmed"}:
            db.flush()
            named = {f"{OVERALL} {field}": value for field, value in changes.items()}
            audit.append(db, actor, Act.BIAS_JUDGE, assessment, named)
        return
    if concerns and row.final:
        return
    _judge(db, actor, assessment, instrument, OVERALL, found.judgement, None, "", "Overall")


def judge_overall(
    db: Session,
    actor: Member,
    assessment: Assessment,
    final: str,
    reason: str = "",
    direction: str | None = None,
) -> Judgement:
    """Take the overall proposal (``final`` empty or the same) or replace it with a reason.

    This also answers the prompt about several domains with some concerns.
    """
    require_open(db, actor, assessment)
    _hold_domain(db, assessment, OVERALL)
    instrument, domains = queries.definition(assessment)
    finals = _finals(db, assessment)
    found = rules.propose_overall(instrument, domains, list(finals.values()))
    if not found.judgement:
        raise rules.Unfinished("Judge every domain before the result as a whole.")
    row = _judge(
        db, actor, assessment, instrument, OVERALL, found.judgement, final, reason, "Overall"
    )
    row.confirmed = _concerns(found, finals)
    _direct(db, actor, assessment, instrument, row, direction)
    return row
