"""votes on a duplicate count for the record it was merged into, as marked copies."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    with op.batch_alter_table("decision") as batch_op:
        batch_op.add_column(sa.Column("copied_from_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_decision_copied_from_id"), "decision", ["copied_from_id"], ["id"]
        )
        batch_op.create_index(batch_op.f("ix_decision_copied_from_id"), ["copied_from_id"])


def downgrade() -> None:
    with op.batch_alter_table("decision") as batch_op:
        batch_op.drop_index(batch_op.f("ix_decision_copied_from_id"))
        batch_op.drop_constraint(batch_op.f("fk_decision_copied_from_id"), type_="foreignkey")
        batch_op.drop_column("copied_from_id")
