"""People who sign in, their sessions, and the keys of offices' systems."""

from datetime import datetime

from sqlalchemy import Index, Table, false, text
from sqlmodel import Field, SQLModel

from survey_pipeline.store.columns import BigKey, identity, moment, sealed, table
from survey_pipeline.store.personal import (
    Account,
    Actor,
    Code,
    Digest,
    FactorSecret,
    Identifier,
    SignInTrace,
    Title,
    Word,
)


class User(SQLModel, table=True):
    """Somebody who may sign in."""

    __tablename__ = "users"

    name: Account = Field(primary_key=True)
    """As it is typed at the sign-in; compared without regard to case and width."""
    role: Word
    """A `Role`."""
    office_code: Code | None = None
    """With the role `office`: whose cases they report."""
    parent_code: Code | None = None
    """With the role `department`: whose grades, filings and awards they deliver."""
    lead_agency: Title | None = None
    """With the role `lead_agency`: its Chinese name, as the standard writes it."""
    password_hash: Identifier
    """Argon2id, with its parameters (RFC 9106)."""
    must_change: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Somebody else made the password: its owner chooses another one before anything else."""
    created_at: datetime = moment()
    created_by: Actor
    disabled_at: datetime | None = moment(default=None)
    disabled_by: Actor | None = None


class WebSession(SQLModel, table=True):
    """A sign-in; ends by itself, by signing out, or by being revoked."""

    __tablename__ = "web_sessions"
    __table_args__ = (Index("ix_web_sessions_user", "user_name"),)

    token_hash: Digest = Field(primary_key=True)
    """SHA-256 of the cookie: who reads the database cannot sign in with it."""
    user_name: Actor
    opened_at: datetime = moment()
    seen_at: datetime = moment()
    expires_at: datetime = moment()
    network: SignInTrace | None = None
    """Where it was opened from: an address, of IPv6 a /64."""
    browser: SignInTrace | None = None
    """In a word or two, so that its owner knows it again."""
    ended_at: datetime | None = moment(default=None)
    ended_by: Actor | None = None


class SecondFactor(SQLModel, table=True):
    """The app that makes a user's codes for the sign-in (RFC 6238)."""

    __tablename__ = "second_factors"
    __table_args__ = (Index("uq_second_factors", "user_name", unique=True),)

    id: int | None = identity()
    user_name: Account
    secret: FactorSecret = sealed()
    """Base32, as the app takes it in."""
    offered_at: datetime = moment()
    confirmed_at: datetime | None = moment(default=None)
    """When its owner first gave a code of it; until then it is not asked for."""
    last_step: int | None = Field(default=None, sa_type=BigKey)
    """The time step of the last code that was accepted: no code is accepted twice."""


class RecoveryCode(SQLModel, table=True):
    """A code that stands in for the app once."""

    __tablename__ = "recovery_codes"
    __table_args__ = (Index("uq_recovery_codes", "user_name", "code_hash", unique=True),)

    id: int | None = identity()
    user_name: Account
    code_hash: Digest
    """SHA-256 of the code, which is shown once and has 80 random bits."""
    used_at: datetime | None = moment(default=None)


class SignInFailure(SQLModel, table=True):
    """A sign-in that failed, or is being looked at; too many slow the next ones down."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (Index("ix_sign_in_failures", "name", "at"),)

    id: int | None = identity()
    name: SignInTrace
    address: SignInTrace
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
    office_code: Code
    label: Title
    key_hash: Digest
    """SHA-256 of the key, which is shown once."""
    created_at: datetime = moment()
    created_by: Actor
    used_at: datetime | None = moment(default=None)
    revoked_at: datetime | None = moment(default=None)
    revoked_by: Actor | None = None


users: Table = table(User)
web_sessions: Table = table(WebSession)
second_factors: Table = table(SecondFactor)
recovery_codes: Table = table(RecoveryCode)
sign_in_failures: Table = table(SignInFailure)
api_keys: Table = table(ApiKey)
