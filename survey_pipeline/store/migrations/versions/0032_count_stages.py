"""Count what each stage does, for monitoring: items, time, failures, the last success."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

from survey_pipeline.store.columns import BigKey, UtcDateTime

revision = "0032"
down_revision = "0030"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString()


def upgrade() -> None:
    op.create_table(
        "stage_counts",
        sa.Column("stage", TEXT, nullable=False),
        sa.Column("runs", BigKey, nullable=False),
        sa.Column("failures", BigKey, nullable=False),
        sa.Column("items", BigKey, nullable=False),
        sa.Column("milliseconds", BigKey, nullable=False),
        sa.Column("succeeded_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("stage"),
    )


def downgrade() -> None:
    op.drop_table("stage_counts")
