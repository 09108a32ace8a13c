"""Let sending be paused; keep why rows of a file were refused."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import survey_pipeline.store.columns

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = survey_pipeline.store.columns.UtcDateTime(timezone=True)
TEXT = sqlmodel.sql.sqltypes.AutoString()
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "pauses",
        sa.Column("id", KEY, nullable=False),
        sa.Column("what", TEXT, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "uq_pauses_open",
        "pauses",
        ["what"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.add_column("import_runs", sa.Column("reasons", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("import_runs", schema=None) as batch_op:
        batch_op.drop_column("reasons")
    op.drop_table("pauses")
