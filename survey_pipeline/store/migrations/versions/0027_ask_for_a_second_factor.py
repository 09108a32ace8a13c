"""Keep second factors of sign-ins, and the codes that stand in for them once."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

from survey_pipeline.store.columns import BigKey, UtcDateTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString()


def upgrade() -> None:
    op.create_table(
        "second_factors",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("user_name", TEXT, nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("offered_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("last_step", BigKey, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("uq_second_factors", "second_factors", ["user_name"], unique=True)
    op.create_table(
        "recovery_codes",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("user_name", TEXT, nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("uq_recovery_codes", "recovery_codes", ["user_name", "code_hash"], unique=True)


def downgrade() -> None:
    op.drop_table("recovery_codes")
    op.drop_table("second_factors")
