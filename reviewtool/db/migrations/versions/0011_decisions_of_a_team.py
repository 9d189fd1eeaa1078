"""a decision that a whole team had made in another tool stands for all its votes."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    with op.batch_alter_table("carried_vote") as batch_op:
        batch_op.add_column(
            sa.Column("final", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("carried_vote") as batch_op:
        batch_op.alter_column("final", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("carried_vote") as batch_op:
        batch_op.drop_column("final")
