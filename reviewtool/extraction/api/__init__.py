"""JSON: studies, copies and their cells."""

from typing import Any

from flask import g

from reviewtool.db.engine import request_session, transaction
from reviewtool.db.types import now
from reviewtool.errors import Invalid
from reviewtool.extraction import queries, services
from reviewtool.extraction.api.shapes import (
    AdoptedOut,
    AdoptIn,
    AskedOut,
    CellOut,
    CellsIn,
    CharacteristicOut,
    CopyLineOut,
    CopyOut,
    CopyStateOut,
    DoseOut,
    FociIn,
    FociOut,
    FormOut,
    ManyFociIn,
    ManyFociOut,
    MergedOut,
    MergeIn,
    NameIn,
    SavedOut,
    StrayOut,
    StraysOut,
    StudyFociOut,
    StudyIn,
    StudyLineOut,
    StudyMadeOut,
    TakenOut,
    TreatmentOut,
    UndoMergeIn,
    UnreadOut,
    VocabularyOut,
)
from reviewtool.extraction.models import CopyKind, Extraction
from reviewtool.extraction.rules.foci import EXPERIMENT_PARTS, FOCUS_PARTS
from reviewtool.extraction.services import CellIn, Saved
from reviewtool.extraction.sheets.vocabulary import vocabulary as read_vocabulary
from reviewtool.team.access import review_api

bp = review_api("extraction", __name__, "/extraction", "Extraction")


def _answer(saved: Saved, copy: Extraction) -> dict[str, Any]:
    stands = queries.entries(request_session(), copy.id)
    sent = {*saved.stored, *saved.same, *(p.path for p in saved.problems if p.refused)}
    return {
        "revisions": {path: stands[path].revision if path in stands else 0 for path in sent},
        "stored": saved.stored,
        "same": saved.same,
        "refused": {p.path: p.message for p in saved.problems if p.refused},
        "flagged": {p.path: p.message for p in saved.problems if not p.refused},
        "saved_at": now().isoformat(timespec="seconds"),
        "state": copy.state,
    }


@bp.get("/studies")
@bp.output(list[StudyLineOut])  # type: ignore[arg-type]  # APIFlask knows lists, its types not
def studies() -> list[StudyLineOut]:
    """Every study with the state of its copies."""
    return [
        StudyLineOut(
            id=line.study.id,
            label=line.study.label,
            year=line.study.year,
            reports=line.reports,
            copies={kind: CopyLineOut.of(copy) for kind, copy in line.copies.items()},
        )
        for line in queries.lines(request_session(), g.member)
    ]


@bp.get("/form")
@bp.output(FormOut)
def form() -> FormOut:
    """What every study is asked for, with the parts of each kind of outcome."""
    asked = queries.form(request_session(), g.member.review_id)
    return FormOut(
        characteristics=[
            CharacteristicOut.of(one, options=list(one.options)) for one in asked.characteristics
        ],
        outcomes=[
            AskedOut.of(one, timepoints=list(one.timepoints), parts=dict(one.parts))
            for one in asked.outcomes
        ],
        least_arms=asked.least_arms,
        asks_foci=asked.asks_foci,
        experiment_parts=dict(EXPERIMENT_PARTS) if asked.asks_foci else {},
        focus_parts=dict(FOCUS_PARTS) if asked.asks_foci else {},
    )


@bp.get("/treatments")
@bp.output(StraysOut)
def treatments() -> StraysOut:
    """Agreed treatments that no comparison names, with names they may be spellings of."""
    return _strays()


def _strays() -> StraysOut:
    found = queries.stray_treatments(request_session(), g.member.review_id)
    return StraysOut(
        treatments=[
            StrayOut(name=one.name, alike=list(one.alike), studies=list(one.studies))
            for one in found
        ]
    )


@bp.get("/vocabulary")
@bp.output(VocabularyOut)
def vocabulary() -> VocabularyOut:
    """Every treatment and dose of agreed studies, how often, and what was merged."""
    found = read_vocabulary(request_session(), g.member.review_id)
    return VocabularyOut(
        treatments=[
            TreatmentOut(
                name=one.name,
                planned=one.planned,
                arms=one.arms,
                studies=list(one.studies),
                doses=[
                    DoseOut(name=dose.name, arms=dose.arms, studies=list(dose.studies))
                    for dose in one.doses.values()
                ],
            )
            for one in found.treatments
        ],
        merged=[
            MergedOut(
                part=one.part,
                name=one.name,
                before=one.before,
                treatment=one.treatment,
                studies=list(one.studies),
            )
            for one in found.merged
        ],
    )


@bp.post("/vocabulary/merge")
@bp.input(MergeIn)
@bp.output(VocabularyOut)
def merge_names(json_data: MergeIn) -> VocabularyOut:
    """Write one spelling of a treatment or dose as another in use."""
    with transaction() as db:
        services.treatments.merge(db, g.member, **json_data.model_dump())
    return vocabulary()


@bp.post("/vocabulary/undo")
@bp.input(UndoMergeIn)
@bp.output(VocabularyOut)
def undo_merge(json_data: UndoMergeIn) -> VocabularyOut:
    """Write a merged treatment or dose as it was read."""
    with transaction() as db:
        services.treatments.undo_merge(db, g.member, **json_data.model_dump())
    return vocabulary()


@bp.post("/treatments")
@bp.input(NameIn)
@bp.output(StraysOut)
def name_treatment(json_data: NameIn) -> StraysOut:
    """Call a treatment by the protocol's name in every study; answers with those left."""
    with transaction() as db:
        services.treatments.use_name(db, g.member, json_data.found, json_data.name)
    return _strays()


@bp.post("/studies")
@bp.input(StudyIn)
@bp.output(StudyMadeOut, 201)
def create_study(json_data: StudyIn) -> StudyMadeOut:
    """Make a study told of by these reports; the first is the primary one."""
    with transaction() as db:
        reports = [queries.report(db, g.member, one) for one in json_data.report_ids]
        study = services.studies.create(
            db,
            g.member,
            json_data.label,
            reports,
            year=json_data.year,
            registry_number=json_data.registry_number,
            design=json_data.design,
        )
    return StudyMadeOut.of(study)


@bp.post("/studies/<int:study_id>/copies")
@bp.output(TakenOut)
def take(study_id: int) -> TakenOut:
    """Your own copy of a study."""
    with transaction() as db:
        copy = services.copies.take(db, g.member, queries.study(db, g.member, study_id))
    return TakenOut.of(copy)


@bp.get("/copies/<int:copy_id>")
@bp.output(CopyOut)
def copy(copy_id: int) -> CopyOut:
    """A copy you may see: your own, or any once both are done."""
    db = request_session()
    row = queries.copy(db, g.member, copy_id)
    cells = {path: CellOut.of(entry) for path, entry in queries.entries(db, row.id).items()}
    return CopyOut.of(row, cells=cells)


@bp.put("/copies/<int:copy_id>/cells")
@bp.input(CellsIn)
@bp.output(SavedOut)
def save_cells(copy_id: int, json_data: CellsIn) -> SavedOut:
    """Store cells. What was refused is named; the rest is stored."""
    cells: dict[str, CellIn | str] = {path: body.cell() for path, body in json_data.cells.items()}
    with transaction() as db:
        row = queries.copy(db, g.member, copy_id)
        for body in json_data.cells.values():
            if body.report_id:
                queries.report(db, g.member, body.report_id)
        if row.kind is CopyKind.CONSENSUS:
            saved = services.agreeing.settle(db, g.member, row, cells)
        else:
            saved = services.copies.save(db, g.member, row, cells)
    return SavedOut(**_answer(saved, row))


@bp.post("/copies/<int:copy_id>/foci")
@bp.input(FociIn)
@bp.output(FociOut)
def take_foci(copy_id: int, json_data: FociIn) -> FociOut:
    """Store experiments and foci. Lines that are no focus are named; the rest is stored."""
    usual = {part: getattr(json_data, part) for part in ("modality", "direction", "space")}
    with transaction() as db:
        row = queries.copy(db, g.member, copy_id)
        taken = services.foci.take_in(
            db,
            g.member,
            row,
            json_data.text,
            usual={part: word for part, word in usual.items() if word},
            into=json_data.into,
            of_study=json_data.of_study,
        )
    return FociOut(
        **_answer(taken.saved, row),
        experiments=taken.experiments,
        foci=taken.foci,
        unread=[UnreadOut.of(one) for one in taken.unread],
        notes=taken.notes,
    )


@bp.post("/foci")
@bp.input(ManyFociIn)
@bp.output(ManyFociOut)
def take_many_foci(json_data: ManyFociIn) -> ManyFociOut:
    """Store experiments of many studies in your own copies, each study by its name."""
    usual = {part: getattr(json_data, part) for part in ("modality", "direction", "space")}
    with transaction() as db:
        found, unread, notes = services.foci.take_in_many(
            db,
            g.member,
            json_data.text,
            usual={part: word for part, word in usual.items() if word},
        )
    return ManyFociOut(
        studies=[
            StudyFociOut.of(one, unread=[UnreadOut.of(line) for line in one.unread])
            for one in found
        ],
        unread=[UnreadOut.of(line) for line in unread],
        notes=notes,
    )


@bp.post("/copies/<int:copy_id>/experiments/<int:experiment>/clear")
@bp.output(CopyStateOut)
def clear_experiment(copy_id: int, experiment: int) -> CopyStateOut:
    """Empty every cell of an experiment."""
    with transaction() as db:
        row = queries.copy(db, g.member, copy_id)
        services.foci.clear(db, g.member, row, experiment)
    return CopyStateOut.of(row)


@bp.post("/copies/<int:copy_id>/adopt")
@bp.input(AdoptIn)
@bp.output(AdoptedOut)
def adopt(copy_id: int, json_data: AdoptIn) -> AdoptedOut:
    """Take one extractor's value into the consensus, with its quote and page."""
    if json_data.copy_kind is CopyKind.CONSENSUS:
        raise Invalid("copy_kind: choose first or second.")
    with transaction() as db:
        row = queries.copy(db, g.member, copy_id)
        saved = services.agreeing.adopt(
            db, g.member, row, json_data.path, json_data.copy_kind, json_data.cell_revision
        )
        entry = queries.entries(db, row.id).get(json_data.path)
    return AdoptedOut(**_answer(saved, row), value=entry.value if entry else "")


@bp.post("/copies/<int:copy_id>/done")
@bp.output(CopyStateOut)
def done(copy_id: int) -> CopyStateOut:
    """Finish a copy, or complete the consensus."""
    with transaction() as db:
        row = queries.copy(db, g.member, copy_id)
        if row.kind is CopyKind.CONSENSUS:
            services.agreeing.complete(db, g.member, row)
        else:
            services.copies.finish(db, g.member, row)
    return CopyStateOut.of(row)
