"""Our own numbers: their names and their sources."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "own_numbers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pbx_id", sa.Uuid(), nullable=False),
        sa.Column("dialled", sa.String(length=80), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["pbx_id"], ["pbxs.id"], name=op.f("fk_own_numbers_pbx_id_pbxs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_numbers")),
        sa.UniqueConstraint("pbx_id", "dialled", name=op.f("uq_own_numbers_pbx_id_dialled")),
    )


def downgrade() -> None:
    op.drop_table("own_numbers")
