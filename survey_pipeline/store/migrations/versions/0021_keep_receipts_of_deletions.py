"""Keep receipts of deletions, and find what is due for one without reading whole tables."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

from survey_pipeline.store.columns import BigKey, UtcDateTime

revision = "0021"
down_revision = "0017"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString()
INDEXES = {
    "ix_cases_frame": ("cases", "frame_on", "frame_on IS NOT NULL"),
    "ix_surveys_kept": ("surveys", "closed_at", "closed_at IS NOT NULL AND phone_hash IS NOT NULL"),
    "ix_inbound_unmatched": ("inbound", "received_at", "survey_id IS NULL AND phone IS NOT NULL"),
}


def upgrade() -> None:
    op.create_table(
        "deletions",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.Column("touched_at", UtcDateTime(), nullable=False),
        sa.Column("limits", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("sha256", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.add_column("draws", sa.Column("purged_at", UtcDateTime(), nullable=True))
    for name, (table, column, where) in INDEXES.items():
        those = sa.text(where)
        op.create_index(name, table, [column], sqlite_where=those, postgresql_where=those)


def downgrade() -> None:
    for name, (table, _column, _where) in INDEXES.items():
        op.drop_index(name, table_name=table)
    with op.batch_alter_table("draws", schema=None) as batch_op:
        batch_op.drop_column("purged_at")
    op.drop_table("deletions")
