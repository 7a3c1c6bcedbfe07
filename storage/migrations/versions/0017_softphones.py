"""Softphones: where they connect to, and their accounts."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("pbxs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("softphone_url", sa.String(length=255), nullable=True))
    op.create_table(
        "softphones",
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.String(length=80), nullable=False),
        sa.Column("secret", sa.String(length=512), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"],
            ["agents.id"],
            name=op.f("fk_softphones_agent_id_agents"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_softphones")),
    )


def downgrade() -> None:
    op.drop_table("softphones")
    with op.batch_alter_table("pbxs", schema=None) as batch_op:
        batch_op.drop_column("softphone_url")
