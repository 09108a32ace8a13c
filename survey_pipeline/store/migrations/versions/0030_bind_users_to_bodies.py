"""Bind users to the parent department or the lead agency that they deliver for."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0030"
down_revision = "0027"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString()


def upgrade() -> None:
    op.add_column("users", sa.Column("parent_code", TEXT, nullable=True))
    op.add_column("users", sa.Column("lead_agency", TEXT, nullable=True))


def downgrade() -> None:
    op.drop_column("users", "lead_agency")
    op.drop_column("users", "parent_code")
