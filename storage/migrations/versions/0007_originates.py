"""Calls that we place."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "originates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("pbx_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("device", sa.String(length=120), nullable=False),
        sa.Column("exten", sa.String(length=80), nullable=False),
        sa.Column("channel_id", sa.String(length=120), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["pbx_id"], ["pbxs.id"], name=op.f("fk_originates_pbx_id_pbxs"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_originates_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_originates")),
        sa.UniqueConstraint("key", name=op.f("uq_originates_key")),
    )
    with op.batch_alter_table("originates", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_originates_pbx_id"), ["pbx_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_originates_user_id"), ["user_id"], unique=False)


def downgrade() -> None:
    op.drop_table("originates")
