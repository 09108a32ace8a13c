"""Keep what each day's frame shows of offices, and what stands out of a month."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

from survey_pipeline.store.columns import BigKey, UtcDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString()
COUNTS = ("cases", "repeated", "shared", "consecutive", "alike", "numbered", "missing")


def upgrade() -> None:
    op.create_table(
        "signal_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("office_code", TEXT, nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTS),
        sa.PrimaryKeyConstraint("day", "office_code", name=op.f("pk_signal_days")),
    )
    op.create_table(
        "signals",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("month", TEXT, nullable=False),
        sa.Column("office_code", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("out_of", sa.Integer(), nullable=False),
        sa.Column("others_counted", sa.Integer(), nullable=False),
        sa.Column("others_out_of", sa.Integer(), nullable=False),
        sa.Column("found_at", UtcDateTime(), nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by", TEXT, nullable=True),
        sa.Column("reason", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signals")),
        sa.UniqueConstraint("month", "office_code", "kind", name="uq_signals_month_office_kind"),
    )
    op.create_index("ix_signals_state", "signals", ["state"])


def downgrade() -> None:
    op.drop_table("signals")
    op.drop_table("signal_days")
