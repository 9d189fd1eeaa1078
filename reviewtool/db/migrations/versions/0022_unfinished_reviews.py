"""a review made in many transactions is marked until it is whole."""

import sqlalchemy as sa
from alembic import op

from reviewtool.db.types import UtcDateTime

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "unfinished_review",
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("process", sa.Integer(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["review_id"], ["review.id"], name="fk_unfinished_review_review_id_review"
        ),
        sa.PrimaryKeyConstraint("review_id", name="pk_unfinished_review"),
    )
