"""a job that waits for room or for its turn says when it is tried again."""

import sqlalchemy as sa
from alembic import op

from reviewtool.db.types import UtcDateTime

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("job", sa.Column("resume_at", UtcDateTime(), nullable=True))
