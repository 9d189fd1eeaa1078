"""Which result of a study stands in an analysis, where it reports several times."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from reviewtool.bias import queries as bias
from reviewtool.protocol.rules.brains import COORDINATES
from reviewtool.protocol.rules.joint import OVER_TIME
from reviewtool.protocol.rules.times import windows_of
from reviewtool.synthesis.models import Analysis, ResultChoice
from reviewtool.synthesis.queries.extracted import numbers
from reviewtool.synthesis.queries.lines import Line, settings_of
from reviewtool.synthesis.rules.network.arms import Chosen, arms_of
from reviewtool.synthesis.rules.places import Choice, Place, Plan, place, words_of
from reviewtool.synthesis.rules.selection import ArmNumbers, Selected
from reviewtool.synthesis.rules.selection import select as choose


def choices(db: Session, analysis: Analysis) -> dict[int, ResultChoice]:
    """Study id -> which of its results somebody chose for this analysis."""
    rows = db.exec(
        select(ResultChoice)
        .where(ResultChoice.analysis_id == analysis.id)
        .order_by(col(ResultChoice.study_id))
    )
    return {row.study_id: row for row in rows}


def places(db: Session, one: Line, found: Sequence[ArmNumbers]) -> dict[int, Place]:
    """Study id -> the times that this analysis may take of it, best first."""
    return places_by(one, found, choices(db, one.analysis))


def places_by(
    one: Line, found: Sequence[ArmNumbers], chosen_by_people: Mapping[int, ResultChoice]
) -> dict[int, Place]:
    """The same by the choices given."""
    outcome, times = one.outcome, defaultdict(list)
    plan = Plan(
        one.planned.timepoint,
        outcome.timepoints or (),
        windows_of(outcome.timepoints or (), outcome.windows or {}),
        outcome.window_rule,
    )
    for number in found:
        times[number.study_id].append(number.timepoint)
    chosen = {
        study_id: Choice(row.timepoint, row.reason) for study_id, row in chosen_by_people.items()
    }
    return {
        study_id: place(plan, reported, chosen.get(study_id))
        for study_id, reported in times.items()
    }


@dataclass(frozen=True)
class Stood:
    """Which result of a study stands in an analysis. taken: None where none of it is in."""

    study_id: int
    study: str
    place: Place
    taken: str | None
    revision: int = 0


def which_stands(db: Session, one: Line) -> list[Stood]:
    """Studies with several results to choose from, or one that is not at the planned time.

    Foci are not chosen between: all of an experiment count. Of time points together it is
    chosen in the analysis of each.
    """
    if one.planned.kind in (COORDINATES, OVER_TIME):
        return []
    found = numbers(db, one.outcome)
    where = places(db, one, found)
    taken = results_that_stand(one, found, where).times
    labels = {number.study_id: number.study for number in found}
    rows = choices(db, one.analysis)
    return [
        Stood(
            study_id,
            labels[study_id],
            place,
            taken.get(study_id),
            rows[study_id].revision if study_id in rows else 0,
        )
        for study_id, place in where.items()
        if len(place.times) > 1
        or (one.planned.timepoint and taken.get(study_id, "") != one.planned.timepoint)
        or study_id in rows
    ]


def results_that_stand(
    one: Line, found: Sequence[ArmNumbers], where: Mapping[int, Place]
) -> Selected | Chosen:
    """The results that go into a network, or the rows of a comparison."""
    planned = one.planned
    usual = [planned.timepoint] if planned.timepoint else [*(one.outcome.timepoints or []), ""]
    preferred = {study_id: place.order for study_id, place in where.items()}
    if planned.kind == "network":
        treatments = [*one.comparison.experimental, *one.comparison.comparator]
        return arms_of(found, treatments, usual, preferred)
    return choose(
        found,
        one.comparison.experimental,
        one.comparison.comparator,
        usual,
        by_treatment=planned.subgroup == "treatment",
        groups=settings_of(planned).effect_measure.groups,
        preferred=preferred,
    )


def judgements(db: Session, one: Line, times: Mapping[int, str]) -> dict[int, str]:
    """Study id -> agreed overall risk of bias of the result that stands.

    times: study id -> the time of that result. A study that is judged at the planned
    time point keeps that judgement where its own time has none.
    """
    review_id, outcome_id = one.planned.review_id, one.planned.outcome_id
    usual = bias.overall_by_study(db, review_id, outcome_id, one.planned.timepoint or None)
    for time in sorted({*times.values()} - {one.planned.timepoint}):
        own = bias.overall_by_study(db, review_id, outcome_id, time)
        usual |= {s: own[s] for s, at in times.items() if at == time and s in own}
    return usual


def judgements_now(db: Session, one: Line) -> dict[int, str]:
    """The same by the results that stand now."""
    found = numbers(db, one.outcome)
    return judgements(db, one, results_that_stand(one, found, places(db, one, found)).times)


def notes_on_times(
    one: Line, found: Sequence[ArmNumbers], where: Mapping[int, Place], times: Mapping[int, str]
) -> Iterator[str]:
    """A note for each study of which another than the planned time was taken."""
    labels = {number.study_id: number.study for number in found}
    for study_id, time in times.items():
        place = where[study_id]
        if time == one.planned.timepoint or (not one.planned.timepoint and not place.choice):
            continue
        others = [t for t in place.times if t != time]
        more = f"; it also reports {words_of(others)}" if others else ""
        stood = time or "its result without a time point"
        yield f"{labels[study_id]}: {stood} stands ({place.because}){more}."
