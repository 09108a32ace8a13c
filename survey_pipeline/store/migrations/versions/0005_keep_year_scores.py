"""Keep the scores of a year, and who published which version."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import survey_pipeline.store.columns

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "year_scores",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "computed_at", survey_pipeline.store.columns.UtcDateTime(timezone=True), nullable=False
        ),
        sa.Column("as_of", sa.Date(), nullable=False),
        *(
            sa.Column(name, sqlmodel.sql.sqltypes.AutoString(), nullable=False)
            for name in ("standard", "standard_hash", "program_version", "inputs_hash")
        ),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("head", sa.JSON(), nullable=False),
        sa.Column(
            "published_at", survey_pipeline.store.columns.UtcDateTime(timezone=True), nullable=True
        ),
        sa.Column("published_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("year", "version", name="uq_year_scores_version"),
    )
    op.create_table(
        "office_year_scores",
        sa.Column("score_id", sa.Integer(), nullable=False),
        sa.Column("office_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=True)
            for name in ("daily", "total", "rank", "rank_in_category")
        ),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("lines", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["score_id"], ["year_scores.id"]),
        sa.PrimaryKeyConstraint("score_id", "office_code"),
    )
    op.add_column(
        "month_scores",
        sa.Column("published_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    )


def downgrade() -> None:
    with op.batch_alter_table("month_scores", schema=None) as batch_op:
        batch_op.drop_column("published_by")
    op.drop_table("office_year_scores")
    op.drop_table("year_scores")
