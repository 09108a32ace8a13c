"""What every stage is given: settings, database, keys, calendar, clock and the actor."""

import secrets
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Self

from sqlalchemy import Engine

from survey_pipeline.calendar import Calendar, Clock
from survey_pipeline.settings import Settings
from survey_pipeline.standard.load import FOLDER, InForce, standard_on
from survey_pipeline.store.crypto import Keys
from survey_pipeline.store.postponed import Postponed
from survey_pipeline.store.sealed import unlock
from survey_pipeline.troubles import Troubles


@dataclass(frozen=True)
class Context:
    """One workspace, opened. Made by `app.py`; tests make theirs with `testing.workspace`."""

    home: Path
    settings: Settings
    engine: Engine
    keys: Keys
    calendar: Calendar
    clock: Clock
    actor: str = "system"
    """The name that the audit log gives for changes."""
    troubles: Troubles = field(default_factory=Troubles, compare=False)
    """What does not work now, in this process."""
    postponed: Postponed = field(default_factory=Postponed, compare=False)
    """What this process still has to write down when the database is back."""

    def __post_init__(self) -> None:
        """Let the engine read and write what is stored encrypted."""
        unlock(self.engine, self.keys)

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        return self.clock.now()

    def today(self) -> date:
        """Return the local date."""
        return self.calendar.day(self.now())

    def standard_on(self, day: date) -> InForce:
        """Return the standard in force on a day.

        Raises:
            ConfigurationError: no standard is listed, a file is wrong, or no window holds the day.
        """
        return standard_on(day, self.settings.standards, self.home / FOLDER)

    def new_token(self) -> str:
        """Return a random token, unique in practice; no score or draw depends on it."""
        return secrets.token_hex(8)

    def acting(self, actor: str) -> Self:
        """Return the same workspace with another actor."""
        return replace(self, actor=actor)
