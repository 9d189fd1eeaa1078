"""Antidepressants for fibromyalgia: the trials of Häuser 2009, several outcomes."""

import random
from datetime import date

from sqlmodel import col, select

from reviewtool.db.turns import turns
from reviewtool.demo import steps
from reviewtool.demo.plan import FIBROMYALGIA, write_plan
from reviewtool.demo.sources import SEED, Trial, fibromyalgia_trials
from reviewtool.demo.steps import Stage
from reviewtool.extraction.services import studies
from reviewtool.references.models import Record, Report, SourceKind
from reviewtool.screening.rules.outcome import Phase, Vote
from reviewtool.screening.services import plan as screening

TITLE = "Antidepressants for fibromyalgia"
NOTE = (
    "Trials and numbers are those of Häuser 2009. They were taken as found by citation searching, "
    "so both reviewers include every one of them."
)
SOURCE = "Häuser 2009, extracted data"


def build(stage: Stage) -> None:
    """Protocol, import, screening and extraction; the analyses follow by themselves."""
    trials = fibromyalgia_trials()
    stage.tell("Writing the protocol")
    for turn in turns(stage.database):
        with turn as db:
            outcome_ids = write_plan(db, stage.cast.owner, FIBROMYALGIA)
            screening.start_reasons(db, stage.cast.resolver)
    lines = [
        (
            f"HAEUSER-{t.key}",
            f"{t.label}: trial {t.key} of the review by Häuser 2009",
            t.family,
            t.year,
        )
        for t in trials
    ]
    steps.import_table(
        stage,
        "haeuser2009_trials.csv",
        steps.table(["Accession Number", "Title", "Authors", "Year"], lines),
        database="Included trials of Häuser 2009",
        kind=SourceKind.CITATION,
        searched_on=date(2008, 8, 31),
    )
    for phase in Phase:
        steps.screen(stage, phase, lambda record: Vote.INCLUDE, 0.0, SEED)
    ids = _link(stage, trials)
    form, chance = steps.form_of(stage), random.Random(SEED)
    for number, trial in enumerate(trials):
        if number % 4 == 0:
            stage.tell(f"Extracting in duplicate: {number} of {len(trials)} studies")
        cells = steps.cells_of(trial, outcome_ids)
        slip = next(p for p in cells if p.endswith(".1.n")) if chance.random() < 0.2 else None
        steps.extract(stage, form, ids[trial.key], cells, slip, SOURCE)


def _link(stage: Stage, trials: list[Trial]) -> dict[str, int]:
    """One study for each trial's report: key -> study id."""
    for turn in turns(stage.database):
        with turn as db:
            result = {}
            for trial in trials:
                report = db.exec(
                    select(Report)
                    .join(Record, col(Record.id) == Report.record_id)
                    .where(
                        Record.review_id == stage.review_id,
                        Record.accession == f"HAEUSER-{trial.key}",
                    )
                ).one()
                study = studies.create(
                    db, stage.cast.owner, trial.label, [report], year=trial.year, origin=SOURCE
                )
                result[trial.key] = study.id
    return result
