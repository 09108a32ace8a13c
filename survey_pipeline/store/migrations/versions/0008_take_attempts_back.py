"""Let callers take an attempt back; let a reader hold a text while they decide."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import survey_pipeline.store.columns

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = survey_pipeline.store.columns.UtcDateTime(timezone=True)
TEXT = sqlmodel.sql.sqltypes.AutoString()
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "undone_attempts",
        sa.Column("attempt_id", KEY, autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["call_attempts.id"]),
        sa.PrimaryKeyConstraint("attempt_id"),
    )
    op.add_column("inbound", sa.Column("reader", TEXT, nullable=True))
    op.add_column("inbound", sa.Column("reader_until", MOMENT, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("inbound", schema=None) as batch_op:
        batch_op.drop_column("reader_until")
        batch_op.drop_column("reader")
    op.drop_table("undone_attempts")
