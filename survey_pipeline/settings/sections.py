"""The sections of `config/pipeline.toml`: their keys, types, defaults and limits."""

import re
from datetime import time, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from survey_pipeline.i18n import N_, ORGANISATION, Message
from survey_pipeline.notation import Hours, parse_cron, parse_duration, parse_hours, parse_plan
from survey_pipeline.settings.section import Section
from survey_pipeline.settings.web_sections import Logging, Metrics, Security, Web

MANY_DAYS = 3660
"""Ten years: more is a slip of the pen, and dates would run out of their range."""
LONGEST_NAME = 40  # characters: the organisation's name stands in every SMS
UNFIT = frozenset("{}<>&%【】")
"""Characters that mean something in templates, pages and the signatures of texts."""


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
Wait = Annotated[Duration, Field(gt=timedelta(0))]
"""A duration that must not be nothing."""
Days = Annotated[int, Field(ge=0, le=MANY_DAYS)]
Plan = Annotated[tuple[timedelta, ...], BeforeValidator(parse_plan)]
Window = Annotated[Hours, BeforeValidator(parse_hours)]


def _in_order(windows: tuple[Hours, ...]) -> tuple[Hours, ...]:
    if not windows:
        raise ValueError(N_("name at least one window"))
    if any(a.end > b.start for a, b in pairwise(windows)):
        raise ValueError(N_("windows must be in order and must not overlap"))
    return windows


class Database(Section):
    """Where the data lives; a relative SQLite path counts from the workspace."""

    url: str = "sqlite:///survey.db"
    connections: int = Field(default=15, ge=2, le=1000)
    """Connections that one process may hold at once."""
    page_timeout: Wait = timedelta(seconds=30)
    """PostgreSQL breaks off a statement of a page or webhook that takes longer."""


class Intake(Section):
    """What a case report may hold."""

    max_age_days: Days = 30


class Sampling(Section):
    """The draw's policy; kept with each draw."""

    rate: Decimal = Field(default=Decimal("0.2"), gt=0, le=1)
    minimum: int = Field(default=2, ge=0)
    monthly_minimum: int = Field(default=10, ge=0)
    maximum: int = Field(default=30, ge=1)
    quiet_days: Days = 30
    seed: str = ""

    @model_validator(mode="after")
    def _bounds(self) -> "Sampling":
        if self.minimum > self.maximum:
            raise ValueError(N_("minimum is above maximum"))
        return self


class Sending(Section):
    """When and how texts go out."""

    hours: tuple[Window, ...] = (
        Hours(time(9), time(12)),
        Hours(time(14), time(20)),
    )
    hold_for: Wait = timedelta(days=3)
    max_segments: int = Field(default=2, ge=1)
    lease: Wait = timedelta(seconds=60)
    unknown_after: Duration = timedelta(minutes=30)
    unknown_policy: Literal["phone", "resend"] = "phone"

    _ordered = field_validator("hours")(_in_order)


class Traffic(Section):
    """How traffic moves between several gateways by their health."""

    window: Wait = timedelta(minutes=10)
    failed: Decimal = Field(default=Decimal("0.05"), ge=0, le=1)
    late: Decimal = Field(default=Decimal("0.1"), ge=0, le=1)
    late_after: Wait = timedelta(minutes=4)
    at_least: int = Field(default=20, ge=1)
    step: int = Field(default=10, ge=1, le=100)
    every: Wait = timedelta(minutes=1)
    quiet: Wait = timedelta(minutes=10)


class Survey(Section):
    """How long a survey waits for what."""

    reply_window: Wait = timedelta(hours=48)
    closes_after: Wait = timedelta(days=7)
    code_within: Duration = timedelta(hours=24)
    ask_reason: bool = True


class Callbacks(Section):
    """The phone queue."""

    hours: tuple[Window, ...] = (
        Hours(time(9), time(12)),
        Hours(time(14), time(17, 30)),
    )
    plan: Plan = (timedelta(0), timedelta(hours=4), timedelta(days=1))
    max_attempts: int = Field(default=3, ge=1)
    daily_capacity: int = Field(default=400, ge=0)
    lease: Wait = timedelta(minutes=15)
    dissatisfied: bool = True
    verify_satisfied: Decimal = Field(default=Decimal("0.05"), ge=0, le=1)

    _ordered = field_validator("hours")(_in_order)


class Privacy(Section):
    """Personal data: how long, from how many answers on, and under which keys."""

    retention_days: int = Field(default=90, ge=1, le=MANY_DAYS)
    undrawn_retention_days: int = Field(default=7, ge=1, le=MANY_DAYS)
    min_cell: int = Field(default=5, ge=1)
    key_file: Path = Path("survey.key")
    key: str = ""


class Ranking(Section):
    """Which offices are ranked in a month."""

    min_ratings: int = Field(default=5, ge=0)


class Organisation(Section):
    """The office that asks, as texts, scripts, documents and pages call it."""

    name: str = ORGANISATION
    heading: Annotated[str, Field(max_length=LONGEST_NAME)] = ""  # in red on papers
    objections_within: Wait = timedelta(days=10)  # from the day of an office's statement

    @field_validator("name")
    @classmethod
    def _plain(cls, value: str) -> str:
        """Keep out what would break a text, a page or the signature of an SMS."""
        name = value.strip()
        if not 0 < len(name) <= LONGEST_NAME or not name.isprintable() or set(name) & UNFIT:
            raise ValueError(
                N_("write a plain name of at most 40 characters, without brackets, & or %")
            )
        return name


def _month(text: str) -> str:
    """Refuse what is no month as `YYYY-MM`; blank is none."""
    if text and not re.fullmatch(r"2\d{3}-(?:0[1-9]|1[0-2])", text):
        raise ValueError(N_("write a month as 2023-05"))
    return text


class Satisfaction(Section):
    """The volume of the year: the first month that counts; blank: that of the first draw."""

    counted_from: Annotated[str, AfterValidator(_month)] = ""


class Review(Section):
    """The online review."""

    offices: int = Field(default=100, ge=1)
    representatives: int = Field(default=200, ge=1)
    min_ratings: int = Field(default=5, ge=0)
    seed: str = "change-me"


class Notifications(Section):
    """When people are reminded; what keeps the work from being done is told at any hour."""

    hours: tuple[Window, ...] = (Hours(time(9), time(18)),)

    _ordered = field_validator("hours")(_in_order)


class Schedule(Section):
    """Cron lines, in local time."""

    daily: str = "30 17 * * *"
    catch_up: Duration = timedelta(days=7)

    @field_validator("daily")
    @classmethod
    def _cron(cls, value: str) -> str:
        parse_cron(value)
        return value


class Signals(Section):
    """Integrity signals: which offices stand out of a month."""

    level: Decimal = Field(default=Decimal("0.01"), gt=0, lt=1)
    """Of the offices named, so large a share may be named by chance."""


class Gateway(BaseModel):
    """One `[[gateway]]`; keys beyond the common ones belong to its kind, which checks them."""

    model_config = ConfigDict(extra="allow", frozen=True)

    kind: str
    name: str = ""
    priority: int = Field(default=100, ge=0)
    price_per_segment: Decimal = Field(default=Decimal(0), ge=0)
    currency: str = Field(default="CNY", pattern=r"^[A-Z]{3}$")
    """Of the price: its three letters (ISO 4217)."""
    rate_per_second: Decimal = Field(default=Decimal(0), ge=0)
    """Messages a second; 0 is no limit of ours."""
    concurrency: int = Field(default=16, ge=1)

    @property
    def label(self) -> str:
        """The name under which it stands in the database and in webhook addresses."""
        return self.name or self.kind

    @property
    def own(self) -> dict[str, Any]:
        """The keys that only this kind knows."""
        return dict(self.model_extra or {})


class Settings(Section):
    """The whole of `config/pipeline.toml`."""

    locale: Literal["zh_CN", "en"] = "zh_CN"
    timezone: str = "Asia/Shanghai"
    demo: bool = False
    """Set by `demo` in its own workspace: nothing there is caught up or purged."""
    standards: dict[int, str] = Field(default_factory=dict)
    database: Database = Database()
    intake: Intake = Intake()
    sampling: Sampling = Sampling()
    sending: Sending = Sending()
    traffic: Traffic = Traffic()
    survey: Survey = Survey()
    callbacks: Callbacks = Callbacks()
    privacy: Privacy = Privacy()
    ranking: Ranking = Ranking()
    organisation: Organisation = Organisation()
    satisfaction: Satisfaction = Satisfaction()
    review: Review = Review()
    schedule: Schedule = Schedule()
    notifications: Notifications = Notifications()
    web: Web = Web()
    security: Security = Security()
    metrics: Metrics = Metrics()
    logging: Logging = Logging()
    signals: Signals = Signals()
    gateway: tuple[Gateway, ...] = ()

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(Message("no such time zone: {zone}", {"zone": value})) from error
        return value

    @field_validator("gateway")
    @classmethod
    def _distinct(cls, value: tuple[Gateway, ...]) -> tuple[Gateway, ...]:
        labels = [gateway.label for gateway in value]
        if len(set(labels)) < len(labels):
            raise ValueError(N_("two gateways have one name; give each a `name`"))
        return value
