"""Why a person gave a recording up, or left a file where it is."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("recordings", "spool_files"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("reason", sa.String(length=200), nullable=True))


def downgrade() -> None:
    for table in ("spool_files", "recordings"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("reason")
