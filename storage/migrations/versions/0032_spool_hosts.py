"""Hosts from which recordings are fetched over SFTP."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "spool_hosts",
        sa.Column("pbx_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=1024), nullable=False),
        sa.Column("public_key", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("door", sa.String(length=280), nullable=True),
        sa.Column("host_key", sa.String(length=1400), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["pbx_id"], ["pbxs.id"], name=op.f("fk_spool_hosts_pbx_id_pbxs"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by"],
            ["users.id"],
            name=op.f("fk_spool_hosts_confirmed_by_users"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("pbx_id", name=op.f("pk_spool_hosts")),
    )


def downgrade() -> None:
    op.drop_table("spool_hosts")
