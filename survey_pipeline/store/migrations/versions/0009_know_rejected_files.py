"""Know rejected files again, so that one that somebody has mended is never overwritten."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INDEX = "ix_import_runs_rejected_digest"


def upgrade() -> None:
    text = sqlmodel.sql.sqltypes.AutoString()
    op.add_column("import_runs", sa.Column("rejected_digest", text, nullable=True))
    op.create_index(INDEX, "import_runs", ["rejected_digest"], unique=False)


def downgrade() -> None:
    op.drop_index(INDEX, table_name="import_runs")
    with op.batch_alter_table("import_runs", schema=None) as batch_op:
        batch_op.drop_column("rejected_digest")
