"""Antidepressants for fibromyalgia: the trials of Häuser 2009, several outcomes."""

import random
from datetime import date

from reviewtool.demo import steps
from reviewtool.demo.plan import FIBROMYALGIA
from reviewtool.demo.sources import SEED, Trial, fibromyalgia_trials
from reviewtool.demo.steps import Stage
from reviewtool.references.models import SourceKind
from reviewtool.screening.rules.outcome import Phase, Vote

TITLE = "Antidepressants for fibromyalgia"
NOTE = (
    "Trials and numbers are those of Häuser 2009. They were taken as found by citation searching, "
    "so both reviewers include every one of them."
)
SOURCE = "Häuser 2009, extracted data"


def build(stage: Stage) -> None:
    """Protocol, import, screening and extraction; the analyses follow by themselves."""
    trials = fibromyalgia_trials()
    outcome_ids = steps.write_protocol(stage, FIBROMYALGIA)
    lines = [
        (
            _accession(t),
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
    ids = steps.a_study_each(stage, [(_accession(t), t.label, t.year, SOURCE) for t in trials])
    form, chance = steps.form_of(stage), random.Random(SEED)
    for number, trial in enumerate(trials):
        if number % 4 == 0:
            stage.tell(f"Extracting in duplicate: {number} of {len(trials)} studies")
        cells = steps.cells_of(trial, outcome_ids)
        slip = next(p for p in cells if p.endswith(".1.n")) if chance.random() < 0.2 else None
        steps.extract(stage, form, ids[_accession(trial)], cells, slip, SOURCE)


def _accession(trial: Trial) -> str:
    return f"HAEUSER-{trial.key}"
