"""Studies, copies, agreed results, risk-of-bias assessments."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

import reviewtool.db.types

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "study",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("label", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("registry_number", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("design", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("origin", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("removed_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_study_review_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study")),
        sa.UniqueConstraint("review_id", "label", name=op.f("uq_study_review_id_label")),
    )
    with op.batch_alter_table("study", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_study_review_id"), ["review_id"], unique=False)
    op.create_table(
        "study_field",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("label", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("section", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column(
            "options",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("archived_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["review_id"], ["review.id"], name=op.f("fk_study_field_review_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_field")),
        sa.UniqueConstraint("review_id", "key", name=op.f("uq_study_field_review_id_key")),
    )
    with op.batch_alter_table("study_field", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_study_field_review_id"), ["review_id"], unique=False)
    op.create_table(
        "arm",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("treatment", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("dose", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("participants", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_arm_review_id")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_arm_study_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arm")),
        sa.UniqueConstraint("study_id", "number", name=op.f("uq_arm_study_id_number")),
    )
    with op.batch_alter_table("arm", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_arm_review_id"), ["review_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_arm_study_id"), ["study_id"], unique=False)
    op.create_table(
        "assessment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("instrument", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("version", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("variant", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("outcome_id", sa.Integer(), nullable=True),
        sa.Column("timepoint", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column(
            "setup",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("done_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_assessment_member_id")),
        sa.ForeignKeyConstraint(
            ["outcome_id"], ["planned_outcome.id"], name=op.f("fk_assessment_outcome_id")
        ),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_assessment_review_id")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_assessment_study_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment")),
        sa.UniqueConstraint(
            "study_id",
            "instrument",
            "outcome_id",
            "timepoint",
            "kind",
            name=op.f("uq_assessment_study_id_instrument_outcome_id_timepoint_kind"),
        ),
    )
    with op.batch_alter_table("assessment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assessment_member_id"), ["member_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_assessment_outcome_id"), ["outcome_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_assessment_review_id"), ["review_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_assessment_study_id"), ["study_id"], unique=False)
    op.create_table(
        "extraction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("done_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_extraction_member_id")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_extraction_review_id")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_extraction_study_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extraction")),
        sa.UniqueConstraint("study_id", "kind", name=op.f("uq_extraction_study_id_kind")),
    )
    with op.batch_alter_table("extraction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_extraction_member_id"), ["member_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_extraction_review_id"), ["review_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_extraction_study_id"), ["study_id"], unique=False)
    op.create_table(
        "answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("question", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("answer", sqlmodel.sql.sqltypes.AutoString(length=4), nullable=False),
        sa.Column("support", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("page", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_answer_assessment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
        sa.UniqueConstraint(
            "assessment_id", "question", name=op.f("uq_answer_assessment_id_question")
        ),
    )
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_answer_assessment_id"), ["assessment_id"], unique=False
        )
    op.create_table(
        "judgement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("domain", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("proposed", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("final", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("direction", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("confirmed", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_judgement_assessment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgement")),
        sa.UniqueConstraint(
            "assessment_id", "domain", name=op.f("uq_judgement_assessment_id_domain")
        ),
    )
    with op.batch_alter_table("judgement", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_judgement_assessment_id"), ["assessment_id"], unique=False
        )
    op.create_table(
        "result",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("outcome_id", sa.Integer(), nullable=False),
        sa.Column("timepoint", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("arm_id", sa.Integer(), nullable=False),
        sa.Column("reference_arm_id", sa.Integer(), nullable=True),
        sa.Column("events", sa.Float(), nullable=True),
        sa.Column("total", sa.Float(), nullable=True),
        sa.Column("mean", sa.Float(), nullable=True),
        sa.Column("sd", sa.Float(), nullable=True),
        sa.Column("estimate", sa.Float(), nullable=True),
        sa.Column("se", sa.Float(), nullable=True),
        sa.Column("derived", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["arm_id"], ["arm.id"], name=op.f("fk_result_arm_id")),
        sa.ForeignKeyConstraint(
            ["outcome_id"], ["planned_outcome.id"], name=op.f("fk_result_outcome_id")
        ),
        sa.ForeignKeyConstraint(
            ["reference_arm_id"], ["arm.id"], name=op.f("fk_result_reference_arm_id")
        ),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_result_review_id")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_result_study_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result")),
    )
    with op.batch_alter_table("result", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_result_arm_id"), ["arm_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_result_outcome_id"), ["outcome_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_result_review_id"), ["review_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_result_study_id"), ["study_id"], unique=False)
    op.create_table(
        "entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("extraction_id", sa.Integer(), nullable=False),
        sa.Column("path", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("page", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=True),
        sa.Column("derived", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["extraction_id"], ["extraction.id"], name=op.f("fk_entry_extraction_id")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_entry_member_id")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_entry_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
        sa.UniqueConstraint("extraction_id", "path", name=op.f("uq_entry_extraction_id_path")),
    )
    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_entry_extraction_id"), ["extraction_id"], unique=False)
    op.create_table(
        "study_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_study_report_report_id")
        ),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_study_report_study_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_report")),
        sa.UniqueConstraint(
            "study_id", "report_id", name=op.f("uq_study_report_study_id_report_id")
        ),
    )
    with op.batch_alter_table("study_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_study_report_report_id"), ["report_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_study_report_study_id"), ["study_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("study_report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_study_report_study_id"))
        batch_op.drop_index(batch_op.f("ix_study_report_report_id"))

    op.drop_table("study_report")
    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_entry_extraction_id"))

    op.drop_table("entry")
    with op.batch_alter_table("result", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_result_study_id"))
        batch_op.drop_index(batch_op.f("ix_result_review_id"))
        batch_op.drop_index(batch_op.f("ix_result_outcome_id"))
        batch_op.drop_index(batch_op.f("ix_result_arm_id"))

    op.drop_table("result")
    with op.batch_alter_table("judgement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_judgement_assessment_id"))

    op.drop_table("judgement")
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_answer_assessment_id"))

    op.drop_table("answer")
    with op.batch_alter_table("extraction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_extraction_study_id"))
        batch_op.drop_index(batch_op.f("ix_extraction_review_id"))
        batch_op.drop_index(batch_op.f("ix_extraction_member_id"))

    op.drop_table("extraction")
    with op.batch_alter_table("assessment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assessment_study_id"))
        batch_op.drop_index(batch_op.f("ix_assessment_review_id"))
        batch_op.drop_index(batch_op.f("ix_assessment_outcome_id"))
        batch_op.drop_index(batch_op.f("ix_assessment_member_id"))

    op.drop_table("assessment")
    with op.batch_alter_table("arm", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_arm_study_id"))
        batch_op.drop_index(batch_op.f("ix_arm_review_id"))

    op.drop_table("arm")
    with op.batch_alter_table("study_field", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_study_field_review_id"))

    op.drop_table("study_field")
    with op.batch_alter_table("study", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_study_review_id"))

    op.drop_table("study")
