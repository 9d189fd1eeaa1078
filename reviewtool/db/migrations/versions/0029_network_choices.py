"""separate parts and components of a network, as they are planned."""

import sqlalchemy as sa
from alembic import op

from reviewtool.db.types import Json

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    column = sa.Column("network", Json, nullable=False, server_default="{}")
    op.add_column("planned_analysis", column)
