"""Rating certainty: assumed risk, what the suggestions need, the rating itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from reviewtool import audit, permissions
from reviewtool.acts import Act
from reviewtool.certainty import queries
from reviewtool.certainty.models import Rating, Step
from reviewtool.certainty.queries import Line
from reviewtool.certainty.rules.details import details_from
from reviewtool.certainty.rules.evidence import Evidence, suggestions
from reviewtool.certainty.rules.level import (
    DOMAINS,
    DOWN,
    MESSAGES,
    UP,
    Certainty,
    Design,
    certainty,
)
from reviewtool.certainty.rules.suggestions import Suggestion
from reviewtool.db.row import hold, touch
from reviewtool.db.types import now
from reviewtool.errors import Conflict, Invalid, ReasonRequired
from reviewtool.permissions import Action
from reviewtool.team.models import Member

MEDIAN = "Median of the comparator groups of the included studies"


@dataclass(frozen=True)
class Taken:
    """Levels taken (or given) in one domain, and the footnote that says why."""

    steps: int = 0
    footnote: str = ""


class FootnoteRequired(ReasonRequired):
    """Every level taken or given is explained to the readers of the table."""

    code = "footnote-required"
    message = "{domain}: write the footnote that explains this step."


class SourceRequired(ReasonRequired):
    """An assumed risk says where it comes from."""

    code = "source-required"
    message = "Say where the assumed risk comes from: the median of the studies, or a citation."


def _rating(db: Session, actor: Member, line: Line) -> Rating:
    permissions.require(actor, Action.RATE_CERTAINTY, line.planned)
    if line.analysis is None:
        raise Conflict("This analysis has not been prepared yet. Rate it once it has run.")
    db.refresh(line.analysis, with_for_update=True)  # two first ratings wait for each other
    line.rating = queries.rating_of(db, line.analysis)
    if line.rating is None:
        line.rating = Rating(review_id=actor.review_id, analysis_id=line.analysis.id)
        hold(db, line.rating)
        db.add(line.rating)
        db.flush()
    return line.rating


def set_assumed_risk(
    db: Session, actor: Member, line: Line, risk: float | None, source: str
) -> Rating:
    """Store the assumed comparator risk (a proportion) and where it comes from.

    Raises Invalid outside 0..1 and SourceRequired without a source; None takes it away.
    """
    rating = _rating(db, actor, line)
    hold(db, rating)
    if risk is not None:
        if not 0 <= risk <= 1:
            raise Invalid("The assumed risk lies between 0 and 1000 per 1000.")
        if not source.strip():
            raise SourceRequired()
    changes = audit.changed(
        rating, assumed_risk=risk, assumed_risk_source=source.strip() if risk is not None else ""
    )
    if changes:
        audit.append(db, actor, Act.CERTAINTY_ASSUME_RISK, rating, changes)
    return rating


def set_details(db: Session, actor: Member, line: Line, values: Mapping[str, Any]) -> Rating:
    """Store what the suggestions need to be told. Raises Invalid."""
    rating = _rating(db, actor, line)
    hold(db, rating)
    rated_on = {"joint_run": line.details.joint_run}  # what a rating keeps, nobody tells
    told = details_from({**line.details.model_dump(), **values, **rated_on})
    if values.get("estimate") == "together" and line.together is None:
        raise Invalid(
            "The time points of this outcome and comparison have no analysis together with the "
            "same measure and level. Plan and run one, or rate this time point alone."
        )
    checked = told.model_dump(mode="json")
    if changes := audit.changed(rating, details=checked):
        audit.append(db, actor, Act.CERTAINTY_DETAILS, rating, changes)
    return rating


def preview(design: Design, taken: Mapping[str, Taken]) -> Certainty:
    """The certainty by rule, before anything is stored. Raises Invalid."""
    if unknown := [key for key in taken if key not in DOMAINS]:
        raise Invalid(f"{', '.join(unknown)}: not a GRADE domain. Choose {', '.join(DOMAINS)}.")
    return certainty(
        design,
        {d.key: taken[d.key].steps for d in DOWN if d.key in taken},
        {d.key: taken[d.key].steps for d in UP if d.key in taken},
    )


def rate(
    db: Session,
    actor: Member,
    line: Line,
    design: Design,
    taken: Mapping[str, Taken],
    comment: str = "",
) -> Rating:
    """Store the rating on the newest run.

    Raises FootnoteRequired for a step without one, and Invalid for what GRADE does not
    allow. Suggestions of the moment are stored beside the steps; they decide nothing.
    Without an assumed risk the median comparator risk is taken, by name.
    """
    if line.run is None:
        permissions.require(actor, Action.RATE_CERTAINTY, line.planned)
        raise Conflict("There is no result to rate yet: the analysis has not run.")
    rating = _rating(db, actor, line)
    hold(db, rating, stands=lambda: _stands(db, rating), labels=_labels())
    line.steps = queries.steps_of(db, rating)
    found = preview(design, taken)
    if found.error or found.level is None:
        raise Invalid(MESSAGES.get(found.error or "", "This rating is not possible."))
    for key, one in taken.items():
        if one.steps and not one.footnote.strip():
            raise FootnoteRequired(domain=DOMAINS[key].label)
    evidence = queries.evidence(db, line)
    median = evidence.median_comparator_risk
    if rating.assumed_risk is None and evidence.has_absolute and median is not None:
        set_assumed_risk(db, actor, line, median, MEDIAN)
    changes = _store_steps(db, line, evidence, rating, taken)
    joint_run = line.joint.id if line.rates_together and line.joint else None
    if joint_run != line.details.joint_run:
        kept = line.details.model_copy(update={"joint_run": joint_run})
        changes |= audit.changed(rating, details=kept.model_dump(mode="json"))
    changes |= audit.changed(
        rating,
        design=design.value,
        certainty=found.level.value,
        comment=comment.strip(),
        run_id=line.run.id,
        member_id=actor.id,
    )
    if changes:
        touch(rating)
        rating.rated_at = now()
        audit.append(db, actor, Act.CERTAINTY_RATE, rating, changes)
    return rating


def _labels() -> dict[str, str]:
    return {f"steps-{key}": one.label for key, one in DOMAINS.items()} | {
        f"footnote-{key}": f"Footnote, {one.label.lower()}" for key, one in DOMAINS.items()
    }


def _stands(db: Session, rating: Rating) -> dict[str, Any]:
    """The rating under the names of its form."""
    found: dict[str, Any] = {"design": rating.design, "comment": rating.comment}
    steps = queries.steps_of(db, rating)
    for key in DOMAINS:
        found[f"steps-{key}"] = steps[key].steps if key in steps else 0
        found[f"footnote-{key}"] = steps[key].footnote if key in steps else ""
    return found


def _store_steps(
    db: Session, line: Line, evidence: Evidence, rating: Rating, taken: Mapping[str, Taken]
) -> dict[str, tuple[Any, Any]]:
    suggested = suggestions(
        evidence,
        line.details,
        line.assumed_risk,
        {key: one.steps for key, one in taken.items()},
    )
    changes: dict[str, tuple[Any, Any]] = {}
    for key, domain in DOMAINS.items():
        one, found = taken.get(key, Taken()), suggested.get(key)
        step = line.steps.get(key)
        if step is None:
            step = line.steps[key] = Step(rating_id=rating.id, domain=domain.key)
        changed = audit.changed(
            step,
            steps=one.steps,
            footnote=one.footnote.strip() if one.steps else "",
            suggested=found.steps if isinstance(found, Suggestion) else None,
        )
        db.add(step)
        changes |= {f"{key} {name}": value for name, value in changed.items()}
    return changes
