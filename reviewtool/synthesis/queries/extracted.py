"""What the agreed extractions of a review hold: numbers, foci and characteristics."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

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
from reviewtool.protocol.models import PlannedOutcome
from reviewtool.synthesis.rules.selection import ArmNumbers, Coordinates, LeftOut

# What a result holds of a group or a comparison.
NUMBERS = (
    "events",
    "total",
    "mean",
    "sd",
    "time",
    "mean_before",
    "sd_before",
    "correlation",
    "estimate",
    "se",
)


def studies_open(db: Session, review_id: int) -> tuple[int, int]:
    """(studies without an agreed extraction, studies)."""
    total = db.exec(
        select(func.count(col(Study.id))).where(
            Study.review_id == review_id, col(Study.removed_at).is_(None)
        )
    ).one()
    agreed = db.exec(
        select(func.count(col(Extraction.id)))
        .join(Study, col(Study.id) == Extraction.study_id)
        .where(
            Extraction.review_id == review_id,
            Extraction.kind == CopyKind.CONSENSUS,
            Extraction.state == CopyState.DONE,
            col(Study.removed_at).is_(None),
        )
    ).one()
    return total - agreed, total


def numbers(db: Session, outcome: PlannedOutcome) -> list[ArmNumbers]:
    """The agreed numbers of every arm for an outcome."""
    reference = aliased(Arm)
    rows = db.exec(
        select(Result, Arm, Study, col(reference.treatment))
        .join(Arm, col(Arm.id) == Result.arm_id)
        .join(Study, col(Study.id) == Result.study_id)
        .outerjoin(reference, col(reference.id) == Result.reference_arm_id)
        .where(
            Result.review_id == outcome.review_id,
            Result.outcome_id == outcome.id,
            col(Study.removed_at).is_(None),
        )
        .order_by(col(Study.id), col(Arm.number), col(Result.id))
    ).all()
    return [
        ArmNumbers(
            study_id=study.id,
            study=study.label,
            year=study.year,
            arm=arm.number,
            treatment=arm.treatment,
            timepoint=result.timepoint,
            **{name: getattr(result, name, None) for name in NUMBERS},
            reference=other or "",
            estimate_measure=outcome.measure if result.estimate is not None else "",
            p_reported=result.p_reported,
            favours=result.favours,
        )
        for result, arm, study, other in rows
    ]


def randomised(db: Session, study_ids: Sequence[int]) -> dict[int, list[tuple[str, int]]]:
    """Study id -> (treatment, people randomised) of each arm that says how many."""
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    if study_ids:
        for arm in db.exec(
            select(Arm).where(col(Arm.study_id).in_(study_ids)).order_by(col(Arm.number))
        ):
            if arm.participants is not None:
                found[arm.study_id].append((arm.treatment, arm.participants))
    return dict(found)


def unreported(db: Session, outcome: PlannedOutcome, given: Iterable[int]) -> list[LeftOut]:
    """Studies with an agreed extraction but without any result for an outcome.

    given: ids of the studies that have one.
    """
    rows = db.exec(
        select(Study)
        .join(Extraction, col(Extraction.study_id) == Study.id)
        .where(
            Study.review_id == outcome.review_id,
            col(Study.removed_at).is_(None),
            Extraction.kind == CopyKind.CONSENSUS,
            Extraction.state == CopyState.DONE,
            col(Study.id).not_in(list(given)),
        )
        .order_by(col(Study.id))
    ).all()
    return [
        LeftOut(
            study.id, study.label, f"no result for “{outcome.name}” was extracted", "unreported"
        )
        for study in rows
    ]


def coordinates(db: Session, review_id: int) -> list[Coordinates]:
    """Every agreed experiment of a review with its foci, by study and number."""
    rows = db.exec(
        select(Experiment, Study)
        .join(Study, col(Study.id) == Experiment.study_id)
        .where(Experiment.review_id == review_id, col(Study.removed_at).is_(None))
        .order_by(col(Study.id), col(Experiment.number))
    ).all()
    foci: dict[int, list[tuple[float, float, float]]] = defaultdict(list)
    for focus in db.exec(
        select(Focus)
        .join(Experiment, col(Experiment.id) == Focus.experiment_id)
        .where(Experiment.review_id == review_id)
        .order_by(col(Focus.experiment_id), col(Focus.number))
    ):
        foci[focus.experiment_id].append((focus.x, focus.y, focus.z))
    return [
        Coordinates(
            study.id,
            study.label,
            experiment.name,
            experiment.participants,
            experiment.space,
            tuple(foci[experiment.id]),
            experiment.modality,
            experiment.direction,
        )
        for experiment, study in rows
    ]


def characteristics(db: Session, review_id: int) -> dict[int, dict[str, str]]:
    """Study id -> key -> agreed value."""
    result: dict[int, dict[str, str]] = defaultdict(dict)
    rows = db.exec(
        select(Extraction.study_id, Entry.path, Entry.value)
        .join(Entry, col(Entry.extraction_id) == Extraction.id)
        .where(
            Extraction.review_id == review_id,
            Extraction.kind == CopyKind.CONSENSUS,
            Extraction.state == CopyState.DONE,
            col(Entry.path).startswith("study."),
        )
        .order_by(col(Entry.id))
    ).all()
    for study_id, path, value in rows:
        if value:
            result[study_id][path.removeprefix("study.")] = value
    return result
