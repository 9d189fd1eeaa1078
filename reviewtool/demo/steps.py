"""What all demonstration reviews do: import, screen, extract, through the services."""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from reviewtool import jobs, table_files
from reviewtool.db.engine import Database, current_database
from reviewtool.db.turns import turns
from reviewtool.demo.people import Cast
from reviewtool.demo.plan import Plan, write_plan
from reviewtool.demo.sources import Trial
from reviewtool.errors import Passing
from reviewtool.extraction import queries as extraction
from reviewtool.extraction.models import Study
from reviewtool.extraction.rules.cells import Form, arm_path, group_path
from reviewtool.extraction.services import CellIn, Saved, agreeing, copies, studies
from reviewtool.references.models import DuplicatePair, PairState, Record, Report, Retrieval
from reviewtool.references.services import duplicates as duplicates_services
from reviewtool.references.services import imports as imports_services
from reviewtool.screening.models import Standing
from reviewtool.screening.queries.plan import reasons
from reviewtool.screening.rules.outcome import Outcome, Phase, Vote
from reviewtool.screening.services import fulltexts, start_reasons, votes

Reported = tuple[str, str, int | None, str]  # accession number, label, year, origin
BATCH = 15  # records voted on in one transaction: others do not wait long


@dataclass
class Stage:
    """Where a demonstration is being built, and how its progress is told."""

    cast: Cast
    database: Database
    tell: Callable[[str], None]

    @property
    def review_id(self) -> int:
        """The review being built."""
        return self.cast.owner.review_id


def drain(ids: list[int]) -> None:
    """Run jobs that were held back, and those they enqueue, here and now."""
    while ids:
        job_id = ids.pop(0)
        jobs.run(job_id)
        with current_database().session(write=False) as db:
            row = db.get_one(jobs.Job, job_id)
            if row.state is jobs.JobState.FAILED:
                raise RuntimeError(f"{row.title}: {row.error}")
            if row.state is jobs.JobState.PAUSED:  # the build is one unit: it waits as a whole
                raise Passing(f"{row.title}: {row.error}")


def table(columns: Sequence[str], lines: Iterable[Sequence[Any]]) -> bytes:
    """A CSV file such as a database would export."""
    return table_files.write(columns, lines, mark=False, guarded=False)


def import_table(stage: Stage, file_name: str, content: bytes, **search: Any) -> None:
    """Upload and store a file, then find duplicates, as the import page does."""
    stage.tell(f"Importing {file_name}")
    with jobs.held() as ids:
        for turn in turns(stage.database):
            with turn as db:
                imports_services.import_bytes(db, stage.cast.owner, file_name, content, **search)
        drain(ids)


def merge_uncertain(stage: Stage) -> None:
    """Look at the pairs the rules left open, as a person does: merge what is one citation."""
    for turn in turns(stage.database):
        with turn as db:
            open_pairs = db.exec(
                select(DuplicatePair)
                .where(
                    DuplicatePair.review_id == stage.review_id,
                    DuplicatePair.state == PairState.UNCERTAIN,
                )
                .order_by(col(DuplicatePair.id))
            ).all()
            for pair in open_pairs:
                first, second = (
                    db.get_one(Record, pair.first_id),
                    db.get_one(Record, pair.second_id),
                )
                if first.merged_into_id or second.merged_into_id:
                    continue
                if first.pmid and second.pmid and first.pmid != second.pmid:
                    duplicates_services.tell_apart(db, stage.cast.owner, pair.id)
                else:
                    duplicates_services.merge_pair(db, stage.cast.owner, pair.id)


def write_protocol(stage: Stage, plan: Plan) -> dict[str, int]:
    """Protocol and first reasons to exclude; outcome key -> id."""
    stage.tell("Writing the protocol")
    for turn in turns(stage.database):
        with turn as db:
            outcomes = write_plan(db, stage.cast.owner, plan)
            start_reasons(db, stage.cast.resolver)
    return outcomes


def a_study_each(stage: Stage, every: Iterable[Reported]) -> dict[str, int]:
    """One study for the report of each record: accession number -> study id."""
    for turn in turns(stage.database):
        with turn as db:
            result = {}
            for accession, label, year, origin in every:
                report = db.exec(
                    select(Report)
                    .join(Record, col(Record.id) == Report.record_id)
                    .where(Record.review_id == stage.review_id, Record.accession == accession)
                ).one()
                study = studies.create(
                    db, stage.cast.owner, label, [report], year=year, origin=origin
                )
                result[accession] = study.id
    return result


def active_records(db: Session, review_id: int) -> Sequence[Record]:
    """Records that take part in screening."""
    return db.exec(
        select(Record)
        .where(
            Record.review_id == review_id,
            col(Record.merged_into_id).is_(None),
            col(Record.set_aside_at).is_(None),
            Record.removed_reason == "",
        )
        .order_by(col(Record.id))
    ).all()


def in_batches(items: Sequence[Any], size: int = BATCH) -> Iterable[Sequence[Any]]:
    """Parts small enough that others can write between two of them."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def screen(
    stage: Stage,
    phase: Phase,
    label: Callable[[Record], Vote],
    disagree: float,
    seed: int,
) -> None:
    """Replay a phase: the first votes by label, the second differs now and then.

    disagree: how often the second reviewer votes otherwise; those votes are marked as
    generated, and the resolver decides by label.
    """
    chance = random.Random(f"{seed}-{phase.value}")
    with stage.database.session(write=False) as db:
        ids = [r.id for r in active_records(db, stage.review_id)]
        if phase is Phase.FULL_TEXT:
            known = set(
                db.exec(select(Report.record_id).where(Report.review_id == stage.review_id))
            )
            ids = [i for i in ids if i in known]
        reason = reasons(db, stage.cast.resolver)[0].id if phase is Phase.FULL_TEXT else None
    words = "titles and abstracts" if phase is Phase.TITLE_ABSTRACT else "full texts"
    for number, batch in enumerate(in_batches(ids)):
        stage.tell(f"Screening {words}: {min(len(ids), BATCH * number)} of {len(ids)}")
        differing = [chance.random() < disagree for _ in batch]
        for turn in turns(stage.database):
            with turn as db:
                for record_id, differs in zip(batch, differing, strict=True):
                    record = db.get_one(Record, record_id)
                    _vote_twice(db, stage.cast, record, phase, label, reason, differs)


def _vote_twice(
    db: Session,
    cast: Cast,
    record: Record,
    phase: Phase,
    label: Callable[[Record], Vote],
    reason: int | None,
    differs: bool,
) -> None:
    wanted = label(record)
    other = wanted
    if differs:
        other = Vote.EXCLUDE if wanted is Vote.INCLUDE else Vote.INCLUDE
    if phase is Phase.FULL_TEXT:
        report = db.exec(select(Report).where(Report.record_id == record.id)).one()
        if report.retrieval is not Retrieval.RETRIEVED:
            fulltexts.set_retrieval(
                db,
                cast.first,
                report,
                Retrieval.RETRIEVED,
                "Read for the source review; no file is shipped.",
            )

    def vote(actor: Any, value: Vote, generated: bool) -> None:
        why = reason if phase is Phase.FULL_TEXT and value is Vote.EXCLUDE else None
        votes.decide(db, actor, record, value, phase=phase, reason_id=why, generated=generated)

    vote(cast.first, wanted, False)
    vote(cast.second, other, True)
    standing = db.exec(
        select(Standing).where(Standing.record_id == record.id, Standing.phase == phase)
    ).one()
    if standing.outcome not in {Outcome.INCLUDE, Outcome.EXCLUDE}:
        why = reason if phase is Phase.FULL_TEXT and wanted is Vote.EXCLUDE else None
        votes.resolve(
            db,
            cast.resolver,
            record,
            wanted,
            phase=phase,
            reason_id=why,
            comment="By the source review’s label.",
        )


def cells_of(trial: Trial, outcome_ids: Mapping[str, int]) -> dict[str, str]:
    """A trial's numbers as cells of the extraction form."""
    cells = {f"study.{key}": value for key, value in trial.facts.items() if value}
    for number, arm in enumerate(trial.arms, 1):
        cells[arm_path(number, "name")] = arm.treatment.capitalize()
        cells[arm_path(number, "treatment")] = arm.treatment
        if arm.dose not in {"", "0"}:
            cells[arm_path(number, "dose")] = f"{arm.dose} × usual dose"
        cells[arm_path(number, "n")] = arm.total
        for outcome, parts in arm.results.items():
            for part, value in parts.items():
                cells[group_path(outcome_ids[outcome], "", number, part)] = value
    return cells


def extract(
    stage: Stage, form: Form, study_id: int, cells: Mapping[str, str], slip: str | None, source: str
) -> None:
    """Both copies and the consensus of one study; then what the agreement enqueued runs.

    slip: a numeric cell that the second copy gets wrong by one, so that the comparison
    has something to show. source: where the numbers come from, kept as the quote.
    """
    given = {path: CellIn(value=value, quote=source) for path, value in cells.items()}
    other = dict(given)
    if slip is not None:
        wrong = str(max(0, int(float(cells[slip])) - 1))
        other[slip] = CellIn(value=wrong, quote=source)
    with jobs.held() as ids:
        for turn in turns(stage.database):
            with turn as db:
                study = db.get_one(Study, study_id)
                for actor, values in ((stage.cast.first, given), (stage.cast.second, other)):
                    copy = copies.take(db, actor, study)
                    _checked(copies.save(db, actor, copy, values, form))
                    copies.finish(db, actor, copy)
                final = agreeing.begin(db, stage.cast.resolver, study, form)
                if slip is not None:
                    settled = {slip: given[slip]}
                    _checked(agreeing.settle(db, stage.cast.resolver, final, settled, form))
                agreeing.complete(db, stage.cast.resolver, final, form)
        drain(ids)


def _checked(saved: Saved) -> None:
    if saved.refused:
        raise RuntimeError("; ".join(problem.message for problem in saved.refused))


def form_of(stage: Stage) -> Form:
    """The review's extraction form."""
    with stage.database.session(write=False) as db:
        return extraction.form(db, stage.review_id)
