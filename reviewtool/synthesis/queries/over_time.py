"""What an analysis of several time points together goes by.

At each time point it takes the results that the analysis of that time point alone takes,
by the same rule and the same choices of persons. A result that would stand at two time
points is taken once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlmodel import Session, select

from reviewtool.protocol.models import PlannedAnalysis
from reviewtool.synthesis.models import Analysis
from reviewtool.synthesis.queries.extracted import numbers, unreported
from reviewtool.synthesis.queries.lines import Line, settings_of
from reviewtool.synthesis.queries.times import choices, notes_on_times, places_by
from reviewtool.synthesis.rules.over_time import in_order
from reviewtool.synthesis.rules.places import Place
from reviewtool.synthesis.rules.pooling import AtTime, Inputs
from reviewtool.synthesis.rules.selection import ArmNumbers, LeftOut, Row, Selected
from reviewtool.synthesis.rules.selection import select as choose


def over_time(db: Session, one: Line) -> Inputs:
    """The rows at every time point, and who has none at any of them."""
    found = numbers(db, one.outcome)
    silent = unreported(db, one.outcome, {number.study_id for number in found})
    moments: list[AtTime] = []
    notes: list[str] = []
    nowhere: dict[int, LeftOut] = {}
    taken: dict[tuple[int, str], str] = {}  # study and its own time -> where it stands
    for time in in_order(one.outcome.timepoints or ()):
        here = _at(one, time)
        alone = alone_at(db, one.planned, time)
        where = places_by(here, found, choices(db, alone) if alone else {})
        selected = _selected(here, found, where)
        rows: list[Row] = []
        for row in selected.rows:
            if any(other.study_id == row.study_id for other in rows):
                notes.append(f"{row.label}: of its estimates at {time} the first was taken.")
                continue
            own = selected.times[row.study_id]
            first = taken.setdefault((row.study_id, own), time)
            if first == time:
                rows.append(row)
            else:
                notes.append(
                    f"{row.label}: its result at {own} stands at {first} and at {time}; it was "
                    f"taken once, at {first}."
                )
        moments.append(AtTime(time, tuple(rows)))
        notes += [*selected.notes, *notes_on_times(here, found, where, selected.times)]
        nowhere |= {out.study_id: out for out in selected.left_out}
    present = {row.study_id for moment in moments for row in moment.rows}
    out = [
        replace(each, reason=f"it has no result of this comparison at any time point: {why}")
        for study_id, each in nowhere.items()
        if study_id not in present and (why := each.reason)
    ]
    return Inputs(
        (),
        tuple(dict.fromkeys(notes)),
        left_out=(*out, *silent),
        moments=tuple(moments),
    )


def alone_at(db: Session, planned: PlannedAnalysis, time: str) -> Analysis | None:
    """The analysis of one time point alone that asks the same of it, if one is planned."""
    return db.exec(
        select(Analysis)
        .join(PlannedAnalysis, PlannedAnalysis.id == Analysis.planned_id)  # type: ignore[arg-type]
        .where(
            PlannedAnalysis.review_id == planned.review_id,
            PlannedAnalysis.outcome_id == planned.outcome_id,
            PlannedAnalysis.comparison_id == planned.comparison_id,
            PlannedAnalysis.timepoint == time,
            PlannedAnalysis.kind == "pairwise",
            PlannedAnalysis.removed_at.is_(None),  # type: ignore[union-attr]
        )
        .order_by(PlannedAnalysis.position, PlannedAnalysis.id)  # type: ignore[arg-type]
    ).first()


def _at(one: Line, time: str) -> Line:
    """The line as that of one time point."""
    planned = PlannedAnalysis(**{**one.planned.model_dump(), "timepoint": time, "kind": "pairwise"})
    return replace(one, planned=planned)


def _selected(one: Line, found: Sequence[ArmNumbers], where: Mapping[int, Place]) -> Selected:
    return choose(
        found,
        one.comparison.experimental,
        one.comparison.comparator,
        [one.planned.timepoint],
        groups=settings_of(one.planned).effect_measure.groups,
        preferred={study_id: place.order for study_id, place in where.items()},
    )
