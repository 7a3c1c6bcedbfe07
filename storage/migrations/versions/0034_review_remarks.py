"""Several comments on one item of a review, each at its moment."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("review_marks", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("more", sa.JSON(), server_default=sa.text("'{}'"), nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("review_marks", schema=None) as batch_op:
        batch_op.drop_column("more")
