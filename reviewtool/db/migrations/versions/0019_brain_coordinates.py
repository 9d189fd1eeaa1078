"""brain coordinates: experiments and foci as agreed, and how they are planned."""

import sqlalchemy as sa
from alembic import op

from reviewtool.db.types import Json, UtcDateTime

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    for name in ("modality", "direction"):
        column = sa.Column(name, sa.String(length=40), nullable=False, server_default="")
        op.add_column("planned_outcome", column)
    op.add_column("planned_analysis", sa.Column("map", Json, nullable=False, server_default="{}"))
    op.create_table(
        "experiment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("participants", sa.Integer(), nullable=False),
        sa.Column("modality", sa.String(length=40), nullable=False),
        sa.Column("direction", sa.String(length=40), nullable=False),
        sa.Column("space", sa.String(length=20), nullable=False),
        sa.Column("threshold", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_experiment"),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name="fk_experiment_review_id"),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name="fk_experiment_study_id"),
        sa.UniqueConstraint("study_id", "number", name="uq_experiment_study_id_number"),
    )
    op.create_index("ix_experiment_review_id", "experiment", ["review_id"])
    op.create_index("ix_experiment_study_id", "experiment", ["study_id"])
    op.create_table(
        "focus",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("experiment_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("x", sa.Float(), nullable=False),
        sa.Column("y", sa.Float(), nullable=False),
        sa.Column("z", sa.Float(), nullable=False),
        sa.Column("statistic", sa.Float(), nullable=True),
        sa.Column("size", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_focus"),
        sa.ForeignKeyConstraint(
            ["experiment_id"], ["experiment.id"], name="fk_focus_experiment_id"
        ),
        sa.UniqueConstraint("experiment_id", "number", name="uq_focus_experiment_id_number"),
    )
    op.create_index("ix_focus_experiment_id", "focus", ["experiment_id"])


def downgrade() -> None:
    op.drop_table("focus")
    op.drop_table("experiment")
    op.drop_column("planned_analysis", "map")
    for name in ("modality", "direction"):
        op.drop_column("planned_outcome", name)
