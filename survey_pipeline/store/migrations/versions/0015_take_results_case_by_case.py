"""Take results that others deliver case by case, and find a survey by its case."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

from survey_pipeline.store.columns import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString()


def upgrade() -> None:
    op.create_table(
        "case_results",
        sa.Column("office_code", TEXT, nullable=False),
        sa.Column("case_no", TEXT, nullable=False),
        sa.Column("month", TEXT, nullable=False),
        sa.Column("answer", TEXT, nullable=False),
        sa.Column("mode", TEXT, nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=False),
        sa.Column("answered_until", UtcDateTime(), nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("row_no", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("withdrawn_by", TEXT, nullable=True),
        sa.Column("withdrawn_reason", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("office_code", "case_no"),
    )
    op.create_index("ix_case_results_month_office", "case_results", ["month", "office_code"])
    op.create_table(
        "unknown_results",
        sa.Column("office_code", TEXT, nullable=False),
        sa.Column("case_no", TEXT, nullable=False),
        sa.Column("month", TEXT, nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("row_no", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("office_code", "case_no"),
    )
    op.create_index("ix_unknown_results_month_office", "unknown_results", ["month", "office_code"])
    op.create_index("ix_surveys_office_case", "surveys", ["office_code", "case_no"])


def downgrade() -> None:
    op.drop_index("ix_surveys_office_case", table_name="surveys")
    op.drop_table("unknown_results")
    op.drop_table("case_results")
