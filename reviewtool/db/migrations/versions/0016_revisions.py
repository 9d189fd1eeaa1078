"""rows that people edit count their changes; forms that make something are kept for a while."""

import sqlalchemy as sa
from alembic import op

from reviewtool.db.types import UtcDateTime

revision = "0016"
down_revision = "0015"

EDITED = (
    "protocol",
    "criterion",
    "planned_outcome",
    "planned_comparison",
    "planned_analysis",
    "screening_plan",
    "exclusion_reason",
    "adjudication",
    "note",
    "study",
    "study_field",
    "extraction",
    "entry",
    "assessment",
    "judgement",
    "rating",
    "review",
    "member",
    "record",
    "search",
)


def upgrade() -> None:
    for table in EDITED:
        # A column with a constant default is added without rewriting the table, on both.
        op.add_column(
            table, sa.Column("revision", sa.Integer(), nullable=False, server_default="1")
        )
    op.create_table(
        "spent_form",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("location", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_spent_form"),
    )
    op.create_index("ix_spent_form_at", "spent_form", ["at"])
