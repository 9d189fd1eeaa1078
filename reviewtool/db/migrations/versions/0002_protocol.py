"""The protocol: document, versions, planned rows."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

import reviewtool.db.types

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "criterion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("include", sa.Boolean(), nullable=False),
        sa.Column("aspect", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_criterion_review_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_criterion")),
    )
    with op.batch_alter_table("criterion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_criterion_review_id"), ["review_id"], unique=False)
    op.create_table(
        "planned_comparison",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column(
            "experimental",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "comparator",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("removed_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["review_id"], ["review.id"], name=op.f("fk_planned_comparison_review_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_comparison")),
    )
    with op.batch_alter_table("planned_comparison", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_planned_comparison_review_id"), ["review_id"], unique=False
        )
    op.create_table(
        "planned_outcome",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("measure", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("unit", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("lower_is_better", sa.Boolean(), nullable=False),
        sa.Column(
            "timepoints",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("minimal_important_difference", sa.Float(), nullable=True),
        sa.Column("definition", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("removed_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["review_id"], ["review.id"], name=op.f("fk_planned_outcome_review_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_outcome")),
    )
    with op.batch_alter_table("planned_outcome", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_planned_outcome_review_id"), ["review_id"], unique=False
        )
    op.create_table(
        "protocol",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column(
            "document",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("updated_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("registry_name", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("registry_id", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_protocol_review_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_protocol")),
        sa.UniqueConstraint("review_id", name=op.f("uq_protocol_review_id")),
    )
    op.create_table(
        "amendment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("from_version", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("to_version", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("section", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("old_text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("new_text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("stage_reached", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("knew_results", sa.Boolean(), nullable=False),
        sa.Column("effect_on_work", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("amended_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_amendment_member_id")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_amendment_review_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendment")),
    )
    with op.batch_alter_table("amendment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_amendment_review_id"), ["review_id"], unique=False)
    op.create_table(
        "planned_analysis",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("outcome_id", sa.Integer(), nullable=False),
        sa.Column("comparison_id", sa.Integer(), nullable=False),
        sa.Column("timepoint", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("measure", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("model", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("method", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("test", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("level", sa.Float(), nullable=False),
        sa.Column("subgroup", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column(
            "moderators",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "sensitivity",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("post_hoc", sa.Boolean(), nullable=False),
        sa.Column("removed_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["comparison_id"],
            ["planned_comparison.id"],
            name=op.f("fk_planned_analysis_comparison_id"),
        ),
        sa.ForeignKeyConstraint(
            ["outcome_id"], ["planned_outcome.id"], name=op.f("fk_planned_analysis_outcome_id")
        ),
        sa.ForeignKeyConstraint(
            ["review_id"], ["review.id"], name=op.f("fk_planned_analysis_review_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_analysis")),
    )
    with op.batch_alter_table("planned_analysis", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_planned_analysis_comparison_id"), ["comparison_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_planned_analysis_outcome_id"), ["outcome_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_planned_analysis_review_id"), ["review_id"], unique=False
        )
    op.create_table(
        "protocol_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("number", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column(
            "content",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("content_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("approved_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["member.id"], name=op.f("fk_protocol_version_approved_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["review_id"], ["review.id"], name=op.f("fk_protocol_version_review_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_protocol_version")),
        sa.UniqueConstraint(
            "review_id", "number", name=op.f("uq_protocol_version_review_id_number")
        ),
    )
    with op.batch_alter_table("protocol_version", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_protocol_version_review_id"), ["review_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("protocol_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_protocol_version_review_id"))

    op.drop_table("protocol_version")
    with op.batch_alter_table("planned_analysis", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_planned_analysis_review_id"))
        batch_op.drop_index(batch_op.f("ix_planned_analysis_outcome_id"))
        batch_op.drop_index(batch_op.f("ix_planned_analysis_comparison_id"))

    op.drop_table("planned_analysis")
    with op.batch_alter_table("amendment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_amendment_review_id"))

    op.drop_table("amendment")
    op.drop_table("protocol")
    with op.batch_alter_table("planned_outcome", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_planned_outcome_review_id"))

    op.drop_table("planned_outcome")
    with op.batch_alter_table("planned_comparison", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_planned_comparison_review_id"))

    op.drop_table("planned_comparison")
    with op.batch_alter_table("criterion", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_criterion_review_id"))

    op.drop_table("criterion")
