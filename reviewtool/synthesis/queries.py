"""Reading analyses and what goes into them."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy.orm import aliased, defer
from sqlmodel import Session, col, func, select

from reviewtool.bias import queries as bias
from reviewtool.errors import NotFound
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
from reviewtool.jobs import Job
from reviewtool.protocol.models import PlannedAnalysis, PlannedComparison, PlannedOutcome
from reviewtool.protocol.rules import maps
from reviewtool.protocol.rules.brains import COORDINATES, in_words
from reviewtool.protocol.rules.times import windows_of
from reviewtool.synthesis.models import Analysis, AnalysisRun, MonteCarlo, ResultChoice
from reviewtool.synthesis.results import PairwiseResult
from reviewtool.synthesis.rules.importance import Importance, importance
from reviewtool.synthesis.rules.network import Chosen, arms_of
from reviewtool.synthesis.rules.pairwise import Inputs, Settings
from reviewtool.synthesis.rules.places import Choice, Place, Plan, place, words_of
from reviewtool.synthesis.rules.selection import ArmNumbers, Coordinates, LeftOut, Row, Selected
from reviewtool.synthesis.rules.selection import select as choose
from reviewtool.team.models import Member

INPUTS, SETTINGS = TypeAdapter(Inputs), TypeAdapter(Settings)
INPUTS_COLUMN: Any = AnalysisRun.inputs
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


@dataclass(frozen=True)
class Line:
    """An analysis with its plan and its newest run."""

    analysis: Analysis
    planned: PlannedAnalysis
    outcome: PlannedOutcome
    comparison: PlannedComparison
    run: AnalysisRun | None

    @property
    def title(self) -> str:
        """Outcome, time point and comparison in words."""
        where = f", {self.planned.timepoint}" if self.planned.timepoint else ""
        if self.planned.kind == COORDINATES and (two := (self.planned.map or {}).get("combine")):
            where = f", {two}"
        return f"{self.outcome.name}{where}: {self.comparison.name}"

    @property
    def favours(self) -> tuple[str, str]:
        """Words for the left and the right of the null line."""
        name = self.comparison.experimental[0] if len(self.comparison.experimental) == 1 else ""
        experimental = f"favours {name or 'experimental'}"
        second = self.comparison.comparator[0] if len(self.comparison.comparator) == 1 else ""
        control = f"favours {second or 'comparator'}"
        return (experimental, control) if self.outcome.lower_is_better else (control, experimental)

    @property
    def importance(self) -> Importance | None:
        """How the pooled effect stands to the minimal important difference, where it can."""
        result = self.run.result if self.run else None
        if not isinstance(result, PairwiseResult):
            return None
        shown = result.shown(result.pooled)
        return importance(
            result.effect_measure,
            (shown.estimate, shown.ci_low, shown.ci_high),
            self.outcome.minimal_important_difference,
            lower_is_better=self.outcome.lower_is_better,
            unit=self.outcome.unit,
        )


def lines(db: Session, review_id: int, analysis_id: int | None = None) -> list[Line]:
    """Every analysis of a review (or one of them), planned first, in the protocol's order."""
    query = (
        select(  # type: ignore[call-overload]
            Analysis, PlannedAnalysis, PlannedOutcome, PlannedComparison, AnalysisRun
        )
        .join(PlannedAnalysis, col(PlannedAnalysis.id) == Analysis.planned_id)
        .join(PlannedOutcome, col(PlannedOutcome.id) == PlannedAnalysis.outcome_id)
        .join(PlannedComparison, col(PlannedComparison.id) == PlannedAnalysis.comparison_id)
        .outerjoin(AnalysisRun, col(AnalysisRun.id) == Analysis.current_run_id)
        .where(Analysis.review_id == review_id, col(PlannedAnalysis.removed_at).is_(None))
        .order_by(
            col(PlannedAnalysis.post_hoc), col(PlannedAnalysis.position), col(PlannedAnalysis.id)
        )
        .options(defer(INPUTS_COLUMN))  # large, and only scripts read it
    )
    if analysis_id is not None:
        query = query.where(Analysis.id == analysis_id)
    return [Line(*row) for row in db.exec(query).all()]


def line(db: Session, member: Member, analysis_id: int) -> Line:
    """One analysis of the member's review. Raises NotFound."""
    found = lines(db, member.review_id, analysis_id)
    if not found:
        raise NotFound()
    return found[0]


def runs(db: Session, analysis: Analysis) -> Sequence[AnalysisRun]:
    """Every run, newest first."""
    return db.exec(
        select(AnalysisRun)
        .where(AnalysisRun.analysis_id == analysis.id)
        .order_by(col(AnalysisRun.id).desc())
        .options(defer(INPUTS_COLUMN))
    ).all()


def run(db: Session, analysis: Analysis, run_id: int) -> AnalysisRun:
    """One run of an analysis. Raises NotFound."""
    found = db.get(AnalysisRun, run_id)
    if found is None or found.analysis_id != analysis.id:
        raise NotFound()
    return found


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


def settings_of(planned: PlannedAnalysis) -> Settings:
    """A plan as the rules want it."""
    return Settings(
        measure=planned.measure,
        model=planned.model,
        method=planned.method,
        test=planned.test,
        level=planned.level,
        subgroup=planned.subgroup,
        moderators=tuple(planned.moderators or ()),
        sensitivity=tuple(planned.sensitivity or ()),
        kind=planned.kind,
        map=maps.choices_of(planned.map) if planned.kind == COORDINATES else None,
    )


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
        )
        for result, arm, study, other in rows
    ]


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
        study_id: Choice(row.timepoint, row.reason)
        for study_id, row in choices(db, one.analysis).items()
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

    Foci are not chosen between: all of an experiment count.
    """
    if one.planned.kind == COORDINATES:
        return []
    found = numbers(db, one.outcome)
    where = places(db, one, found)
    taken = _taken(one, found, where).times
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


def _taken(one: Line, found: Sequence[ArmNumbers], where: Mapping[int, Place]) -> Selected | Chosen:
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
    return judgements(db, one, _taken(one, found, places(db, one, found)).times)


def _notes(
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


def inputs(db: Session, one: Line) -> Inputs:
    """What a run of this analysis would go by now."""
    planned = one.planned
    if planned.kind == COORDINATES:
        return _of_map(db, one)
    found = numbers(db, one.outcome)
    silent = unreported(db, one.outcome, {number.study_id for number in found})
    where = places(db, one, found)
    selected = _taken(one, found, where)
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
    return Inputs(
        rows,
        (*selected.notes, *_notes(one, found, where, selected.times)),
        moderators,
        _of(judged, used),
        left_out=(*selected.left_out, *silent),
    )


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


def monte_carlo(db: Session, analysis_id: int, digest: str = "") -> MonteCarlo | None:
    """The draws for these inputs; without a digest those that were begun last."""
    statement = select(MonteCarlo).where(MonteCarlo.analysis_id == analysis_id)
    if digest:
        statement = statement.where(MonteCarlo.inputs_hash == digest)
    return db.exec(statement.order_by(col(MonteCarlo.id).desc())).first()


def running(db: Session, analysis: Analysis) -> Job | None:
    """The job that draws for an analysis now, if one does."""
    found = monte_carlo(db, analysis.id)
    job = db.get(Job, found.job_id) if found is not None and found.job_id else None
    return job if job is not None and not job.is_over else None


def _of(judged: Mapping[int, str], used: Collection[int]) -> dict[int, str]:
    """The judgements of the studies in an analysis; of others nothing depends."""
    return {study_id: word for study_id, word in judged.items() if study_id in used}


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


def inputs_hash(found: Inputs, settings: Settings) -> str:
    """SHA-256 of what goes in and how it is treated: equal hashes, equal numbers."""
    content = {
        "inputs": INPUTS.dump_python(found, mode="json"),
        "settings": SETTINGS.dump_python(settings, mode="json"),
    }
    if settings.map is None:  # what only brain maps have is no part of other analyses
        content["settings"].pop("map")
        for name in ("experiments", "others", "other_title"):
            content["inputs"].pop(name)
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
