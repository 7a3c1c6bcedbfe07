"""Why a call is whose it is, and events that fit no transition."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("calls", sa.Column("match_why", sa.JSON(), nullable=True))
    op.create_table(
        "oddities",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pbx_id", sa.Uuid(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.String(length=80), nullable=False),
        sa.Column("why", sa.String(length=120), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["pbx_id"], ["pbxs.id"], name=op.f("fk_oddities_pbx_id_pbxs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oddities")),
    )
    op.create_index(op.f("ix_oddities_pbx_id_hour"), "oddities", ["pbx_id", "hour"])
    op.create_table(
        "oddity_cases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("oddity_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["oddity_id"],
            ["oddities.id"],
            name=op.f("fk_oddity_cases_oddity_id_oddities"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oddity_cases")),
    )
    op.create_index(op.f("ix_oddity_cases_oddity_id"), "oddity_cases", ["oddity_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_oddity_cases_oddity_id"), table_name="oddity_cases")
    op.drop_table("oddity_cases")
    op.drop_index(op.f("ix_oddities_pbx_id_hour"), table_name="oddities")
    op.drop_table("oddities")
    op.drop_column("calls", "match_why")
