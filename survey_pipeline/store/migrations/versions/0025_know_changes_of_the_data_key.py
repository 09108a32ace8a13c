"""Know changes of the data key: which one the database is under, and whether it changes now."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

from survey_pipeline.store.columns import BigKey, UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString()


def upgrade() -> None:
    op.create_table(
        "key_changes",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.Column("begun_by", TEXT, nullable=False),
        sa.Column("old_key", TEXT, nullable=False),
        sa.Column("new_key", TEXT, nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    op.drop_table("key_changes")
