"""The clock, the time zone, working days, opening hours and deadlines.

Working days are China's, from the package `chinesecalendar`, overridden by the workspace's
`config/calendar/<year>.toml` (`holidays = [...]`, `working = [...]`, dates). A year that neither
covers counts Monday to Friday, and `covers` says so: callers mark a date of such a year as
provisional.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from survey_pipeline.edited import Unreadable, problem_in, read_edited
from survey_pipeline.errors import ConfigurationError
from survey_pipeline.notation import Hours

ONE_DAY = timedelta(days=1)


class Clock(Protocol):
    """What time it is."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        return datetime.now(UTC)


@dataclass
class SetClock:
    """A clock that stands where it was put: for tests and the simulated city."""

    at: datetime

    def now(self) -> datetime:
        """Return the moment that was set."""
        return self.at

    def advance(self, by: timedelta) -> datetime:
        """Move the clock on and return the new moment."""
        self.at += by
        return self.at


SHORT_MOMENT = "%Y-%m-%d %H:%M"
"""The short form of a moment, in every language; of a day it is `YYYY-MM-DD`."""
CLOCK = "%H:%M"


@dataclass(frozen=True)
class YearOverride:
    """The workspace's own word on a year: days that are free, days that are worked."""

    holidays: frozenset[date] = frozenset()
    working: frozenset[date] = frozenset()


@dataclass(frozen=True)
class Calendar:
    """Local dates and times, working days and opening hours of one time zone."""

    timezone: ZoneInfo
    overrides: dict[int, YearOverride] = field(default_factory=dict)

    def local(self, moment: datetime) -> datetime:
        """Return an aware moment in local time."""
        return moment.astimezone(self.timezone)

    def written(self, moment: datetime) -> str:
        """Return a moment in local time as people read it."""
        return f"{self.local(moment):{SHORT_MOMENT}}"

    def day(self, moment: datetime) -> date:
        """Return the local date of a moment."""
        return self.local(moment).date()

    def at(self, day: date, clock: time) -> datetime:
        """Return the moment (UTC) at which local clocks show `clock` on `day`."""
        return datetime.combine(day, clock, tzinfo=self.timezone).astimezone(UTC)

    def end_of(self, day: date) -> datetime:
        """Return the moment (UTC) at which the local day ends."""
        return self.at(day + ONE_DAY, time(0))

    def covers(self, year: int) -> bool:
        """Return whether the year's working days are known, not guessed."""
        return year in self.overrides or year in self._published_years

    @cached_property
    def _published_years(self) -> range:
        from chinese_calendar import constants  # noqa: PLC0415 - loads only where it is used

        years = [day.year for day in constants.holidays]
        return range(min(years), max(years) + 1)

    def is_working_day(self, day: date) -> bool:
        """Return whether offices work on that day (Monday to Friday where nothing is known)."""
        override = self.overrides.get(day.year)
        if override and (day in override.holidays or day in override.working):
            return day in override.working
        if day.year in self._published_years:
            from chinese_calendar import is_workday  # noqa: PLC0415 - loads where it is used

            return bool(is_workday(day))
        return day.weekday() < 5

    def next_working_day(self, day: date) -> date:
        """Return `day` itself if it is a working day, else the next one."""
        while not self.is_working_day(day):
            day += ONE_DAY
        return day

    def working_days_after(self, day: date, count: int) -> date:
        """Return the `count`-th working day after `day`."""
        for _ in range(count):
            day = self.next_working_day(day + ONE_DAY)
        return day

    def nth_working_day_from(self, day: date, count: int) -> date:
        """Return the `count`-th working day counted from `day`, itself included."""
        return self.working_days_after(self.next_working_day(day), count - 1)

    def is_open(self, moment: datetime, hours: Sequence[Hours], *, working_days: bool) -> bool:
        """Return whether a moment lies in one of the day's windows."""
        local = self.local(moment)
        if working_days and not self.is_working_day(local.date()):
            return False
        return any(window.start <= local.time() < window.end for window in hours)

    def next_open(
        self, moment: datetime, hours: Sequence[Hours], *, working_days: bool
    ) -> datetime:
        """Return the first moment (UTC) from `moment` on that lies in a window."""
        if self.is_open(moment, hours, working_days=working_days):
            return moment
        day = self.day(moment)
        while True:
            if not working_days or self.is_working_day(day):
                starts = (self.at(day, window.start) for window in hours)
                later = [start for start in starts if start >= moment]
                if later:
                    return later[0]
            day += ONE_DAY


def first_day(month: str) -> date:
    """Return the first day of `YYYY-MM`."""
    return date.fromisoformat(f"{month}-01")


def next_month(day: date) -> date:
    """Return the first day of the month after `day`'s."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def last_day(month: str) -> date:
    """Return the last day of `YYYY-MM`."""
    return next_month(first_day(month)) - ONE_DAY


def month_of(day: date) -> str:
    """Return `YYYY-MM` of a date."""
    return f"{day:%Y-%m}"


def months_between(first: date, last: date) -> list[str]:
    """Return the months from `first`'s to `last`'s, both included."""
    months, day = [], first.replace(day=1)
    while day <= last:
        months.append(month_of(day))
        day = next_month(day)
    return months


def load_overrides(directory: Path) -> dict[int, YearOverride]:
    """Read every `<year>.toml` of a directory.

    Raises:
        ConfigurationError: a file is not TOML, is misnamed, or holds something else than dates.
    """
    return {
        int(path.stem): _override(path)
        for path in sorted(directory.glob("*.toml"))
        if path.stem.isdigit()
    }


def _override(path: Path) -> YearOverride:
    try:
        data = tomllib.loads(read_edited(path))
    except (tomllib.TOMLDecodeError, Unreadable) as error:
        raise ConfigurationError(
            "config/calendar/{file} cannot be read: {problem}",
            file=path.name,
            problem=problem_in(error),
        ) from error
    unknown = sorted(set(data) - {"holidays", "working"})
    if unknown:
        raise ConfigurationError(
            "config/calendar/{file}: unknown key {key}. It knows holidays and working",
            file=path.name,
            key=unknown[0],
        )
    holidays, working = (_dates(path, data.get(key, [])) for key in ("holidays", "working"))
    if holidays & working:
        raise ConfigurationError(
            "config/calendar/{file}: {day} is both free and worked; keep one of the two",
            file=path.name,
            day=min(holidays & working),
        )
    return YearOverride(holidays, working)


def _dates(path: Path, values: object) -> frozenset[date]:
    days = set()
    year = int(path.stem)
    for value in values if isinstance(values, list) else [values]:
        if type(value) is not date or value.year != year:
            raise ConfigurationError(
                "config/calendar/{file}: {value} is not a date of that year; write 2027-01-01",
                file=path.name,
                value=value,
            )
        days.add(value)
    return frozenset(days)
