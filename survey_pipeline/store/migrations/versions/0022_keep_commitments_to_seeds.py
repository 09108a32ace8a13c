"""Keep what was promised of a month's seed, and when its draws were laid open."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

from survey_pipeline.store.columns import UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString()


def upgrade() -> None:
    op.create_table(
        "draw_months",
        sa.Column("month", TEXT, nullable=False),
        sa.Column("seed_hash", TEXT, nullable=True),
        sa.Column("configured", sa.Boolean(), nullable=False),
        sa.Column("committed_at", UtcDateTime(), nullable=True),
        sa.Column("committed_by", TEXT, nullable=True),
        sa.Column("revealed_at", UtcDateTime(), nullable=True),
        sa.Column("revealed_by", TEXT, nullable=True),
        sa.Column("package_hash", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_draw_months")),
    )


def downgrade() -> None:
    op.drop_table("draw_months")
