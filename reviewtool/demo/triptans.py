"""Triptans for acute migraine: screening labels of Cohen 2006, outcome data of Thorlund 2014."""

import random
from datetime import date

from sqlmodel import Session, col, select

from reviewtool.db.turns import turns
from reviewtool.demo import steps
from reviewtool.demo.plan import DRUGS, TRIPTANS, write_plan
from reviewtool.demo.sources import SEED, Citation, Trial, citations, triptan_trials
from reviewtool.demo.steps import Stage
from reviewtool.extraction.rules.cells import arm_path
from reviewtool.extraction.services import studies
from reviewtool.references.models import Record, Report, SourceKind
from reviewtool.screening.models import Standing
from reviewtool.screening.rules.outcome import Outcome, Phase, Vote
from reviewtool.screening.services import plan as screening

TITLE = "Triptans for acute migraine"
NOTE = (
    "Built from two published reviews: the citations and screening labels are those of Cohen 2006, "
    "the trials and their outcome data those of Thorlund 2014. The second reviewer’s votes are "
    "generated from a fixed seed and marked as such."
)
SOURCE = "Thorlund 2014, data of the network meta-analysis"
REASON = "Excluded in the source review, no reason published"


def build(stage: Stage) -> None:
    """Protocol, import, duplicates, screening, extraction; later stages follow."""
    trials, cited = triptan_trials(), citations()
    stage.tell("Writing the protocol")
    for turn in turns(stage.database):
        with turn as db:
            outcome_ids = write_plan(db, stage.cast.owner, TRIPTANS)
            screening.change_plan(
                db,
                stage.cast.owner,
                include_terms=["randomised", "randomized", "double-blind", "placebo"],
                exclude_terms=["prophyla", "review", "cost"],
            )
            screening.add_reason(db, stage.cast.resolver, REASON)
    _import(stage, cited, trials)
    _screen(stage, cited)
    linked = _link(stage, trials)
    _extract(stage, linked, outcome_ids["free"])


def _import(stage: Stage, cited: list[Citation], trials: list[Trial]) -> None:
    lines = [(c.pmid, c.title, c.authors, c.year) for c in cited]
    steps.import_table(
        stage,
        "cohen2006_triptans.csv",
        steps.table(["PMID", "Title", "Authors", "Year"], lines),
        database="MEDLINE",
        platform="as published by Cohen 2006",
        kind=SourceKind.DATABASE,
        searched_on=date(2004, 12, 31),
        strategy="The search of the drug-class review that Cohen 2006 labelled.",
    )
    again = [_again(c) for c in cited[::12] if c.title]
    steps.import_table(
        stage,
        "second_export.csv",
        steps.table(["Title", "Author Names", "Publication Year"], again),
        database="Second export (generated)",
        platform="every twelfth citation again, written otherwise",
        kind=SourceKind.DATABASE,
        searched_on=date(2004, 12, 31),
    )
    steps.merge_uncertain(stage)
    matched = matches(trials, cited)
    unmatched = [t for t in trials if t.key not in matched]
    lines = [
        (
            f"THORLUND-{t.key}",
            f"{t.label}: trial {t.key} of the triptan network",
            t.family,
            str(t.year),
        )
        for t in unmatched
    ]
    steps.import_table(
        stage,
        "thorlund2014_trials.csv",
        steps.table(["Accession Number", "Title", "Authors", "Year"], lines),
        database="Included trials of Thorlund 2014",
        kind=SourceKind.CITATION,
        searched_on=date(2014, 1, 31),
    )


def _again(citation: Citation) -> tuple[str, str, str]:
    """A citation as another database would write it: other name forms, no identifier."""
    names = []
    for name in citation.authors.split(";"):
        *given, family = name.split() or [""]
        names.append(f"{family} {''.join(g[0] for g in given)}".strip())
    return citation.title.rstrip(".").capitalize(), "; ".join(names), citation.year


def matches(trials: list[Trial], cited: list[Citation]) -> dict[str, str]:
    """Trial key -> PMID; a citation serves one trial, so that reports and studies pair off."""
    result: dict[str, str] = {}
    for trial in trials:
        pmid = _match(trial, cited)
        if pmid is not None and pmid not in result.values():
            result[trial.key] = pmid
    return result


def _match(trial: Trial, cited: list[Citation]) -> str | None:
    """PMID of the included citation with the trial's first author and year, if only one fits."""
    family = trial.family.casefold()
    found = [
        c.pmid
        for c in cited
        if c.full_text == "include"
        and c.year
        and abs(int(c.year) - trial.year) <= 1
        and c.authors.split(";")[0].strip().casefold().endswith(family)
    ]
    return found[0] if len(found) == 1 else None


def _screen(stage: Stage, cited: list[Citation]) -> None:
    labels = {c.pmid: c for c in cited} | {_key(c.title): c for c in cited if c.title}

    def label_of(record: Record) -> Citation | None:
        return labels.get(record.pmid) or labels.get(_key(record.title))

    def abstract(record: Record) -> Vote:
        label = label_of(record)
        return Vote.INCLUDE if label is None or label.title_abstract == "include" else Vote.EXCLUDE

    def full(record: Record) -> Vote:
        label = label_of(record)
        return Vote.INCLUDE if label is None or label.full_text == "include" else Vote.EXCLUDE

    steps.screen(stage, Phase.TITLE_ABSTRACT, abstract, 0.04, SEED)
    steps.screen(stage, Phase.FULL_TEXT, full, 0.03, SEED)


def _key(title: str) -> str:
    return "".join(c for c in title.casefold() if c.isalnum())


def _included(db: Session, review_id: int) -> list[tuple[Report, Record]]:
    return list(
        db.exec(
            select(Report, Record)
            .join(Record, col(Record.id) == Report.record_id)
            .join(Standing, col(Standing.record_id) == Record.id)
            .where(
                Report.review_id == review_id,
                Standing.phase == Phase.FULL_TEXT,
                Standing.outcome == Outcome.INCLUDE,
            )
            .order_by(col(Report.id))
        ).all()
    )


def _link(stage: Stage, trials: list[Trial]) -> dict[int, Trial | str]:
    """One study per trial, and per included report without outcome data (id -> its title)."""
    stage.tell("Linking reports to studies")
    cited = citations()
    for turn in turns(stage.database):
        with turn as db:
            result: dict[int, Trial | str] = {}
            included = _included(db, stage.review_id)
            matched = matches(trials, cited)
            by_pmid = {record.pmid: report for report, record in included if record.pmid}
            by_key = {record.accession: report for report, record in included if record.accession}
            used: set[int] = set()
            taken: set[str] = set()
            for trial in trials:
                report = by_key.get(f"THORLUND-{trial.key}") or by_pmid.get(
                    matched.get(trial.key, "")
                )
                if report is None:
                    continue
                label = _unlike(trial.label, taken)
                study = studies.create(
                    db, stage.cast.owner, label, [report], year=trial.year, origin=SOURCE
                )
                result[study.id] = trial
                used.add(report.id)
            for report, record in included:
                if report.id not in used:
                    label = _unlike(studies.suggested_label(record), taken)
                    study = studies.create(
                        db,
                        stage.cast.owner,
                        label,
                        [report],
                        year=record.year,
                        note="Included by Cohen 2006; Thorlund 2014 gives no numbers for it.",
                    )
                    result[study.id] = record.title
    return result


def _unlike(label: str, taken: set[str]) -> str:
    """The label, with a letter when another study has it: "Cady G 2006b"."""
    for letter in ["", *"bcdefghijklmnop"]:
        name = f"{label}{letter}"
        if name.casefold() not in taken:
            taken.add(name.casefold())
            return name
    raise RuntimeError(f"too many studies named {label}")


def _extract(stage: Stage, linked: dict[int, Trial | str], outcome_id: int) -> None:
    form, chance = steps.form_of(stage), random.Random(SEED)
    for number, (study_id, trial) in enumerate(linked.items()):
        if number % 8 == 0:
            stage.tell(f"Extracting in duplicate: {number} of {len(linked)} studies")
        if isinstance(trial, str):
            cells, slip, source = _arms_in(trial), None, trial
        else:
            cells, source = steps.cells_of(trial, {"free": outcome_id}), SOURCE
            slip = next(p for p in cells if p.endswith(".events"))
            slip = slip if chance.random() < 0.15 else None
        steps.extract(stage, form, study_id, cells, slip, source)


def _arms_in(title: str) -> dict[str, str]:
    """The treatments that a title names; its numbers are not in the outcome data."""
    named = [drug for drug in (*DRUGS, "placebo") if drug in title.casefold()]
    while len(named) < 2:
        named.append(
            "triptan not named in the title" if not named else "comparator not named in the title"
        )
    cells = {}
    for number, treatment in enumerate(named, 1):
        cells[arm_path(number, "name")] = treatment.capitalize()
        cells[arm_path(number, "treatment")] = treatment
    return cells
