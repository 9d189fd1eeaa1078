"""Retrieving full texts: where the search stands, and the files."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, select

from reviewtool import audit
from reviewtool.acts import Act
from reviewtool.db.row import hold
from reviewtool.db.types import now
from reviewtool.errors import Conflict
from reviewtool.permissions import Action, require
from reviewtool.references.models import Document, Record, Report, Retrieval
from reviewtool.screening import errors
from reviewtool.screening.models import Decision, LooseFile
from reviewtool.screening.queries.fulltexts import documents, reports
from reviewtool.screening.rules.filenames import Known, match
from reviewtool.screening.rules.outcome import Phase
from reviewtool.storage import Storage
from reviewtool.team.models import Member

MAGIC = b"%PDF-"


@dataclass
class Placed:
    """What became of uploaded files: each one is in exactly one of the lists."""

    attached: list[tuple[str, Record, str]] = field(default_factory=list)
    waiting: list[LooseFile] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many files were sent."""
        return len(self.attached) + len(self.waiting) + len(self.refused)


def set_retrieval(
    db: Session,
    actor: Member,
    report: Report,
    retrieval: Retrieval,
    note: str = "",
    awaiting: str | None = None,
) -> None:
    """Say where the search for a full text stands.

    awaiting: "awaiting" for a study awaiting classification, "ongoing" for one that still
        runs, "" for neither. Raises Conflict when the report was already judged.
    """
    require(actor, Action.RETRIEVE, report)
    hold(db, report, stands=lambda: _stands(report))
    if retrieval is not Retrieval.RETRIEVED and report.retrieval is Retrieval.RETRIEVED:
        judged = db.exec(
            select(Decision.id).where(Decision.report_id == report.id).limit(1)
        ).first()
        if judged is not None:
            raise Conflict(
                "This report was already judged from its full text, so it counts as retrieved. "
                "Undo the votes on it first."
            )
    values = {"retrieval": retrieval, "retrieval_note": note.strip()}
    if awaiting is not None:
        values["awaiting"] = awaiting
    changes = audit.changed(report, **values)
    if changes:
        db.add(report)
        audit.append(db, actor, Act.FULLTEXT_SET_RETRIEVAL, report, changes)


def _stands(report: Report) -> dict[str, Any]:
    """Where the search stands, by the names of the form."""
    return {
        "retrieval": report.retrieval.value,
        "note": report.retrieval_note,
        "awaiting": report.awaiting,
    }


def attach(
    db: Session, actor: Member, report: Report, storage: Storage, file_name: str, content: bytes
) -> Document:
    """Keep a PDF as the full text of a report, which counts as retrieved from then on.

    Raises NotAPdf. The same content is kept once.
    """
    require(actor, Action.RETRIEVE, report)
    _check_pdf(file_name, content)
    sha256, size = storage.put(content)
    return _attach(db, actor, report, file_name, sha256, size)


def attach_many(
    db: Session, actor: Member, storage: Storage, files: Iterable[tuple[str, bytes]]
) -> Placed:
    """Keep many PDFs, each with the one report its name points to.

    A file that points to none or to several waits for a person; one that is no PDF is
    refused with the reason. Nothing is dropped.
    """
    require(actor, Action.RETRIEVE)
    known = [
        Known(
            report.id,
            record.number,
            record.authors,
            record.year,
            record.title,
            record.doi,
            record.pmid,
        )
        for report, record, _ in reports(db, actor, size=None)
    ]
    result = Placed()
    for file_name, content in files:
        try:
            _check_pdf(file_name, content)
        except errors.NotAPdf as error:
            result.refused.append((file_name, error.message))
            continue
        sha256, size = storage.put(content)
        found = match(file_name, known)
        if len(found.report_ids) == 1:
            report = db.get_one(Report, found.report_ids[0])
            _attach(db, actor, report, file_name, sha256, size)
            result.attached.append((file_name, db.get_one(Record, report.record_id), found.why))
        else:
            result.waiting.append(_wait(db, actor, file_name, sha256, size, found.report_ids))
    return result


def assign(db: Session, actor: Member, file: LooseFile, report: Report) -> Document:
    """Say which report a waiting file belongs to."""
    require(actor, Action.RETRIEVE, file, report)
    file.settled_at = now()
    db.add(file)
    return _attach(db, actor, report, file.file_name, file.sha256, file.size)


def discard(db: Session, actor: Member, file: LooseFile) -> None:
    """Say that a waiting file belongs to no report."""
    require(actor, Action.RETRIEVE, file)
    file.settled_at = now()
    db.add(file)
    audit.append(
        db, actor, Act.FULLTEXT_DISCARD, file, file_name=file.file_name, sha256=file.sha256
    )


def detach(db: Session, actor: Member, document: Document) -> None:
    """Take a file off its report; the content stays in the storage."""
    require(actor, Action.RETRIEVE, document)
    document.removed_at = now()
    db.add(document)
    db.flush()
    audit.append(db, actor, Act.FULLTEXT_DETACH, document, file_name=document.file_name)
    report = db.get_one(Report, document.report_id)
    judged = db.exec(
        select(Decision.id)
        .where(Decision.report_id == report.id, Decision.phase == Phase.FULL_TEXT)
        .limit(1)
    ).first()
    if not documents(db, actor, report.id) and judged is None:
        report.retrieval = Retrieval.SOUGHT
        db.add(report)


def _check_pdf(file_name: str, content: bytes) -> None:
    # What stands before the header could be a page that a browser runs.
    if not content.startswith(MAGIC):
        raise errors.NotAPdf(name=file_name or "The file without a name")


def _attach(
    db: Session, actor: Member, report: Report, file_name: str, sha256: str, size: int
) -> Document:
    same = db.exec(
        select(Document).where(
            Document.report_id == report.id,
            Document.sha256 == sha256,
            col(Document.removed_at).is_(None),
        )
    ).first()
    if same is not None:
        return same
    row = Document(
        review_id=report.review_id,
        report_id=report.id,
        sha256=sha256,
        file_name=file_name[-300:],
        size=size,
        member_id=actor.id,
    )
    db.add(row)
    before = report.retrieval
    report.retrieval = Retrieval.RETRIEVED
    db.add(report)
    db.flush()
    audit.append(
        db,
        actor,
        Act.FULLTEXT_ATTACH,
        row,
        {"retrieval": (before, report.retrieval)} if before is not report.retrieval else {},
        file_name=file_name,
        sha256=sha256,
        report=report.id,
    )
    return row


def _wait(
    db: Session, actor: Member, file_name: str, sha256: str, size: int, candidates: list[int]
) -> LooseFile:
    waiting = db.exec(
        select(LooseFile).where(
            LooseFile.review_id == actor.review_id,
            LooseFile.sha256 == sha256,
            col(LooseFile.settled_at).is_(None),
        )
    ).first()
    if waiting is not None:
        return waiting
    row = LooseFile(
        review_id=actor.review_id,
        sha256=sha256,
        file_name=file_name[-300:],
        size=size,
        candidate_ids=candidates,
        member_id=actor.id,
    )
    db.add(row)
    db.flush()
    audit.append(db, actor, Act.FULLTEXT_WAIT, row, file_name=file_name, sha256=sha256)
    return row
