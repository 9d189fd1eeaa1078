"""results may say only whom they favour; narrative analyses have a page of their own."""

import sqlalchemy as sa
from alembic import op

from reviewtool.db.types import UtcDateTime, now

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    for name in ("p_reported", "favours"):
        op.add_column(
            "result", sa.Column(name, sa.String(length=20), nullable=False, server_default="")
        )
    # What the extraction tells decides when they run; until then they wait.
    connection = op.get_bind()
    tables = sa.MetaData()
    planned = sa.Table("planned_analysis", tables, autoload_with=connection)
    analysis = sa.Table("analysis", tables, autoload_with=connection)
    outcome = sa.Table("planned_outcome", tables, autoload_with=connection)
    rows = connection.execute(
        sa.select(planned.c.id, planned.c.review_id)
        .join(outcome, outcome.c.id == planned.c.outcome_id)
        .where(
            planned.c.kind == "narrative",
            planned.c.removed_at.is_(None),
            outcome.c.kind != "coordinates",
            planned.c.id.not_in(sa.select(analysis.c.planned_id)),
        )
    ).all()
    at = sa.bindparam("at", now(), type_=UtcDateTime())
    for planned_id, review_id in rows:
        connection.execute(
            analysis.insert().values(
                planned_id=planned_id,
                review_id=review_id,
                state="waiting",
                stale_because="",
                error="",
                created_at=at,
            )
        )
