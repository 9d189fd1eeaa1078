"""Whether a row of the plan fits the rest of it, and what else its change would touch."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlmodel import Session

from reviewtool.errors import Conflict
from reviewtool.protocol import queries
from reviewtool.protocol.models import (
    OutcomeKind,
    OutcomeRole,
    PlannedAnalysis,
    PlannedComparison,
    PlannedOutcome,
)
from reviewtool.protocol.rules import fitting
from reviewtool.protocol.rules.fitting import Comparison, Misfit, Outcome, Planned
from reviewtool.protocol.rules.joint import OVER_TIME
from reviewtool.protocol.rules.maps import choices_of
from reviewtool.protocol.rules.settling import settled
from reviewtool.protocol.rules.times import Stands, UnreadableTime, window
from reviewtool.protocol.rules.treatments import spelled, tidy
from reviewtool.stats.measures import default_for
from reviewtool.team.models import Member


def outcome(
    db: Session, actor: Member, row: PlannedOutcome, values: Mapping[str, Any]
) -> dict[str, Any]:
    """``values`` of an outcome as they are stored.

    Raises DoesNotFit; Conflict naming analyses and studies that the change would break.
    """
    after = _merged(row, values)
    kind, name = str(getattr(after["kind"], "value", after["kind"])), str(after["name"] or "")
    measure = str(after["measure"] or "")
    maps = kind == OutcomeKind.COORDINATES.value
    if not measure and kind in fitting.KINDS and not maps:
        measure = default_for(kind).name
    of_maps = {part: str(after[part] or "") for part in ("modality", "direction")}
    misfits = list(fitting.check_outcome(name, kind, measure, **of_maps))
    twin = next(
        (
            one.name
            for one in queries.outcomes(db, actor.review_id)
            if one.id != row.id and tidy(one.name).casefold() == tidy(name).casefold()
        ),
        None,
    )
    if twin is not None and (row.id is None or name != row.name):
        misfits.append(
            Misfit("name", f"“{twin}” is an outcome already. Say in the name how they differ.")
        )
    if row.id is None and values.get("lower_is_better") is None and not maps:
        misfits.append(
            Misfit("lower_is_better", f"Say whether lower or higher values of “{name}” are better.")
        )
    role = str(getattr(after["role"], "value", after["role"]))
    if role not in {one.value for one in OutcomeRole}:
        known = ", ".join(one.value for one in OutcomeRole)
        misfits.append(Misfit("role", f"Importance “{role}”: choose one of {known}."))
    times = list(dict.fromkeys(tidy(time) for time in after["timepoints"] or ()))
    windows = {tidy(k): tidy(v) for k, v in (after["windows"] or {}).items() if tidy(v)}
    misfits += _check_windows(times, windows)
    fitting.insist(misfits)
    found = fitting.measure_or_none(measure)
    given = {k: v for k, v in values.items() if v is not None or k != "lower_is_better"}
    stored = given | {
        "name": tidy(name),
        "kind": OutcomeKind(kind),
        "role": OutcomeRole(role),
        "measure": found.name if found else measure,
        **of_maps,
        **({"lower_is_better": True} if maps else {}),
        "timepoints": times,
        "windows": {k: v for k, v in windows.items() if k in times},
        "window_rule": Stands(getattr(after["window_rule"], "value", after["window_rule"])),
        "belongs_to": _known_set(db, actor.review_id, str(after["belongs_to"] or "")),
    }
    if row.id is not None:
        _check_dependents_of_outcome(db, actor, row, stored)
    return stored


def _check_windows(times: Sequence[str], windows: Mapping[str, str]) -> Iterator[Misfit]:
    for label in times:
        try:
            window(label, windows.get(label, ""))
        except UnreadableTime as error:
            yield Misfit("timepoints", f"Window of “{label}”: {error.message}")


def _known_set(db: Session, review_id: int, name: str) -> str:
    """``name`` as an outcome's set already has it, where only case or spaces differ."""
    name = tidy(name)
    known = {one.belongs_to.casefold(): one.belongs_to for one in queries.outcomes(db, review_id)}
    return known.get(name.casefold(), name)


def _check_dependents_of_outcome(
    db: Session, actor: Member, row: PlannedOutcome, stored: Mapping[str, Any]
) -> None:
    """Raises Conflict where a change would make a number mean something else."""
    kind, measure = stored["kind"], stored["measure"]
    extracted = queries.extracted(db, row)
    if kind != row.kind and extracted.studies:
        raise Conflict(
            f"“{row.name}” has {fitting.KINDS[row.kind.value].numbers} of "
            f"{_few(extracted.studies)}, which another kind of numbers would leave without a "
            "place. Plan a new outcome beside it, or clear those values first."
        )
    if row.measure and measure != row.measure and extracted.reported:
        raise Conflict(
            f"An estimate of “{row.name}” as {row.measure} was extracted from "
            f"{_few(extracted.reported)}; read as {measure} it would be another number. Leave the "
            f"outcome’s measure and choose {measure} in its analyses, or clear the estimate first."
        )
    gone = set(row.timepoints or ()) - set(stored["timepoints"])
    after = Outcome(stored["name"], kind.value, measure, stored["timepoints"])
    pairs = {c.id: c for c in queries.comparisons(db, actor.review_id)}
    broken = []
    for one in queries.analyses(db, actor.review_id):
        if one.outcome_id != row.id or one.comparison_id not in pairs:
            continue
        pair = pairs[one.comparison_id]
        touched = kind != row.kind or (one.kind == OVER_TIME and gone)
        if touched and any(fitting.check_analysis(planned(one, after, of(pair)))):
            broken.append(f"{pair.name}, {one.measure}")
        elif one.timepoint in gone:
            broken.append(f"{pair.name} at {one.timepoint}")
    if broken:
        raise Conflict(
            f"“{row.name}” is used by planned analyses that would no longer fit it: "
            f"{'; '.join(broken)}. Change or remove those first."
        )


def comparison(
    db: Session, actor: Member, row: PlannedComparison, values: Mapping[str, Any]
) -> dict[str, Any]:
    """``values`` of a comparison as they are stored. Raises DoesNotFit, Conflict.

    A treatment that other comparisons name as well keeps their spelling of it.
    """
    after = _merged(row, values)
    others = [c for c in queries.comparisons(db, actor.review_id) if c.id != row.id]
    known = [name for c in others for name in (*(c.experimental or ()), *(c.comparator or ()))]
    sides = {
        side: spelled([name for name in after[side] or () if name.strip()], known)
        for side in ("experimental", "comparator")
    }
    stored = dict(values) | {"name": tidy(str(after["name"] or "")), **sides}
    now = Comparison(stored["name"], stored["experimental"], stored["comparator"])
    fitting.insist(fitting.check_comparison(now))
    if row.id is not None and row.comparator and not now.comparator:
        outcomes = {o.id: o for o in queries.outcomes(db, actor.review_id)}
        using = [a for a in queries.analyses(db, actor.review_id) if a.comparison_id == row.id]
        broken = [
            f"{outcomes[one.outcome_id].name}, {one.measure}"
            for one in using
            if one.outcome_id in outcomes
            and any(_of_groups(planned(one, of_outcome(outcomes[one.outcome_id]), now)))
        ]
        if broken:
            raise Conflict(
                f"Analyses of “{row.name}” compare two groups: {'; '.join(broken)}. Give them a "
                "measure of one group or remove them before the comparators go."
            )
    return stored


def _of_groups(one: Planned) -> Iterator[Misfit]:
    return (misfit for misfit in fitting.check_analysis(one) if misfit.field == "measure")


def analysis(
    db: Session, actor: Member, row: PlannedAnalysis, values: Mapping[str, Any]
) -> dict[str, Any]:
    """``values`` of an analysis as they are stored. Raises NotFound, DoesNotFit."""
    after = _merged(row, values)
    found = queries.row(db, actor, PlannedOutcome, after["outcome_id"])
    pair = queries.row(db, actor, PlannedComparison, after["comparison_id"])
    # A new row holds the defaults of its table, which know nothing of the outcome.
    chosen = str((values if row.id is None else after).get("measure") or "")
    if not chosen and found.kind is not OutcomeKind.COORDINATES:
        chosen = fitting.usual_measure(of_outcome(found), of(pair))
    wanted = PlannedAnalysis(**{**after, "measure": chosen})
    one = planned(wanted, of_outcome(found), of(pair), queries.characteristics(db, actor.review_id))
    fitting.insist([*fitting.check_analysis(one), *_of_other(db, actor, row, one)])
    return dict(values) | settled(one)


def _of_other(db: Session, actor: Member, row: PlannedAnalysis, one: Planned) -> Iterator[Misfit]:
    """Whether the map that a map is set beside is another one, and stands alone."""
    choices = choices_of(one.map) if one.kind == OutcomeKind.COORDINATES.value else None
    if choices is None or not choices.combine or choices.other_id is None:
        return
    offered = {
        other.id: other
        for other in queries.analyses(db, actor.review_id)
        if other.kind == OutcomeKind.COORDINATES.value and other.id != row.id
    }
    other = offered.get(choices.other_id)
    if other is None:
        yield Misfit("other_id", "Choose another brain map of this review.")
        return
    beside = choices_of(other.map)
    if beside.combine:
        yield Misfit("other_id", "That map is made of two itself. Choose one that stands alone.")
    elif beside.algorithm != choices.algorithm:
        yield Misfit(
            "algorithm",
            f"The other map is made by {beside.algorithm}. Choose the same for both.",
        )


def planned(
    row: PlannedAnalysis,
    outcome: Outcome,
    comparison: Comparison,
    known: Sequence[fitting.Characteristic] = (),
) -> Planned:
    """A planned analysis as the rules look at it."""
    return Planned(
        outcome,
        comparison,
        timepoint=row.timepoint or "",
        kind=row.kind,
        measure=row.measure,
        model=row.model,
        method=row.method,
        test=row.test,
        level=row.level,
        subgroup=row.subgroup or "",
        moderators=tuple(row.moderators or ()),
        sensitivity=tuple(row.sensitivity or ()),
        known=known,
        map=row.map or {},
        joint=row.joint or {},
        network=row.network or {},
    )


def of_outcome(row: PlannedOutcome) -> Outcome:
    """An outcome as the rules look at it."""
    return Outcome(row.name, row.kind.value, row.measure, tuple(row.timepoints or ()))


def of(row: PlannedComparison) -> Comparison:
    """A comparison as the rules look at it."""
    return Comparison(row.name, tuple(row.experimental or ()), tuple(row.comparator or ()))


def _merged(
    row: PlannedOutcome | PlannedComparison | PlannedAnalysis, values: Mapping[str, Any]
) -> dict[str, Any]:
    """The row's columns with ``values`` over them."""
    columns = [name for name in type(row).model_fields if name not in ("id", "created_at")]
    return {name: values.get(name, getattr(row, name, None)) for name in columns}


def _few(names: Sequence[str]) -> str:
    shown = ", ".join(names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"
