"""Studies by outcomes of a set: the direction of each effect, pooled or not."""

from collections.abc import Iterator, Sequence

from reviewtool.certainty.sheets.side_by_side import Group, Row
from reviewtool.charts.directions import Arrows, EffectDirections, Mark
from reviewtool.synthesis.results import StudyEffect
from reviewtool.synthesis.results.told import Direction
from reviewtool.synthesis.sheets.directions import directions_of
from reviewtool.words import thousands


def arrows(name: str, group: Group) -> EffectDirections | None:
    """The effect direction plot of a comparison; None where no study has a direction.

    Effects may be good news in either way: an arrow up is a benefit by each outcome's plan.
    """
    rows = [row for row in group.rows if row.line.run is not None]
    marks = [dict(_marks(row)) for row in rows]
    if not any(mark.direction != "unknown" for own in marks for mark in own.values()):
        return None
    labels = dict.fromkeys(label for own in marks for label in own)
    return EffectDirections(
        columns=tuple(row.line.outcome.name for row in rows),
        rows=tuple(Arrows(label, tuple(own.get(label) for own in marks)) for label in labels),
        sides=("Benefit", "Harm"),
        counts=tuple(_count(list(own.values())) for own in marks),
        title=f"Effect directions: {name}, {group.title}",
    )


def _count(marks: Sequence[Mark]) -> str:
    benefit = sum(mark.direction == "benefit" for mark in marks)
    total = benefit + sum(mark.direction == "harm" for mark in marks)
    return f"{thousands(benefit)} of {thousands(total)}" if total else ""


def _marks(row: Row) -> Iterator[tuple[str, Mark]]:
    """Study -> its arrow, of an outcome."""
    told = directions_of(row.line.run.result if row.line.run else None)
    if told is not None:
        for one in told.rows:
            yield one.label, Mark(one.direction, one.people[0], one.judgement)
    elif row.result is not None and row.result.effect_measure.null is not None:
        judged = {study.study_id: study.judgement for study in row.evidence.studies}
        lower = row.line.outcome.lower_is_better
        for study in row.result.studies:
            yield study.label, _mark(study, lower, judged.get(study.study_id, ""))


def _mark(one: StudyEffect, lower_is_better: bool, judgement: str) -> Mark:
    direction: Direction = "unknown" if one.estimate is None else "neither"
    if one.estimate:
        direction = "benefit" if (one.estimate < 0) == lower_is_better else "harm"
    return Mark(direction, one.group1.total, judgement)
