"""Where a customer stands with us."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("customers", sa.Column("lifecycle", sa.String(length=24), nullable=True))


def downgrade() -> None:
    op.drop_column("customers", "lifecycle")
