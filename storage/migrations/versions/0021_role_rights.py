"""Rights over recordings by role; who administers keeps what their role had until now."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

ALL = 3


def upgrade() -> None:
    op.create_table(
        "role_rights",
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("permission", sa.String(length=40), nullable=False),
        sa.Column("scope", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["role"], ["roles.name"], name=op.f("fk_role_rights_role_roles")),
        sa.PrimaryKeyConstraint("role", "permission", name=op.f("pk_role_rights")),
    )
    op.execute(
        "INSERT INTO role_rights (role, permission, scope) "  # noqa: S608 - no value from outside
        f"SELECT 'administrator', 'recordings.listen', {ALL} "
        "WHERE EXISTS (SELECT 1 FROM users WHERE role = 'administrator')"
    )


def downgrade() -> None:
    op.drop_table("role_rights")
