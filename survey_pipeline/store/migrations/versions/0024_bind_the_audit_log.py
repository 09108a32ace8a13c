"""Put the audit log's values into a table of their own, and make room for its chain."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

from survey_pipeline.store.columns import BigKey, UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString()
VALUES = ("before", "after", "reason")
_LOG = sa.table("audit_log", *(sa.column(name) for name in ("id", *VALUES)))
_VALUES = sa.table("audit_values", *(sa.column(name) for name in ("id", *VALUES)))


def _id() -> sa.Column[int]:
    return sa.Column("id", BigKey, autoincrement=False, nullable=False)


def upgrade() -> None:
    op.create_table(
        "audit_values",
        _id(),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("personal", TEXT, nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_values")),
    )
    op.create_table(
        "audit_waiting", _id(), sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_waiting"))
    )
    op.create_table(
        "audit_links",
        sa.Column("position", BigKey, autoincrement=False, nullable=False),
        sa.Column("entry_id", BigKey, nullable=False),
        sa.Column("held", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_links")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_audit_links_entry_id")),
    )
    op.create_table(
        "audit_heads",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("position", BigKey, nullable=False),
        sa.Column("link", TEXT, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("signature", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_heads")),
    )
    # JSON's null is not SQL's: a column without a value may hold either
    op.execute(
        "INSERT INTO audit_values (id, before, after, reason) "
        "SELECT id, before, after, reason FROM audit_log WHERE reason IS NOT NULL "
        "OR CAST(before AS TEXT) <> 'null' OR CAST(after AS TEXT) <> 'null'"
    )
    op.execute("INSERT INTO audit_waiting (id) SELECT id FROM audit_log")
    with op.batch_alter_table("audit_log", schema=None) as batch_op:
        for name in VALUES:
            batch_op.drop_column(name)


def downgrade() -> None:
    with op.batch_alter_table("audit_log", schema=None) as batch_op:
        batch_op.add_column(sa.Column("before", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("after", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("reason", TEXT, nullable=True))
    for name in VALUES:
        former = sa.select(_VALUES.c[name]).where(_VALUES.c.id == _LOG.c.id)
        op.execute(sa.update(_LOG).values({name: former.scalar_subquery()}))
    for name in ("audit_heads", "audit_links", "audit_waiting", "audit_values"):
        op.drop_table(name)
