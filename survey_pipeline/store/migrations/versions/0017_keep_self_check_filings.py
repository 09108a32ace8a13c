"""Keep self-check filings, and the word that there is nothing to bring for a period."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

from survey_pipeline.store.columns import UtcDateTime

revision = "0017"
down_revision = "0015"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString()
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CONTENTS = ("problems", "people", "causes", "measures", "office_responsible", "schedule")


def upgrade() -> None:
    op.create_table(
        "filings",
        sa.Column("id", KEY, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("row_no", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", TEXT, nullable=True),
        sa.Column("withdrawn_reason", TEXT, nullable=True),
        sa.Column("filing_no", TEXT, nullable=False),
        sa.Column("parent_code", TEXT, nullable=False),
        sa.Column("month", TEXT, nullable=False),
        sa.Column("filed_on", sa.Date(), nullable=False),
        sa.Column("nothing_found", sa.Boolean(), nullable=False),
        *(sa.Column(name, TEXT, nullable=True) for name in CONTENTS),
        sa.Column("document_no", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("filing_no", name="uq_filings_no"),
    )
    op.create_index("ix_filings_parent", "filings", ["parent_code", "month"], unique=False)
    op.create_table(
        "nothing_reports",
        sa.Column("id", KEY, nullable=False),
        sa.Column("duty", TEXT, nullable=False),
        sa.Column("parent_code", TEXT, nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("duty", "parent_code", "first_day", name="uq_nothing_reports_period"),
    )
    op.add_column("supervision_records", sa.Column("filing_no", TEXT, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("supervision_records", schema=None) as batch_op:
        batch_op.drop_column("filing_no")
    op.drop_table("nothing_reports")
    op.drop_index("ix_filings_parent", table_name="filings")
    op.drop_table("filings")
