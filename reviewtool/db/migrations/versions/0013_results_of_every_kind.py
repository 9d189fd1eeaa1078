"""results hold rates, changes of one group and correlations too."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

COLUMNS = ("time", "mean_before", "sd_before", "correlation")


def upgrade() -> None:
    with op.batch_alter_table("result") as batch_op:
        for name in COLUMNS:
            batch_op.add_column(sa.Column(name, sa.Float(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("result") as batch_op:
        for name in COLUMNS:
            batch_op.drop_column(name)
