"""Which outcomes the calls of a queue can have, and whether they need one."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "queue_outcomes",
        sa.Column("queue_id", sa.Uuid(), nullable=False),
        sa.Column("outcome_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["outcome_id"],
            ["outcomes.id"],
            name=op.f("fk_queue_outcomes_outcome_id_outcomes"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["queue_id"],
            ["queues.id"],
            name=op.f("fk_queue_outcomes_queue_id_queues"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("queue_id", "outcome_id", name=op.f("pk_queue_outcomes")),
    )
    with op.batch_alter_table("queue_outcomes", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_queue_outcomes_outcome_id"), ["outcome_id"], unique=False
        )

    with op.batch_alter_table("queues", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("outcome_required", sa.Boolean(), server_default=sa.true(), nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("queues", schema=None) as batch_op:
        batch_op.drop_column("outcome_required")

    with op.batch_alter_table("queue_outcomes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_queue_outcomes_outcome_id"))

    op.drop_table("queue_outcomes")
