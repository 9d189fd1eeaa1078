"""an analysis of several time points together: its choices."""

import sqlalchemy as sa
from alembic import op

from reviewtool.db.types import Json

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.add_column("planned_analysis", sa.Column("joint", Json, nullable=False, server_default="{}"))
