"""A made-up city's month with one cheating office of each kind, written straight into the tables.

Honest offices report what the demo's report (`reports.reported_rows`), with the same faults; who
answers what has the demo's chances (`asked_citizens`). No stage runs, so that a month takes
seconds; the signals are then counted as ever.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import ceil
from typing import Any

from sqlalchemy import Connection, delete, insert

from survey_pipeline.calendar import ONE_DAY, first_day, last_day
from survey_pipeline.context import Context
from survey_pipeline.gateways.simulated.citizens import quality_of
from survey_pipeline.phones.typed_numbers import TypedNumber, read_number
from survey_pipeline.signals.day_counts import count_frames
from survey_pipeline.signals.month_signals import OfficeSignal, month_signals
from survey_pipeline.simulation.asked_citizens import ask
from survey_pipeline.simulation.cheating import Cheat, ReportedCase, cheated
from survey_pipeline.simulation.city import City, CityOffice, make_city
from survey_pipeline.simulation.planting import plant
from survey_pipeline.simulation.reports import reported_count, reported_rows
from survey_pipeline.simulation.trial_rows import (
    case_row,
    daily_row,
    delivery_row,
    draw_row,
    is_mobile,
    office_rows,
    parent_rows,
    rank_of,
    survey_row,
)
from survey_pipeline.simulation.whole_deliveries import whole_delivery
from survey_pipeline.standard.parts.satisfaction import Arrangement
from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import (
    cases,
    daily_reports,
    draws,
    offices,
    parents,
    satisfaction_results,
    signal_days,
    signals,
    surveys,
)
from survey_pipeline.vocabulary import DeliveryMode

OFFICES, CASES_PER_DAY = 60, 18
"""The demo's city."""
DAYS_BEFORE = 89
"""Days before the month whose volume is known."""


@dataclass
class TrialMonth:
    """What was planted, and what was found."""

    cheats: dict[str, Cheat]
    """By office."""
    honest: int
    """The other offices."""
    found: list[OfficeSignal]

    @property
    def named(self) -> set[str]:
        """The offices of which something stands out."""
        return {signal.office_code for signal in self.found if signal.judged.named}


def try_month(
    context: Context, seed: str, month: str, *, size: tuple[int, int] = (OFFICES, CASES_PER_DAY)
) -> TrialMonth:
    """Live through a month in which some offices cheat, and return whom the signals name.

    Args:
        context: a workspace whose tables are emptied first; its clock is past the month.
        seed: one seed gives one city.
        month: `YYYY-MM`.
        size: offices, and cases a day of a usual one.
    """
    trial = _Trial(context, make_city(seed, month, *size), month)
    with writing(context.engine) as connection:
        trial.fill(connection)
    count_frames(context)
    return TrialMonth(
        trial.cheats, len(trial.city.offices) - len(trial.cheats), month_signals(context, month)
    )


@dataclass
class _Trial:
    """One city on its way into the tables."""

    context: Context
    city: City
    month: str
    cheats: dict[str, Cheat] = field(init=False)
    reported: Counter[str] = field(default_factory=Counter)
    drawn: Counter[str] = field(default_factory=Counter)
    asked: set[str] = field(default_factory=set)
    """Numbers that were drawn in the month: they are left in peace."""

    def __post_init__(self) -> None:
        choosy_first = sorted(Cheat, key=lambda cheat: cheat is not Cheat.DROPPED)
        self.cheats = plant(self.city, choosy_first, self.arrangement)

    def arrangement(self, office: CityOffice) -> Arrangement:
        """Return who asks the citizens of an office."""
        rules = self.context.standard_on(last_day(self.month)).standard.satisfaction
        return rules.arrangement(office.category, approval_service=office.approval_service)

    def quality(self, office: CityOffice) -> int:
        """Return an office's satisfied of a thousand."""
        return quality_of(self.city.seed, office.name)

    def fill(self, connection: Connection) -> None:
        """Empty the tables and write the city's month."""
        for table in _FILLED:
            connection.execute(delete(table))
        connection.execute(insert(parents), list(parent_rows(self.city)))
        connection.execute(insert(offices), list(office_rows(self.city)))
        self._write_months_before(connection)
        for day in _days(first_day(self.month), last_day(self.month)):
            self._write_day(connection, day)
        delivered = list(self._deliveries())
        if delivered:
            connection.execute(insert(satisfaction_results), delivered)

    def _is_open(self, office: CityOffice, day: date) -> bool:
        working = self.context.calendar.is_working_day(day)
        return office.open_on(day, working_day=working)

    def _write_months_before(self, connection: Connection) -> None:
        first = first_day(self.month)
        rows = []
        for day in _days(first - timedelta(days=DAYS_BEFORE), first - ONE_DAY):
            for office in self.city.offices:
                if self._is_open(office, day):
                    count = reported_count(self.city.seed, office, day)
                    rows += [] if count is None else [daily_row(office, day, count)]
        connection.execute(insert(daily_reports), rows)

    def _write_day(self, connection: Connection, day: date) -> None:
        reports: list[dict[str, Any]] = []
        frame: list[dict[str, Any]] = []
        opened: list[dict[str, Any]] = []
        for office in self.city.offices:
            if self._is_open(office, day) and (found := self._reported(office, day)) is not None:
                reports.append(daily_row(office, day, len(found)))
                self.reported[office.office_code] += len(found)
                frame += [case_row(self.context.keys, office, case, day) for case in found]
                opened += self._surveys(office, day, found)
        for table, rows in ((daily_reports, reports), (cases, frame), (surveys, opened)):
            if rows:
                connection.execute(insert(table), rows)
        connection.execute(
            insert(draws), [draw_row(day, self.context.calendar.end_of(day), len(frame))]
        )

    def _reported(self, office: CityOffice, day: date) -> list[ReportedCase] | None:
        """Return the cases that are accepted of an office's day; None where it reports nothing."""
        rows = reported_rows(self.city.seed, office, day)
        if rows is None:
            return None
        honest = [case for row in rows if (case := _accepted(row, day))]
        cheat = self.cheats.get(office.office_code)
        if cheat is None:
            return honest
        code, quality = office.office_code, self.quality(office)
        return cheated(cheat, self.city.seed, code, day, honest, quality)

    def _surveys(
        self, office: CityOffice, day: date, found: Sequence[ReportedCase]
    ) -> list[dict[str, Any]]:
        """Draw an office's cases as the draw does, and let their surveys end."""
        rules = self.arrangement(office)
        if not rules.survey_is_ours or office.exempt_reason:
            return []
        by_phone = {
            case.phone: case
            for case in found
            if case.phone not in self.asked and (rules.calls_are_ours or is_mobile(case))
        }
        chosen = sorted(by_phone.values(), key=lambda case: rank_of(self.city.seed, day, case))
        chosen = chosen[: self._sample_size(office, len(chosen))]
        self.asked.update(case.phone for case in chosen)
        self.drawn[office.office_code] += len(chosen)
        return [self._survey(office, case, day, rules) for case in chosen]

    def _sample_size(self, office: CityOffice, eligible: int) -> int:
        policy = self.context.settings.sampling
        lacking = policy.monthly_minimum - self.drawn[office.office_code]
        wanted = max(policy.minimum, ceil(policy.rate * eligible), lacking)
        return min(eligible, policy.maximum, wanted)

    def _survey(
        self, office: CityOffice, case: ReportedCase, day: date, rules: Arrangement
    ) -> dict[str, Any]:
        own_calls = rules.calls_are_ours
        ended = ask(self.city.seed, case, self.quality(office), own_calls=own_calls)
        at = self.context.calendar.end_of(day)
        return survey_row(office, case, at, {**ended, "drawn_on": day, "own_calls": own_calls})

    def _deliveries(self) -> Iterator[dict[str, Any]]:
        for office in self.city.offices:
            code, rules = office.office_code, self.arrangement(office)
            count = self.reported[code]
            done = whole_delivery(self.city.seed, code, self.month, count, rules)
            if done is not None and not office.exempt_reason:
                counts = {"reported": count, **done._asdict()}
                mode = rules.default_mode or DeliveryMode.ALL
                yield delivery_row(code, self.month, mode, counts)


_FILLED = (
    surveys, cases, daily_reports, satisfaction_results, draws, signal_days, signals, offices,
    parents,
)  # fmt: skip


def _accepted(row: Sequence[str], day: date) -> ReportedCase | None:
    """Read a row as the intake does; None where it is refused."""
    number = read_number(row[3])
    if not isinstance(number, TypedNumber) or not row[4] or row[2] > day.isoformat():
        return None
    return ReportedCase(row[1], number.e164, row[4])


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + number * ONE_DAY
