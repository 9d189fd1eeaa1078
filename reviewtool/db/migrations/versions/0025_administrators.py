"""the oldest account looks after the server, as the first one of a new server does."""

import sqlalchemy as sa
from alembic import op

from reviewtool.db.types import UtcDateTime, now

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    connection = op.get_bind()
    oldest = connection.execute(
        sa.text('SELECT min(id) FROM "user" WHERE active AND password IS NOT NULL')
    ).scalar()
    if oldest is None:
        return
    tables = sa.MetaData()
    known = sa.Table("site_role", tables, autoload_with=connection)
    held = sa.Table("user_site_role", tables, autoload_with=connection)
    at = sa.bindparam("at", now(), type_=UtcDateTime())
    found = sa.select(known.c.id).where(known.c.name == "admin")
    role = connection.execute(found).scalar()
    if role is None:
        connection.execute(known.insert().values(name="admin", permissions="", created_at=at))
        role = connection.execute(found).scalar()
    connection.execute(held.insert().values(user_id=oldest, site_role_id=role, created_at=at))
