"""lists of records: what narrows them stands in an index, so that none has to be read."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

STATE = ["merged_into_id", "set_aside_at", "removed_reason"]
PARTIAL = {
    "merged": ([], "merged_into_id IS NOT NULL"),
    "set_aside": ([], "set_aside_at IS NOT NULL"),
    "removed": ([], "removed_reason <> ''"),
    "without_abstract": (STATE, "abstract = ''"),
    "without_title": (STATE, "title = ''"),
    "without_doi": (STATE, "doi = ''"),
    "without_year": (STATE, "year IS NULL"),
}
ACTIVE = ["review_id", *STATE, "number", "id"]


def upgrade() -> None:
    op.drop_index("ix_record_active", "record")
    op.create_index("ix_record_active", "record", [*ACTIVE, "year", "search_id", "import_id"])
    for name, (columns, condition) in PARTIAL.items():
        op.create_index(
            f"ix_record_{name}",
            "record",
            ["review_id", *columns, "number"],
            sqlite_where=sa.text(condition),
            postgresql_where=sa.text(condition),
        )


def downgrade() -> None:
    for name in PARTIAL:
        op.drop_index(f"ix_record_{name}", "record")
    op.drop_index("ix_record_active", "record")
    op.create_index("ix_record_active", "record", ACTIVE)
