"""sign-ins that can be ended on the server; tokens with a scope and an end; one reset link."""

import sqlalchemy as sa
from alembic import op

from reviewtool.db.types import UtcDateTime

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "sign_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=100), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_sign_in_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in"),
        sa.UniqueConstraint("key_hash", name="uq_sign_in_key_hash"),
    )
    op.create_index("ix_sign_in_user_id", "sign_in", ["user_id"])
    # A token made before could do everything for ever; it keeps its reach for ninety days.
    with op.batch_alter_table("api_token") as batch_op:
        batch_op.add_column(
            sa.Column("scope", sa.String(40), nullable=False, server_default="read and write")
        )
        batch_op.add_column(sa.Column("expires_at", UtcDateTime(), nullable=True))
    sqlite = op.get_bind().dialect.name == "sqlite"
    later = "datetime('now', '+90 days')" if sqlite else "now() + interval '90 days'"
    op.execute(f"UPDATE api_token SET expires_at = {later}")
    with op.batch_alter_table("api_token") as batch_op:
        batch_op.alter_column("scope", server_default=None)
        batch_op.alter_column("expires_at", nullable=False, existing_type=UtcDateTime())
    with op.batch_alter_table("user") as batch_op:
        batch_op.add_column(sa.Column("reset_hash", sa.String(length=64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("user") as batch_op:
        batch_op.drop_column("reset_hash")
    with op.batch_alter_table("api_token") as batch_op:
        batch_op.drop_column("expires_at")
        batch_op.drop_column("scope")
    op.drop_index("ix_sign_in_user_id", "sign_in")
    op.drop_table("sign_in")
