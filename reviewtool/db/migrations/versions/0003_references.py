"""Searches, imports, records, duplicates, reports, full texts."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

import reviewtool.db.types

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "duplicate_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("last_record_id", sa.Integer(), nullable=False),
        sa.Column("compared", sa.Integer(), nullable=False),
        sa.Column("merged", sa.Integer(), nullable=False),
        sa.Column("uncertain", sa.Integer(), nullable=False),
        sa.Column("related", sa.Integer(), nullable=False),
        sa.Column("finished_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["review_id"], ["review.id"], name=op.f("fk_duplicate_run_review_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_run")),
    )
    with op.batch_alter_table("duplicate_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_duplicate_run_review_id"), ["review_id"], unique=False)
    op.create_table(
        "search",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("database", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("platform", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("searched_on", sa.Date(), nullable=True),
        sa.Column("strategy", sa.Text(), nullable=False),
        sa.Column("limits", sa.Text(), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=True),
        sa.Column("updates_id", sa.Integer(), nullable=True),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_search_review_id")),
        sa.ForeignKeyConstraint(["updates_id"], ["search.id"], name=op.f("fk_search_updates_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search")),
    )
    with op.batch_alter_table("search", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_search_review_id"), ["review_id"], unique=False)
    op.create_table(
        "import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("search_id", sa.Integer(), nullable=True),
        sa.Column("file_name", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("format", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("encoding", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column(
            "column_mapping",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("stored", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column(
            "notes",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "promoted",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("finished_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("undone_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_import_job_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_import_member_id")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_import_review_id")),
        sa.ForeignKeyConstraint(["search_id"], ["search.id"], name=op.f("fk_import_search_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import")),
    )
    with op.batch_alter_table("import", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_review_id"), ["review_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_search_id"), ["search_id"], unique=False)
    op.create_table(
        "record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("search_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("authors", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("journal", sa.Text(), nullable=False),
        sa.Column("volume", sa.Text(), nullable=False),
        sa.Column("issue", sa.Text(), nullable=False),
        sa.Column("pages", sa.Text(), nullable=False),
        sa.Column("doi", sa.Text(), nullable=False),
        sa.Column("pmid", sa.Text(), nullable=False),
        sa.Column("pmcid", sa.Text(), nullable=False),
        sa.Column("issn", sa.Text(), nullable=False),
        sa.Column("registry_number", sa.Text(), nullable=False),
        sa.Column("accession", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("abstract", sa.Text(), nullable=False),
        sa.Column("keywords", sa.Text(), nullable=False),
        sa.Column(
            "raw",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=True,
        ),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("removed_reason", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("removed_note", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("set_aside_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["import_id"], ["import.id"], name=op.f("fk_record_import_id")),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["record.id"], name=op.f("fk_record_merged_into_id")
        ),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_record_review_id")),
        sa.ForeignKeyConstraint(["search_id"], ["search.id"], name=op.f("fk_record_search_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record")),
        sa.UniqueConstraint("review_id", "number", name=op.f("uq_record_review_id_number")),
    )
    with op.batch_alter_table("record", schema=None) as batch_op:
        batch_op.create_index(
            "ix_record_active",
            ["review_id", "merged_into_id", "set_aside_at", "removed_reason", "number", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_record_import_id"), ["import_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_record_merged_into_id"), ["merged_into_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_record_search_id"), ["search_id"], unique=False)
    op.create_table(
        "rejected_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("excerpt", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["import.id"], name=op.f("fk_rejected_entry_import_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rejected_entry")),
    )
    with op.batch_alter_table("rejected_entry", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_rejected_entry_import_id"), ["import_id"], unique=False
        )
    op.create_table(
        "carried_vote",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("reviewer", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("phase", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("vote", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column(
            "reasons",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "labels",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("taken_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["import.id"], name=op.f("fk_carried_vote_import_id")
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name=op.f("fk_carried_vote_record_id")
        ),
        sa.ForeignKeyConstraint(
            ["review_id"], ["review.id"], name=op.f("fk_carried_vote_review_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carried_vote")),
    )
    with op.batch_alter_table("carried_vote", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_carried_vote_import_id"), ["import_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_carried_vote_record_id"), ["record_id"], unique=False)
    op.create_table(
        "duplicate_pair",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column(
            "evidence",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["member.id"], name=op.f("fk_duplicate_pair_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["first_id"], ["record.id"], name=op.f("fk_duplicate_pair_first_id")
        ),
        sa.ForeignKeyConstraint(
            ["review_id"], ["review.id"], name=op.f("fk_duplicate_pair_review_id")
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["record.id"], name=op.f("fk_duplicate_pair_second_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_pair")),
        sa.UniqueConstraint(
            "first_id", "second_id", name=op.f("uq_duplicate_pair_first_id_second_id")
        ),
    )
    with op.batch_alter_table("duplicate_pair", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_duplicate_pair_first_id"), ["first_id"], unique=False)
        batch_op.create_index("ix_duplicate_pair_queue", ["review_id", "state", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_duplicate_pair_review_id"), ["review_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_duplicate_pair_second_id"), ["second_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_duplicate_pair_state"), ["state"], unique=False)
    op.create_table(
        "record_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("field", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("old", sa.Text(), nullable=False),
        sa.Column("new", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_record_change_member_id")
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name=op.f("fk_record_change_record_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_change")),
    )
    with op.batch_alter_table("record_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_record_change_record_id"), ["record_id"], unique=False)
    op.create_table(
        "report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("retrieval", sa.String(length=40), nullable=False),
        sa.Column("retrieval_note", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("awaiting", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("set_aside_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_report_record_id")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_report_review_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("record_id", name=op.f("uq_report_record_id")),
    )
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_report_review_id"), ["review_id"], unique=False)
    op.create_table(
        "document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("file_name", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("media_type", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("removed_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_document_member_id")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_document_report_id")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_document_review_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_document_report_id"), ["report_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_document_review_id"), ["review_id"], unique=False)
    op.create_table(
        "merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("survivor_id", sa.Integer(), nullable=False),
        sa.Column("removed_id", sa.Integer(), nullable=False),
        sa.Column("pair_id", sa.Integer(), nullable=True),
        sa.Column(
            "evidence",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "before",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("undone_at", reviewtool.db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_merge_member_id")),
        sa.ForeignKeyConstraint(["pair_id"], ["duplicate_pair.id"], name=op.f("fk_merge_pair_id")),
        sa.ForeignKeyConstraint(["removed_id"], ["record.id"], name=op.f("fk_merge_removed_id")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_merge_review_id")),
        sa.ForeignKeyConstraint(["survivor_id"], ["record.id"], name=op.f("fk_merge_survivor_id")),
        sa.ForeignKeyConstraint(
            ["undone_by_id"], ["member.id"], name=op.f("fk_merge_undone_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge")),
    )
    with op.batch_alter_table("merge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_merge_removed_id"), ["removed_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_merge_review_id"), ["review_id"], unique=False)
        batch_op.create_index("ix_merge_standing", ["review_id", "undone_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_merge_survivor_id"), ["survivor_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("merge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_merge_survivor_id"))
        batch_op.drop_index("ix_merge_standing")
        batch_op.drop_index(batch_op.f("ix_merge_review_id"))
        batch_op.drop_index(batch_op.f("ix_merge_removed_id"))

    op.drop_table("merge")
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_review_id"))
        batch_op.drop_index(batch_op.f("ix_document_report_id"))

    op.drop_table("document")
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_report_review_id"))

    op.drop_table("report")
    with op.batch_alter_table("record_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_record_change_record_id"))

    op.drop_table("record_change")
    with op.batch_alter_table("duplicate_pair", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_duplicate_pair_state"))
        batch_op.drop_index(batch_op.f("ix_duplicate_pair_second_id"))
        batch_op.drop_index(batch_op.f("ix_duplicate_pair_review_id"))
        batch_op.drop_index("ix_duplicate_pair_queue")
        batch_op.drop_index(batch_op.f("ix_duplicate_pair_first_id"))

    op.drop_table("duplicate_pair")
    with op.batch_alter_table("carried_vote", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_carried_vote_record_id"))
        batch_op.drop_index(batch_op.f("ix_carried_vote_import_id"))

    op.drop_table("carried_vote")
    with op.batch_alter_table("rejected_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rejected_entry_import_id"))

    op.drop_table("rejected_entry")
    with op.batch_alter_table("record", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_record_search_id"))
        batch_op.drop_index(batch_op.f("ix_record_merged_into_id"))
        batch_op.drop_index(batch_op.f("ix_record_import_id"))
        batch_op.drop_index("ix_record_active")

    op.drop_table("record")
    with op.batch_alter_table("import", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_search_id"))
        batch_op.drop_index(batch_op.f("ix_import_review_id"))

    op.drop_table("import")
    with op.batch_alter_table("search", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_search_review_id"))

    op.drop_table("search")
    with op.batch_alter_table("duplicate_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_duplicate_run_review_id"))

    op.drop_table("duplicate_run")
