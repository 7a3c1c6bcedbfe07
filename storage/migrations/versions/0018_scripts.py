"""Scripts of queues, their versions, and what was answered."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def _refers(table: str, column: str, to: str, *, cascades: bool = False) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        [f"{to}.id"],
        name=op.f(f"fk_{table}_{column}_{to}"),
        ondelete="CASCADE" if cascades else None,
    )


def upgrade() -> None:
    op.create_table(
        "scripts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("draft", sa.JSON(), nullable=False),
        sa.Column("published", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        _refers("scripts", "updated_by", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scripts")),
    )
    op.create_table(
        "script_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("script_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("outline", sa.JSON(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        _refers("script_versions", "script_id", "scripts", cascades=True),
        _refers("script_versions", "published_by", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_script_versions")),
        sa.UniqueConstraint(
            "script_id", "number", name=op.f("uq_script_versions_script_id_number")
        ),
    )
    op.create_table(
        "script_queues",
        sa.Column("queue_id", sa.Uuid(), nullable=False),
        sa.Column("script_id", sa.Uuid(), nullable=False),
        _refers("script_queues", "queue_id", "queues", cascades=True),
        _refers("script_queues", "script_id", "scripts", cascades=True),
        sa.PrimaryKeyConstraint("queue_id", name=op.f("pk_script_queues")),
    )
    op.create_table(
        "script_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("script_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(length=24), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        _refers("script_runs", "call_id", "calls", cascades=True),
        _refers("script_runs", "script_id", "scripts", cascades=True),
        _refers("script_runs", "version_id", "script_versions", cascades=True),
        _refers("script_runs", "started_by", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_script_runs")),
        sa.UniqueConstraint("call_id", "script_id", name=op.f("uq_script_runs_call_id_script_id")),
    )
    op.create_table(
        "script_answers",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(length=24), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _refers("script_answers", "run_id", "script_runs", cascades=True),
        _refers("script_answers", "user_id", "users"),
        sa.PrimaryKeyConstraint("run_id", "field", name=op.f("pk_script_answers")),
    )
    for table, *columns in (
        ("script_queues", "script_id"),
        ("script_runs", "started_at"),
        ("script_runs", "version_id", "started_at"),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            name = batch_op.f(f"ix_{table}_{'_'.join(columns)}")
            batch_op.create_index(name, columns, unique=False)


def downgrade() -> None:
    for table in ("script_answers", "script_runs", "script_queues", "script_versions", "scripts"):
        op.drop_table(table)
