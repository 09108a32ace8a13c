"""Keep why offices were selected provisionally or again, and what the selection passed over."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString()


def upgrade() -> None:
    op.add_column("reviews", sa.Column("selection_reason", TEXT, nullable=True))
    op.add_column("reviews", sa.Column("selection", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("reviews", schema=None) as batch_op:
        for name in ("selection", "selection_reason"):
            batch_op.drop_column(name)
