"""Differences between protocol and review: what was amended, left undone, or added.

Drawn from the review itself, so that the section says what happened (PRISMA 2020, item 24c;
MECIR R106: changes from the protocol with their reasons).
"""

import io
from dataclasses import dataclass
from typing import Any

from docx import Document
from sqlmodel import Session, col, select

from reviewtool.extraction.models import Result, Study
from reviewtool.protocol import queries as protocol
from reviewtool.protocol.models import Amendment
from reviewtool.synthesis import queries as synthesis
from reviewtool.synthesis.models import AnalysisState, ResultChoice
from reviewtool.synthesis.queries import Line
from reviewtool.synthesis.results import NarrativeResult, PairwiseResult
from reviewtool.team.models import Member, Review
from reviewtool.words import day, plural

UNDONE = {
    AnalysisState.WAITING: "Extraction is not complete.",
    AnalysisState.QUEUED: "It is being computed.",
}


@dataclass(frozen=True)
class Difference:
    """One difference: what, and why. analysis_id: where it can be looked at, if anywhere."""

    what: str
    why: str
    analysis_id: int | None = None


@dataclass(frozen=True)
class Differences:
    """Everything in which review and protocol differ. version: the registered one, or ""."""

    version: str
    amended: tuple[Amendment, ...]
    undone: tuple[Difference, ...]
    added: tuple[Difference, ...]

    def __bool__(self) -> bool:
        return bool(self.amended or self.undone or self.added)

    @property
    def sentence(self) -> str:
        """How many there are of each kind that occurs, in words."""
        kinds = (
            (self.amended, "amendment", "amendments"),
            (self.undone, "planned part not done", "planned parts not done"),
            (self.added, "part not planned", "parts not planned"),
        )
        said = [plural(len(those), *words) for those, *words in kinds if those]
        return f"{', '.join(said) or 'No difference'}."


def differences(db: Session, member: Member) -> Differences:
    """In what the review differs from its protocol now."""
    versions = protocol.versions(db, member)
    lines = synthesis.lines(db, member.review_id)
    return Differences(
        versions[0].number if versions else "",
        tuple(protocol.amendments(db, member)),
        (
            *_unplanned_for(db, member.review_id),
            *_undone(lines),
            *_nothing_to_tell(db, member.review_id),
        ),
        (*_added(lines), *_chosen(db, member.review_id, lines)),
    )


def _unplanned_for(db: Session, review_id: int) -> list[Difference]:
    """Outcomes, time points and comparisons that no analysis is planned for."""
    planned = protocol.analyses(db, review_id)
    found = []
    for outcome in protocol.outcomes(db, review_id):
        own = [one for one in planned if one.outcome_id == outcome.id]
        if not own:
            found.append(Difference(outcome.name, "No analysis of this outcome is planned."))
            continue
        times = {one.timepoint for one in own}
        if "" in times:
            continue
        for time in outcome.timepoints or ():
            if time not in times:
                why = "No analysis at this time point is planned."
                found.append(Difference(f"{outcome.name}, {time}", why))
    used = {one.comparison_id for one in planned}
    for comparison in protocol.comparisons(db, review_id):
        if comparison.id not in used:
            why = "No analysis of this comparison is planned."
            found.append(Difference(comparison.name, why))
    return found


def _undone(lines: list[Line]) -> list[Difference]:
    """Planned analyses, or parts of them, without a result."""
    found = []
    for line in lines:
        if line.planned.post_hoc or line.planned.kind == "narrative":
            continue
        analysis_id = line.analysis.id
        if line.run is None:
            why = line.analysis.error or UNDONE.get(line.analysis.state, "It was not run.")
            found.append(Difference(line.title, why, analysis_id))
            continue
        result = line.run.result
        if isinstance(result, NarrativeResult):
            why = "No study could be pooled; the directions of their effects are told instead."
            found.append(Difference(line.title, why, analysis_id))
        if not isinstance(result, PairwiseResult):
            continue
        if result.study_count == 1:
            why = "A single study has usable numbers, so nothing was pooled."
            found.append(Difference(line.title, why, analysis_id))
        if line.planned.subgroup and len(result.subgroups) < 2:
            why = "All studies are in one group." if result.study_count > 1 else "A single study."
            found.append(Difference(f"{line.title}: subgroups", why, analysis_id))
        if line.planned.moderators and (result.regression is None or result.regression.error):
            why = result.regression.error if result.regression else "Too few studies."
            found.append(Difference(f"{line.title}: meta-regression", why, analysis_id))
    return found


def _nothing_to_tell(db: Session, review_id: int) -> list[Difference]:
    """Narrative analyses of outcomes for which no study has a result."""
    outcomes = {one.id: one.name for one in protocol.outcomes(db, review_id)}
    pairs = {one.id: one.name for one in protocol.comparisons(db, review_id)}
    reported = set(
        db.exec(select(Result.outcome_id).where(Result.review_id == review_id).distinct())
    )
    return [
        Difference(
            f"{outcomes[one.outcome_id]}: {pairs[one.comparison_id]}",
            "No study has a result for this narrative analysis.",
        )
        for one in protocol.analyses(db, review_id)
        if one.kind == "narrative"
        and one.outcome_id in outcomes
        and one.comparison_id in pairs
        and one.outcome_id not in reported
    ]


def _added(lines: list[Line]) -> list[Difference]:
    return [
        Difference(line.title, "An analysis that was not planned (post hoc).", line.analysis.id)
        for line in lines
        if line.planned.post_hoc
    ]


def _chosen(db: Session, review_id: int, lines: list[Line]) -> list[Difference]:
    """Results that a person let stand instead of those of the rule."""
    titles = {line.analysis.id: line.title for line in lines}
    rows = db.exec(
        select(ResultChoice, Study.label)
        .join(Study, col(Study.id) == ResultChoice.study_id)
        .where(ResultChoice.review_id == review_id, col(Study.removed_at).is_(None))
        .order_by(col(ResultChoice.analysis_id), col(Study.label))
    ).all()
    return [
        Difference(
            f"{titles[row.analysis_id]}: {label} at {row.timepoint or 'no time point'}",
            f"Chosen instead of the result that the rule takes: {row.reason}",
            row.analysis_id,
        )
        for row, label in rows
        if row.analysis_id in titles
    ]


def as_docx(db: Session, member: Member) -> bytes:
    """The section as a Word document."""
    found = differences(db, member)
    title = db.get_one(Review, member.review_id).title
    document: Any = Document()
    document.core_properties.title = f"{title}: differences between protocol and review"
    document.add_heading("Differences between protocol and review", 1)
    document.add_paragraph(status(found))
    for heading, lines in texts(found):
        document.add_heading(heading, 2)
        for line in lines:
            document.add_paragraph(line, style="List Bullet")
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def status(found: Differences) -> str:
    """What the section begins with."""
    if not found.version:
        return (
            "The protocol was not registered in this review, so that its changes left no trace. "
            f"{found.sentence}"
        )
    if not found:
        return f"The review was done as version {found.version} of the protocol says."
    return f"Against version {found.version} of the protocol: {found.sentence}"


def texts(found: Differences) -> list[tuple[str, list[str]]]:
    """(heading, lines) of every part that has any."""
    amended = [
        f"{day(one.amended_on)}, {one.section} (version {one.to_version}, "
        f"{one.stage_reached or 'stage not named'}"
        f"{', results known' if one.knew_results else ''}): {one.reason}"
        f"{f' Effect on the work: {one.effect_on_work}' if one.effect_on_work else ''}"
        for one in found.amended
    ]
    parts = [
        ("Amendments", amended),
        ("Planned, not done", [f"{one.what}. {one.why}" for one in found.undone]),
        ("Done, not planned", [f"{one.what}. {one.why}" for one in found.added]),
    ]
    return [(heading, lines) for heading, lines in parts if lines]
