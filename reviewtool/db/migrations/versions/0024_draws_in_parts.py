"""brain maps are drawn in parts: the draws of a run, their parts, and jobs that wait for parts."""

import sqlalchemy as sa
from alembic import op

from reviewtool.db.types import Json, UtcDateTime

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    with op.batch_alter_table("job") as batch_op:
        batch_op.add_column(sa.Column("parent_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("waits", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.create_foreign_key("fk_job_parent_id", "job", ["parent_id"], ["id"])
        batch_op.create_index("ix_job_parent_id", ["parent_id"])
    op.create_table(
        "monte_carlo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("analysis_id", sa.Integer(), nullable=False),
        sa.Column("inputs_hash", sa.String(length=64), nullable=False),
        sa.Column("inputs", Json, nullable=False),
        sa.Column("settings", Json, nullable=False),
        sa.Column("plan", Json, nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_monte_carlo"),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name="fk_monte_carlo_review_id"),
        sa.ForeignKeyConstraint(
            ["analysis_id"], ["analysis.id"], name="fk_monte_carlo_analysis_id"
        ),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name="fk_monte_carlo_job_id"),
        sa.UniqueConstraint(
            "analysis_id", "inputs_hash", name="uq_monte_carlo_analysis_id_inputs_hash"
        ),
    )
    for name in ("review_id", "analysis_id", "job_id"):
        op.create_index(f"ix_monte_carlo_{name}", "monte_carlo", [name])
    op.create_table(
        "monte_carlo_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("monte_carlo_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.Integer(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("drawn", sa.Boolean(), nullable=False),
        sa.Column("found", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_monte_carlo_part"),
        sa.ForeignKeyConstraint(
            ["monte_carlo_id"], ["monte_carlo.id"], name="fk_monte_carlo_part_monte_carlo_id"
        ),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name="fk_monte_carlo_part_job_id"),
        sa.UniqueConstraint(
            "monte_carlo_id",
            "side",
            "first",
            name="uq_monte_carlo_part_monte_carlo_id_side_first",
        ),
    )
    op.create_index("ix_monte_carlo_part_monte_carlo_id", "monte_carlo_part", ["monte_carlo_id"])


def downgrade() -> None:
    op.drop_table("monte_carlo_part")
    op.drop_table("monte_carlo")
    with op.batch_alter_table("job") as batch_op:
        batch_op.drop_index("ix_job_parent_id")
        batch_op.drop_constraint("fk_job_parent_id", type_="foreignkey")
        batch_op.drop_column("waits")
        batch_op.drop_column("parent_id")
