"""A review made in many transactions is one unit: whole, or gone.

While it is made, nobody enters it and its row here says which process makes it. What
fails, is stopped or dies in the middle is taken away with every row and file that is its
own; only the log, which cannot forget, says that it was begun and removed.
"""

import os
import socket
from contextlib import suppress
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from reviewtool import audit
from reviewtool.acts import Act
from reviewtool.db.engine import after_commit
from reviewtool.db.row import metadata
from reviewtool.db.types import now
from reviewtool.storage import Storage
from reviewtool.team.errors import BuildWasRemoved
from reviewtool.team.models import Review, UnfinishedReview

SILENT = timedelta(minutes=10)  # a maker that said nothing for so long is gone


def begin(db: Session, review_id: int, job_id: int | None) -> None:
    """This process begins to make the review."""
    made_by = UnfinishedReview(
        review_id=review_id, job_id=job_id, host=socket.gethostname(), process=os.getpid()
    )
    db.add(made_by)
    db.flush()


def go_on(db: Session, review_id: int) -> None:
    """Say that it is still being made. Raises BuildWasRemoved when it was taken for dead."""
    row = db.get(UnfinishedReview, review_id)
    if row is None:
        raise BuildWasRemoved()
    row.seen_at = now()


def finish(db: Session, review_id: int) -> None:
    """The review is whole: its people may enter."""
    row = db.get(UnfinishedReview, review_id)
    if row is None:
        raise BuildWasRemoved()
    db.delete(row)


def is_alive(row: UnfinishedReview) -> bool:
    """Whether whoever makes the review still does, as far as can be seen from here."""
    if now() - row.seen_at > SILENT:
        return False
    if row.host != socket.gethostname():
        return True
    try:
        os.kill(row.process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def left_behind(db: Session) -> list[int]:
    """Reviews whose makers are gone."""
    rows = db.exec(select(UnfinishedReview).order_by(col(UnfinishedReview.review_id))).all()
    return [row.review_id for row in rows if not is_alive(row)]


def remove(db: Session, review_id: int, storage: Storage) -> None:
    """Take away all rows of an unfinished review, and the files that are its alone.

    What is no unfinished review is left alone.
    """
    row = db.get(UnfinishedReview, review_id, with_for_update=True)
    if row is None:
        return
    own = _own(review_id)
    files = _files(db, own)
    removed = 0
    for table in reversed(metadata.sorted_tables):
        if table.name in own:
            removed += db.execute(sa.delete(table).where(own[table.name])).rowcount  # type: ignore[attr-defined]
    db.expire_all()
    audit.append(db, "rules", Act.TEAM_REMOVE_UNFINISHED, chain=review_id, rows=removed)
    after_commit(db, lambda: _forget(storage, files))


def _own(review_id: int) -> dict[str, Any]:
    """Table -> which of its rows belong to the review: by its number, or by what they hang on."""
    own: dict[str, Any] = {"review": col(Review.id) == review_id}
    for table in metadata.sorted_tables:
        if table.name == "review":
            continue
        if "review_id" in table.c:
            own[table.name] = table.c.review_id == review_id
            continue
        for key in sorted(table.foreign_keys, key=lambda key: str(key.parent.name)):
            parent = key.column.table
            if parent.name in own and parent.name != "review":
                kept = sa.select(parent.c.id).where(own[parent.name])
                own[table.name] = key.parent.in_(kept)
                break
    return own


def _files(db: Session, own: dict[str, Any]) -> set[str]:
    """Hashes of stored files that only this review names."""
    mine: set[str] = set()
    others: set[str] = set()
    for table in metadata.sorted_tables:
        if "sha256" in table.c and table.name in own:
            belongs = own[table.name]
            mine |= set(db.execute(sa.select(table.c.sha256).where(belongs)).scalars())
            others |= set(db.execute(sa.select(table.c.sha256).where(~belongs)).scalars())
    return mine - others


def _forget(storage: Storage, files: set[str]) -> None:
    for sha256 in files:
        with suppress(OSError):
            storage.remove(sha256)
