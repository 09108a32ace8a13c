"""Keep who gets which notifications, and what became of each."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

from survey_pipeline.store.columns import BigKey, UtcDateTime

revision = "0035"
down_revision = "0030"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString()


def upgrade() -> None:
    op.create_table(
        "notification_contacts",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("office_code", TEXT, nullable=True),
        sa.Column("parent_code", TEXT, nullable=True),
        sa.Column("agency", TEXT, nullable=True),
        sa.Column("language", TEXT, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", TEXT, nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "sent_notifications",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("contact_id", BigKey, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("problem", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["contact_id"], ["notification_contacts.id"]),
        sa.UniqueConstraint(
            "contact_id", "day", "kind", "subject", name="uq_sent_notifications_once"
        ),
    )
    op.create_index("ix_sent_notifications_day", "sent_notifications", ["day"])


def downgrade() -> None:
    op.drop_table("sent_notifications")
    op.drop_table("notification_contacts")
