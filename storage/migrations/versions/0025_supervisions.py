"""Supervisors who listen in, and what agents are told of it."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "supervisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=True),
        sa.Column("pbx_id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.String(length=150), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("extension", sa.String(length=20), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("leg", sa.String(length=150), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column("agent_extension", sa.String(length=20), nullable=False),
        sa.Column("mode", sa.String(length=24), nullable=True),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_heard", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["pbx_id"], ["pbxs.id"], name=op.f("fk_supervisions_pbx_id_pbxs"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_supervisions_user_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["users.id"], name=op.f("fk_supervisions_agent_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervisions")),
        sa.UniqueConstraint("key", name=op.f("uq_supervisions_key")),
    )
    with op.batch_alter_table("supervisions", schema=None) as batch_op:
        for column in ("pbx_id", "channel_id", "user_id", "call_id", "agent_id"):
            batch_op.create_index(batch_op.f(f"ix_supervisions_{column}"), [column], unique=False)
    with op.batch_alter_table("teams", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("supervision", sa.String(length=24), server_default="shown", nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("teams", schema=None) as batch_op:
        batch_op.drop_column("supervision")
    op.drop_table("supervisions")
