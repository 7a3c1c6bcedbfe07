"""Gaps, calls told from the books, findings, and where the books lie."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "findings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pbx_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("linkedid", sa.String(length=150), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said", sa.String(length=400), nullable=False),
        sa.Column("books", sa.String(length=400), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["pbx_id"], ["pbxs.id"], name=op.f("fk_findings_pbx_id_pbxs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
    )
    with op.batch_alter_table("findings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_findings_call_id"), ["call_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_findings_pbx_id_at"), ["pbx_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_findings_state_at"), ["state", "at"], unique=False)

    op.create_table(
        "gaps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pbx_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cause", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("recovered", sa.Integer(), nullable=False),
        sa.Column("mended", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("in_progress", sa.Integer(), nullable=False),
        sa.Column("books", sa.JSON(), nullable=False),
        sa.Column("doubts", sa.JSON(), nullable=False),
        sa.Column("failure", sa.String(length=200), nullable=False),
        sa.Column("filled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("times_filled", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["pbx_id"], ["pbxs.id"], name=op.f("fk_gaps_pbx_id_pbxs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gaps")),
    )
    with op.batch_alter_table("gaps", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_gaps_pbx_id_started_at"), ["pbx_id", "started_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_gaps_state"), ["state"], unique=False)

    op.create_table(
        "recoveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("gap_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        sa.Column("uncertain", sa.JSON(), nullable=False),
        sa.Column("recovered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name=op.f("fk_recoveries_call_id_calls"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["gap_id"], ["gaps.id"], name=op.f("fk_recoveries_gap_id_gaps"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recoveries")),
    )
    with op.batch_alter_table("recoveries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recoveries_call_id"), ["call_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_recoveries_gap_id"), ["gap_id"], unique=False)

    with op.batch_alter_table("pbxs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("books_cdr", sa.String(length=255), nullable=True))
        batch_op.add_column(sa.Column("books_cel", sa.String(length=255), nullable=True))
        batch_op.add_column(sa.Column("books_queue_log", sa.String(length=255), nullable=True))
        batch_op.add_column(sa.Column("books_sql", sa.String(length=1024), nullable=True))
        batch_op.add_column(sa.Column("books_cdr_table", sa.String(length=80), nullable=True))
        batch_op.add_column(sa.Column("books_cel_table", sa.String(length=80), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("pbxs", schema=None) as batch_op:
        batch_op.drop_column("books_cel_table")
        batch_op.drop_column("books_cdr_table")
        batch_op.drop_column("books_sql")
        batch_op.drop_column("books_queue_log")
        batch_op.drop_column("books_cel")
        batch_op.drop_column("books_cdr")

    with op.batch_alter_table("recoveries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recoveries_gap_id"))
        batch_op.drop_index(batch_op.f("ix_recoveries_call_id"))

    op.drop_table("recoveries")
    with op.batch_alter_table("gaps", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_gaps_state"))
        batch_op.drop_index(batch_op.f("ix_gaps_pbx_id_started_at"))

    op.drop_table("gaps")
    with op.batch_alter_table("findings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_findings_state_at"))
        batch_op.drop_index(batch_op.f("ix_findings_pbx_id_at"))
        batch_op.drop_index(batch_op.f("ix_findings_call_id"))

    op.drop_table("findings")
