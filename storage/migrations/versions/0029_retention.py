"""Rules of retention, legal holds, tags, consent of callers, and what is left of the deleted."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def _refers(table: str, column: str, to: str, *, cascades: bool = False) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        [f"{to}.id"],
        name=op.f(f"fk_{table}_{column}_{to}"),
        ondelete="CASCADE" if cascades else None,
    )


def _time(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "tags",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tags")),
        sa.UniqueConstraint("name", name=op.f("uq_tags_name")),
    )
    op.create_table(
        "call_tags",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("tag_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        _time("at"),
        _refers("call_tags", "call_id", "calls", cascades=True),
        _refers("call_tags", "tag_id", "tags", cascades=True),
        _refers("call_tags", "user_id", "users"),
        sa.PrimaryKeyConstraint("call_id", "tag_id", name=op.f("pk_call_tags")),
    )
    op.create_table(
        "call_consents",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("source", sa.String(length=24), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        _time("at"),
        _refers("call_consents", "call_id", "calls", cascades=True),
        _refers("call_consents", "user_id", "users"),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_call_consents")),
    )
    op.create_table(
        "legal_holds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        _time("placed_at"),
        sa.Column("placed_by", sa.Uuid(), nullable=True),
        _time("lifted_at", nullable=True),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        _refers("legal_holds", "call_id", "calls", cascades=True),
        _refers("legal_holds", "customer_id", "customers", cascades=True),
        _refers("legal_holds", "placed_by", "users"),
        _refers("legal_holds", "lifted_by", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_holds")),
    )
    op.create_table(
        "retention_policies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("queue", sa.String(length=80), nullable=True),
        sa.Column("tag_id", sa.Uuid(), nullable=True),
        sa.Column("outcome_id", sa.Uuid(), nullable=True),
        sa.Column("consent", sa.String(length=24), nullable=True),
        _time("created_at"),
        _time("removed_at", nullable=True),
        _refers("retention_policies", "tag_id", "tags"),
        _refers("retention_policies", "outcome_id", "outcomes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_policies")),
    )
    op.create_table(
        "tombstones",
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        _time("at"),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("ground", sa.String(length=24), nullable=False),
        sa.Column("policy_id", sa.Uuid(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("leftovers", sa.JSON(), nullable=True),
        _time("done_at", nullable=True),
        _refers("tombstones", "recording_id", "recordings", cascades=True),
        _refers("tombstones", "call_id", "calls", cascades=True),
        _refers("tombstones", "user_id", "users"),
        _refers("tombstones", "policy_id", "retention_policies"),
        sa.PrimaryKeyConstraint("recording_id", name=op.f("pk_tombstones")),
    )
    for table, column in (
        ("call_tags", "tag_id"),
        ("call_consents", "state"),
        ("legal_holds", "call_id"),
        ("legal_holds", "customer_id"),
        ("legal_holds", "lifted_at"),
        ("tombstones", "call_id"),
        ("tombstones", "done_at"),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.create_index(batch_op.f(f"ix_{table}_{column}"), [column], unique=False)


def downgrade() -> None:
    for table in (
        "tombstones", "retention_policies", "legal_holds", "call_consents", "call_tags", "tags",
    ):  # fmt: skip
        op.drop_table(table)
