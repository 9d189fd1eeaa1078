"""What a search for duplicates covered, so that the next one compares only what is new."""

from datetime import datetime

from sqlmodel import Field

from reviewtool.db.row import Row
from reviewtool.db.types import UtcDateTime


class DuplicateRun(Row, table=True):
    """One finished search for duplicates.

    Every record up to ``last_record_id`` has been compared with every other one.
    ``compared`` new records were looked at; the counts are pairs, ``merged`` records.
    """

    review_id: int = Field(foreign_key="review.id", index=True)
    last_record_id: int = 0
    compared: int = 0
    merged: int = 0
    uncertain: int = 0
    related: int = 0
    finished_at: datetime = Field(sa_type=UtcDateTime)
