"""The time zone in which a PBX writes its database of books."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("pbxs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("books_zone", sa.String(length=64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("pbxs", schema=None) as batch_op:
        batch_op.drop_column("books_zone")
