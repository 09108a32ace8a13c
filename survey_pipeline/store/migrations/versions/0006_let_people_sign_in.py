"""Let people sign in, and offices' systems report."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import survey_pipeline.store.columns

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = survey_pipeline.store.columns.UtcDateTime(timezone=True)
TEXT = sqlmodel.sql.sqltypes.AutoString()
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("office_code", TEXT, nullable=True),
        sa.Column("password_hash", TEXT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", TEXT, nullable=False),
        sa.Column("disabled_at", MOMENT, nullable=True),
        sa.Column("disabled_by", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "web_sessions",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_name", TEXT, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_index("ix_web_sessions_user", "web_sessions", ["user_name"])
    op.create_table(
        "sign_in_failures",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("address", TEXT, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_sign_in_failures", "sign_in_failures", ["name", "at"])
    op.create_index("ix_sign_in_failures_at", "sign_in_failures", ["at"])
    op.create_table(
        "api_keys",
        sa.Column("id", KEY, nullable=False),
        sa.Column("office_code", TEXT, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", TEXT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("revoked_by", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "uq_api_keys_hash",
        "api_keys",
        ["key_hash"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
