"""records are held for a while by those who have them open."""

import sqlalchemy as sa
from alembic import op

from reviewtool.db.types import UtcDateTime

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "lease",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name="fk_lease_review_id"),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name="fk_lease_record_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name="fk_lease_member_id"),
        sa.PrimaryKeyConstraint("id", name="pk_lease"),
        sa.UniqueConstraint("member_id", "phase", name="uq_lease_member_id_phase"),
    )
    op.create_index("ix_lease_record", "lease", ["record_id", "phase"])
