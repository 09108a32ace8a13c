"""People who sign in, their sessions, and the keys of offices' systems."""

from datetime import datetime

from sqlalchemy import Index, Table, false, text
from sqlmodel import Field, SQLModel

from survey_pipeline.store.columns import identity, moment, table


class User(SQLModel, table=True):
    """Somebody who may sign in."""

    __tablename__ = "users"

    name: str = Field(primary_key=True)
    """As it is typed at the sign-in; compared without regard to case and width."""
    role: str
    """A `Role`."""
    office_code: str | None = None
    """With the role `office`: whose cases they report."""
    password_hash: str
    """Argon2id, with its parameters (RFC 9106)."""
    must_change: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Somebody else made the password: its owner chooses another one before anything else."""
    created_at: datetime = moment()
    created_by: str
    disabled_at: datetime | None = moment(default=None)
    disabled_by: str | None = None


class WebSession(SQLModel, table=True):
    """A sign-in; ends by itself, by signing out, or by being revoked."""

    __tablename__ = "web_sessions"
    __table_args__ = (Index("ix_web_sessions_user", "user_name"),)

    token_hash: bytes = Field(primary_key=True)
    """SHA-256 of the cookie: who reads the database cannot sign in with it."""
    user_name: str
    opened_at: datetime = moment()
    seen_at: datetime = moment()
    expires_at: datetime = moment()
    network: str | None = None
    """Where it was opened from: an address, of IPv6 a /64."""
    browser: str | None = None
    """In a word or two, so that its owner knows it again."""
    ended_at: datetime | None = moment(default=None)
    ended_by: str | None = None


class SignInFailure(SQLModel, table=True):
    """A sign-in that failed, or is being looked at; too many slow the next ones down."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (Index("ix_sign_in_failures", "name", "at"),)

    id: int | None = identity()
    name: str
    address: str
    """An address, of IPv6 a /64."""
    at: datetime = moment(index=True)


class ApiKey(SQLModel, table=True):
    """A key with which an office's system reports cases."""

    __tablename__ = "api_keys"
    __table_args__ = (
        Index(
            "uq_api_keys_hash",
            "key_hash",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    id: int | None = identity()
    office_code: str
    label: str
    key_hash: bytes
    """SHA-256 of the key, which is shown once."""
    created_at: datetime = moment()
    created_by: str
    used_at: datetime | None = moment(default=None)
    revoked_at: datetime | None = moment(default=None)
    revoked_by: str | None = None


users: Table = table(User)
web_sessions: Table = table(WebSession)
sign_in_failures: Table = table(SignInFailure)
api_keys: Table = table(ApiKey)
