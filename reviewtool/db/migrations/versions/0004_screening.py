"""Votes, standings, reasons, labels, notes."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

import reviewtool.db.types

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "exclusion_reason",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("archived_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["review_id"], ["review.id"], name=op.f("fk_exclusion_reason_review_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exclusion_reason")),
    )
    with op.batch_alter_table("exclusion_reason", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_exclusion_reason_review_id"), ["review_id"], unique=False
        )
    op.create_table(
        "label",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_label_review_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label")),
        sa.UniqueConstraint("review_id", "name", name=op.f("uq_label_review_id_name")),
    )
    op.create_table(
        "screening_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("votes_required", sa.Integer(), nullable=False),
        sa.Column("fulltext_votes_required", sa.Integer(), nullable=False),
        sa.Column("show_authors", sa.Boolean(), nullable=False),
        sa.Column(
            "include_terms",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "exclude_terms",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "screener_ids",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "fulltext_screener_ids",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "resolver_ids",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["review_id"], ["review.id"], name=op.f("fk_screening_plan_review_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening_plan")),
        sa.UniqueConstraint("review_id", name=op.f("uq_screening_plan_review_id")),
    )
    op.create_table(
        "loose_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("file_name", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column(
            "candidate_ids",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("settled_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_loose_file_member_id")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_loose_file_review_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loose_file")),
    )
    with op.batch_alter_table("loose_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_loose_file_review_id"), ["review_id"], unique=False)
    op.create_table(
        "blind_vote",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("outside_name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("vote", sa.String(length=40), nullable=False),
        sa.Column("reason_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_blind_vote_member_id")),
        sa.ForeignKeyConstraint(
            ["reason_id"], ["exclusion_reason.id"], name=op.f("fk_blind_vote_reason_id")
        ),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_blind_vote_record_id")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_blind_vote_review_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blind_vote")),
        sa.UniqueConstraint(
            "record_id", "phase", "member_id", name=op.f("uq_blind_vote_record_id_phase_member_id")
        ),
    )
    with op.batch_alter_table("blind_vote", schema=None) as batch_op:
        batch_op.create_index(
            "ix_blind_vote_phase", ["review_id", "phase", "record_id"], unique=False
        )
    op.create_table(
        "note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(length=40), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("outside_name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_note_member_id")),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_note_record_id")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_note_review_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_note_record_id"), ["record_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_note_review_id"), ["review_id"], unique=False)
    op.create_table(
        "record_label",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("label_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("outside_name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.ForeignKeyConstraint(["label_id"], ["label.id"], name=op.f("fk_record_label_label_id")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_record_label_member_id")
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name=op.f("fk_record_label_record_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_label")),
        sa.UniqueConstraint(
            "record_id",
            "label_id",
            "member_id",
            name=op.f("uq_record_label_record_id_label_id_member_id"),
        ),
    )
    with op.batch_alter_table("record_label", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_record_label_record_id"), ["record_id"], unique=False)
    op.create_table(
        "adjudication",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=True),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("vote", sa.String(length=40), nullable=False),
        sa.Column("reason_id", sa.Integer(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_adjudication_member_id")
        ),
        sa.ForeignKeyConstraint(
            ["reason_id"], ["exclusion_reason.id"], name=op.f("fk_adjudication_reason_id")
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name=op.f("fk_adjudication_record_id")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_adjudication_report_id")
        ),
        sa.ForeignKeyConstraint(
            ["review_id"], ["review.id"], name=op.f("fk_adjudication_review_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjudication")),
        sa.UniqueConstraint("record_id", "phase", name=op.f("uq_adjudication_record_id_phase")),
    )
    with op.batch_alter_table("adjudication", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_adjudication_review_id"), ["review_id"], unique=False)
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=True),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("outside_name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("vote", sa.String(length=40), nullable=False),
        sa.Column("reason_id", sa.Integer(), nullable=True),
        sa.Column("voted_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("generated", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_decision_member_id")),
        sa.ForeignKeyConstraint(
            ["reason_id"], ["exclusion_reason.id"], name=op.f("fk_decision_reason_id")
        ),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_decision_record_id")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_decision_report_id")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_decision_review_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint(
            "record_id", "member_id", "phase", name=op.f("uq_decision_record_id_member_id_phase")
        ),
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index(
            "ix_decision_mine", ["review_id", "member_id", "phase", "id", "record_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_decision_record_id"), ["record_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_decision_report_id"), ["report_id"], unique=False)
    op.create_table(
        "standing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("votes", sa.Integer(), nullable=False),
        sa.Column("reason_id", sa.Integer(), nullable=True),
        sa.Column("adjudicated", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reason_id"], ["exclusion_reason.id"], name=op.f("fk_standing_reason_id")
        ),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_standing_record_id")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_standing_report_id")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_standing_review_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing")),
        sa.UniqueConstraint("record_id", "phase", name=op.f("uq_standing_record_id_phase")),
    )
    with op.batch_alter_table("standing", schema=None) as batch_op:
        batch_op.create_index(
            "ix_standing_outcome", ["review_id", "phase", "outcome", "record_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_standing_report_id"), ["report_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("standing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_standing_report_id"))
        batch_op.drop_index("ix_standing_outcome")

    op.drop_table("standing")
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_decision_report_id"))
        batch_op.drop_index(batch_op.f("ix_decision_record_id"))
        batch_op.drop_index("ix_decision_mine")

    op.drop_table("decision")
    with op.batch_alter_table("adjudication", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_adjudication_review_id"))

    op.drop_table("adjudication")
    with op.batch_alter_table("record_label", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_record_label_record_id"))

    op.drop_table("record_label")
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_note_review_id"))
        batch_op.drop_index(batch_op.f("ix_note_record_id"))

    op.drop_table("note")
    with op.batch_alter_table("blind_vote", schema=None) as batch_op:
        batch_op.drop_index("ix_blind_vote_phase")

    op.drop_table("blind_vote")
    with op.batch_alter_table("loose_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_loose_file_review_id"))

    op.drop_table("loose_file")
    op.drop_table("screening_plan")
    op.drop_table("label")
    with op.batch_alter_table("exclusion_reason", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_exclusion_reason_review_id"))

    op.drop_table("exclusion_reason")
