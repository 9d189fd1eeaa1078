"""What a run goes by: rows, arms or experiments, and who is left out of them."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter
from sqlmodel import Session

from reviewtool.protocol.models import PlannedAnalysis, PlannedOutcome
from reviewtool.protocol.rules import maps
from reviewtool.protocol.rules.brains import COORDINATES, in_words
from reviewtool.protocol.rules.joint import OVER_TIME
from reviewtool.protocol.rules.treatments import plain
from reviewtool.synthesis.queries.extracted import (
    characteristics,
    coordinates,
    numbers,
    randomised,
    unreported,
)
from reviewtool.synthesis.queries.known import aside
from reviewtool.synthesis.queries.lines import Line, settings_of
from reviewtool.synthesis.queries.over_time import over_time
from reviewtool.synthesis.queries.times import (
    judgements,
    notes_on_times,
    places,
    results_that_stand,
)
from reviewtool.synthesis.rules.directions import is_refused
from reviewtool.synthesis.rules.network.arms import Chosen
from reviewtool.synthesis.rules.pairwise import Inputs, Settings
from reviewtool.synthesis.rules.selection import Coordinates, LeftOut, Row

INPUTS, SETTINGS = TypeAdapter(Inputs), TypeAdapter(Settings)


def inputs(db: Session, one: Line) -> Inputs:
    """What a run of this analysis would go by now."""
    planned = one.planned
    if planned.kind == COORDINATES:
        return _of_map(db, one)
    if planned.kind == OVER_TIME:
        return over_time(db, one)
    found = numbers(db, one.outcome)
    silent = unreported(db, one.outcome, {number.study_id for number in found})
    where = places(db, one, found)
    selected = results_that_stand(one, found, where)
    if isinstance(selected, Chosen):
        return Inputs(
            (),
            judgements=_of(
                judgements(db, one, selected.times), {a.study_id for a in selected.arms}
            ),
            arms=selected.arms,
            left_out=(*selected.left_out, *silent),
            lower_is_better=one.outcome.lower_is_better,
        )
    judged = judgements(db, one, selected.times)
    facts = characteristics(db, planned.review_id)
    rows = tuple(_in_subgroup(row, planned.subgroup, judged, facts) for row in selected.rows)
    moderators = {
        row.study_id: values
        for row in rows
        if (values := _moderators(row, planned.moderators or [], facts))
    }
    used = {row.study_id for row in rows}
    told = planned.kind == "narrative" or is_refused(rows, settings_of(planned))
    return Inputs(
        rows,
        (*selected.notes, *notes_on_times(one, found, where, selected.times)),
        moderators,
        _of(judged, used),
        left_out=(*selected.left_out, *silent),
        lower_is_better=one.outcome.lower_is_better if told else None,
        sizes=_sizes(db, one, rows) if told else {},
        aside=aside(db, one, rows, selected.times),
    )


def _sizes(
    db: Session, one: Line, rows: Collection[Row]
) -> dict[int, tuple[float | None, float | None]]:
    """Study id -> people randomised to both sides, of studies whose results do not count them."""
    quiet = {r.study_id for r in rows if r.group1.total is None and r.group2.total is None}
    found = randomised(db, sorted(quiet))
    sides = [
        {plain(t) for t in side}
        for side in (one.comparison.experimental, one.comparison.comparator)
    ]

    def people(study_id: int, side: Collection[str]) -> float | None:
        own = [number for treatment, number in found[study_id] if plain(treatment) in side]
        return sum(own) if own else None

    return {
        study_id: (people(study_id, sides[0]), people(study_id, sides[1])) for study_id in found
    }


def _of_map(db: Session, one: Line) -> Inputs:
    """Experiments of the outcome's modality and direction, and those of the other map."""
    every = coordinates(db, one.planned.review_id)
    mine = [each for each in every if _is_of(each, one.outcome)]
    left_out = [
        LeftOut(
            each.study_id,
            each.label,
            f"it is {in_words(each.modality, each.direction)}",
            "comparison",
        )
        for each in every
        if not _is_of(each, one.outcome)
    ]
    silent = unreported(db, one.outcome, {each.study_id for each in every})
    choices = maps.choices_of(one.planned.map)
    other = db.get(PlannedAnalysis, choices.other_id) if choices.combine else None
    if other is None or other.review_id != one.planned.review_id:
        return Inputs((), experiments=tuple(mine), left_out=(*left_out, *silent))
    outcome = db.get_one(PlannedOutcome, other.outcome_id)
    others = [each for each in every if _is_of(each, outcome)]
    used = {(each.study_id, each.contrast) for each in others}
    away = [
        out
        for out, each in zip(
            left_out, (x for x in every if not _is_of(x, one.outcome)), strict=True
        )
        if (each.study_id, each.contrast) not in used
    ]
    return Inputs(
        (),
        experiments=tuple(mine),
        others=tuple(others),
        other_title=outcome.name,
        left_out=(*away, *silent),
    )


def _is_of(each: Coordinates, outcome: PlannedOutcome) -> bool:
    """Whether an experiment has the modality and direction that an outcome plans."""
    return (not outcome.modality or each.modality == outcome.modality) and (
        not outcome.direction or each.direction == outcome.direction
    )


def _of(judged: Mapping[int, str], used: Collection[int]) -> dict[int, str]:
    """The judgements of the studies in an analysis; of others nothing depends."""
    return {study_id: word for study_id, word in judged.items() if study_id in used}


def _in_subgroup(
    row: Row, by: str, judgements: dict[int, str], facts: dict[int, dict[str, str]]
) -> Row:
    if not by:
        return row
    if by == "treatment":
        return replace(row, subgroup=row.treatment)
    if by == "bias":
        return replace(row, subgroup=judgements.get(row.study_id, "Not judged"))
    return replace(row, subgroup=facts.get(row.study_id, {}).get(by, "Not reported"))


def _moderators(
    row: Row, keys: Sequence[str], facts: dict[int, dict[str, str]]
) -> dict[str, float]:
    values: dict[str, float] = {}
    for key in keys:
        text = str(row.year or "") if key == "year" else facts.get(row.study_id, {}).get(key, "")
        try:
            values[key] = float(text)
        except ValueError:
            continue
    return values


def _drop_unsaid(inputs: dict[str, Any]) -> None:
    """What only studies without numbers have is no part of other inputs: hashes stay."""
    if not inputs["sizes"]:
        inputs.pop("sizes")
    later = [row for moment in inputs.get("moments", ()) for row in moment["rows"]]
    for row in (*inputs["rows"], *inputs["arms"], *later):
        for name in ("p_reported", "favours"):
            if not row[name]:
                row.pop(name)


def inputs_hash(found: Inputs, settings: Settings) -> str:
    """SHA-256 of what goes in and how it is treated: equal hashes, equal numbers."""
    content = {
        "inputs": INPUTS.dump_python(found, mode="json"),
        "settings": SETTINGS.dump_python(settings, mode="json"),
    }
    if settings.joint is None:
        content["settings"].pop("joint")
        content["inputs"].pop("moments")
    if settings.network is None:
        content["settings"].pop("network")
    if settings.map is None:  # what only brain maps have is no part of other analyses
        content["settings"].pop("map")
        for name in ("experiments", "others", "other_title"):
            content["inputs"].pop(name)
    _drop_unsaid(content["inputs"])
    if not found.aside:  # nor what only planned sets of studies need
        content["inputs"].pop("aside")
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
