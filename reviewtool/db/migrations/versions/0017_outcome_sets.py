"""outcomes may belong to a set that is read side by side."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column(
        "planned_outcome",
        sa.Column("belongs_to", sa.String(length=200), nullable=False, server_default=""),
    )
