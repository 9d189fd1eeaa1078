"""results of analyses are typed: older ones are brought along and marked out of date."""

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

BECAUSE = "analyses name every study they leave out since this version; run it again"


def upgrade() -> None:
    connection = op.get_bind()
    runs = sa.table("analysis_run", sa.column("id", sa.Integer), sa.column("result", sa.JSON))
    ids = [row[0] for row in connection.execute(sa.select(runs.c.id))]
    for run_id in ids:
        old = connection.execute(sa.select(runs.c.result).where(runs.c.id == run_id)).scalar_one()
        old = json.loads(old) if isinstance(old, str) else old
        connection.execute(runs.update().where(runs.c.id == run_id).values(result=typed(old or {})))
    analyses = sa.table(
        "analysis",
        sa.column("state", sa.String),
        sa.column("stale_since", sa.DateTime(timezone=True)),
        sa.column("stale_because", sa.Text),
    )
    at = datetime.now(UTC)
    connection.execute(
        analyses.update()
        .where(analyses.c.state == "current")
        .values(
            state="stale",
            stale_since=at.replace(tzinfo=None) if connection.dialect.name == "sqlite" else at,
            stale_because=BECAUSE,
        )
    )
    with op.batch_alter_table("analysis_run") as batch_op:
        batch_op.drop_column("warnings")


def downgrade() -> None:
    with op.batch_alter_table("analysis_run") as batch_op:
        batch_op.add_column(sa.Column("warnings", sa.JSON(), nullable=False, server_default="[]"))


def typed(old: dict[str, Any]) -> dict[str, Any]:
    """A result of version 1 as version 2 has it; one of version 2 as it is."""
    if old.get("version") == 2:
        return old
    new = {key: value for key, value in old.items() if key != "log"} | {"version": 2}
    if new.get("kind") == "network":
        return new
    new["kind"] = "pairwise"
    new["pooled"] = pooled(new["pooled"])
    new["subgroups"] = [pooled(group) for group in new.get("subgroups") or []]
    new["sensitivity"] = sensitivity(new.get("sensitivity") or {})
    new["asymmetry"] = new.get("asymmetry") or None
    for study in new["studies"]:
        counted = any(value is not None for value in (study.get("group1") or {}).values())
        study["source"] = "arms" if counted else "reported"
    return new


def pooled(old: dict[str, Any]) -> dict[str, Any]:
    """Pooled numbers; those by Mantel-Haenszel did not name their method."""
    return {"method": "MH", "test": "z", "studies": old["k"]} | old


def sensitivity(old: dict[str, Any]) -> dict[str, Any]:
    """Further runs; without studies at high risk, numbers stood beside their count."""
    new: dict[str, Any] = {"leave_one_out": old.get("leave_one_out") or []}
    if old.get("common"):
        new["common"] = pooled(old["common"])
    without = old.get("exclude_high_risk")
    if without:
        has_numbers = without.get("estimate") is not None
        new["exclude_high_risk"] = {
            "k": without["k"],
            "pooled": pooled(without) if has_numbers else None,
        }
    return new
