"""Recordings that lie elsewhere than the PBX said, and files of which no call tells."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("recordings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("path_found", sa.String(length=512), nullable=True))
        batch_op.create_index(batch_op.f("ix_recordings_path_there"), ["path_there"])
    op.create_table(
        "spool_files",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pbx_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(length=512), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("cause", sa.String(length=200), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["pbx_id"], ["pbxs.id"], name=op.f("fk_spool_files_pbx_id_pbxs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spool_files")),
        sa.UniqueConstraint("pbx_id", "path", name=op.f("uq_spool_files_pbx_id_path")),
    )
    with op.batch_alter_table("spool_files", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_spool_files_state"), ["state"])


def downgrade() -> None:
    op.drop_table("spool_files")
    with op.batch_alter_table("recordings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recordings_path_there"))
        batch_op.drop_column("path_found")
