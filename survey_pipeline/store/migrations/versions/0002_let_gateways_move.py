"""Keep how gateways stand and why their shares moved; receipts say why and how late."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import survey_pipeline.store.columns

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gateway_moves",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", survey_pipeline.store.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("gateway", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("before", sa.Integer(), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("why", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "gateway_states",
        sa.Column("gateway", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("configured", sa.Integer(), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        *(
            sa.Column(name, survey_pipeline.store.columns.UtcDateTime(timezone=True), nullable=True)
            for name in ("moved_at", "judged_at", "stopped_at")
        ),
        sa.Column("stopped_why", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column(
            "rests_until", survey_pipeline.store.columns.UtcDateTime(timezone=True), nullable=True
        ),
        sa.PrimaryKeyConstraint("gateway"),
    )
    # added, not rebuilt: there may be millions of receipts
    op.add_column(
        "receipts", sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=True)
    )
    op.add_column(
        "receipts",
        sa.Column("waited", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    )
    op.create_index("ix_receipts_received", "receipts", ["received_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_receipts_received", "receipts")
    with op.batch_alter_table("receipts", schema=None) as batch_op:
        batch_op.drop_column("waited")
        batch_op.drop_column("reason")
    op.drop_table("gateway_states")
    op.drop_table("gateway_moves")
