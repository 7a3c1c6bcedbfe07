"""Who may dial what."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dial_rules",
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("kinds", sa.String(length=120), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=False),
        sa.Column("at_once", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["role"], ["roles.name"], name=op.f("fk_dial_rules_role_roles")),
        sa.PrimaryKeyConstraint("role", name=op.f("pk_dial_rules")),
    )
    with op.batch_alter_table("originates", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(length=24), nullable=True))
        batch_op.create_index(batch_op.f("ix_originates_claimed_at"), ["claimed_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("originates", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_originates_claimed_at"))
        batch_op.drop_column("kind")
    op.drop_table("dial_rules")
