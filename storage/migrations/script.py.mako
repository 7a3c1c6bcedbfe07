"""${message.rstrip(".")}."""
<%!
    from storage.audit import POSTGRES_GUARDS, SQLITE_GUARDS
    from storage.rules.permissions import RoleName
%>
import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}
% if down_revision is None:

ROLES = ${repr(tuple(str(name) for name in RoleName))}
GUARDS = {  # of the audit: its rows stay as they are
% for engine, guards in (("sqlite", SQLITE_GUARDS), ("postgresql", POSTGRES_GUARDS)):
    "${engine}": (
% for guard in guards:
        """${guard}""",
% endfor
    ),
% endfor
}
% endif

<%
    reason = "  # noqa: PLR0915 - every table there is" if down_revision is None else ""
%>

def upgrade() -> None:${reason}
    ${upgrades if upgrades else "pass"}
% if down_revision is None:
    for guard in GUARDS[op.get_bind().dialect.name]:
        op.execute(guard)
    roles = sa.table("roles", sa.column("name", sa.String))
    op.bulk_insert(roles, [{"name": name} for name in ROLES])
% endif


def downgrade() -> None:${reason}
    ${downgrades if downgrades else "pass"}
% if down_revision is None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_is_final()")
% endif
