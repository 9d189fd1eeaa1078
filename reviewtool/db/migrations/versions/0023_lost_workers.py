"""jobs count how often their worker died."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.add_column("job", sa.Column("losses", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("job") as table:
        table.alter_column("losses", server_default=None)
