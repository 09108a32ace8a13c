"""Hold the online review: who is reviewed, who reviews, and ballots that name nobody."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import survey_pipeline.store.columns

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ballots",
        sa.Column("voter", sa.LargeBinary(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("voter"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "representatives",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("rep_no", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("phone_hash", sa.LargeBinary(), nullable=True),
        sa.Column("phone_kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("group", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("row_no", sa.Integer(), nullable=False),
        sa.Column(
            "withdrawn_at", survey_pipeline.store.columns.UtcDateTime(timezone=True), nullable=True
        ),
        sa.Column("withdrawn_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("withdrawn_reason", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("year", "rep_no", name="uq_representatives_no"),
    )
    op.create_table(
        "review_offices",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("office_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("category", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("daily", sa.Integer(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("satisfied", sa.Integer(), nullable=True),
        sa.Column("neutral", sa.Integer(), nullable=True),
        sa.Column("dissatisfied", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("year", "office_code"),
    )
    op.create_table(
        "review_representatives",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rep_no", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("rank_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=True),
        sa.Column(
            "invited_at", survey_pipeline.store.columns.UtcDateTime(timezone=True), nullable=True
        ),
        sa.Column("invite_attempt", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("invite_gateway", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("invite_outcome", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("voted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("year", "rep_no"),
    )
    op.create_index(
        "ix_review_representatives_token", "review_representatives", ["token_hash"], unique=False
    )
    op.create_table(
        "reviews",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "selected_at", survey_pipeline.store.columns.UtcDateTime(timezone=True), nullable=True
        ),
        sa.Column("selected_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("way", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("score_version", sa.Integer(), nullable=True),
        sa.Column("wanted_offices", sa.Integer(), nullable=True),
        sa.Column(
            "drawn_at", survey_pipeline.store.columns.UtcDateTime(timezone=True), nullable=True
        ),
        sa.Column("drawn_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("wanted_representatives", sa.Integer(), nullable=True),
        sa.Column("seed", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("pool", sa.Integer(), nullable=True),
        sa.Column("roll_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column(
            "opened_at", survey_pipeline.store.columns.UtcDateTime(timezone=True), nullable=True
        ),
        sa.Column("opened_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column(
            "closed_at", survey_pipeline.store.columns.UtcDateTime(timezone=True), nullable=True
        ),
        sa.Column("closed_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column(
            "cleared_at", survey_pipeline.store.columns.UtcDateTime(timezone=True), nullable=True
        ),
        sa.PrimaryKeyConstraint("year"),
    )


def downgrade() -> None:
    op.drop_table("reviews")
    op.drop_index("ix_review_representatives_token", table_name="review_representatives")
    op.drop_table("review_representatives")
    op.drop_table("review_offices")
    op.drop_table("representatives")
    op.drop_table("ballots")
