"""time points have windows; which result of a study stands may be chosen with a reason."""

import sqlalchemy as sa
from alembic import op

from reviewtool.db.types import Json, UtcDateTime

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column(
        "planned_outcome", sa.Column("windows", Json, nullable=False, server_default="{}")
    )
    op.add_column(
        "planned_outcome",
        sa.Column("window_rule", sa.String(length=40), nullable=False, server_default="nearest"),
    )
    op.create_table(
        "result_choice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("analysis_id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("timepoint", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"]),
        sa.ForeignKeyConstraint(["analysis_id"], ["analysis.id"]),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("analysis_id", "study_id"),
    )
    for column in ("review_id", "analysis_id", "study_id"):
        op.create_index(f"ix_result_choice_{column}", "result_choice", [column])
