"""Say of a session where it was opened from and with what, so that its owner knows it again."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString()


def upgrade() -> None:
    op.add_column("web_sessions", sa.Column("network", TEXT, nullable=True))
    op.add_column("web_sessions", sa.Column("browser", TEXT, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("web_sessions", schema=None) as batch_op:
        batch_op.drop_column("browser")
        batch_op.drop_column("network")
