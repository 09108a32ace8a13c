"""Keep who asked that a number is left alone, and why: on the phone, by letter, at the counter."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0014"
down_revision = "0012"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString()
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXTS = ("masked", "by", "reason", "ended_by", "ended_reason")


def upgrade() -> None:
    for name in TEXTS:
        op.add_column("opt_outs", sa.Column(name, TEXT, nullable=True))
    op.add_column("opt_outs", sa.Column("call_attempt_id", KEY, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("opt_outs", schema=None) as batch_op:
        for name in ("call_attempt_id", *TEXTS):
            batch_op.drop_column(name)
