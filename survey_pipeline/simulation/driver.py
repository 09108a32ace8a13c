"""Walks a made-up city through a month and on until its last survey has ended.

The clock is put from moment to moment, and at each the real stages do what they do: offices report,
texts go out, replies come in, callers call, the day is drawn. Nothing is written past the stages.
"""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path

from sqlalchemy import func, select

from survey_pipeline import pipeline
from survey_pipeline.calendar import ONE_DAY, SetClock, first_day, last_day
from survey_pipeline.context import Context
from survey_pipeline.gateways.port import Gateway
from survey_pipeline.reports.deadlines import gather_deadlines
from survey_pipeline.reports.missing_reports import missing_reports
from survey_pipeline.simulation.city import City, CityOffice, write_register
from survey_pipeline.simulation.planting import demo_cheats
from survey_pipeline.simulation.real_forms import moved_delivery, moved_reports
from survey_pipeline.simulation.reports import Reports
from survey_pipeline.simulation.staff import OtherCallers, read_unclear, work_the_phones
from survey_pipeline.simulation.whole_deliveries import whole_delivery
from survey_pipeline.stages.intake import FileSummary, import_file, report_zero
from survey_pipeline.standard.parts.satisfaction import Arrangement
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import daily_reports, offices, surveys
from survey_pipeline.vocabulary import DeliveryMode, Duty, RecordKind, SurveyState
from survey_pipeline.workspace import shipped_reports

LONGEST_AFTER = 30
"""Days after the month within which every survey must have ended."""
TICKS = (time(9, 5), time(14, 10), time(19, 45))
CALLS_AT = (time(10, 20), time(15, 40))
REPORTS_AT, DAILY_AT = time(17, 0), time(17, 30)
CALLS_A_SITTING = 40
"""Calls that the made-up staff make in each of the two sittings of a day."""
DELIVERED = ("处室编码", "月份", "办件量", "抽样数", "满意", "一般", "不满意", "来源", "方式")


FORMS = "reports"
"""Folder of the workspace that keeps the reports in real form, and what was refused of them."""


@dataclass
class Progress:
    """Functions that the driver calls as it goes on; each may be left out."""

    imported: Callable[[FileSummary], None] = lambda _: None
    """A real-form report was brought in."""
    day: Callable[[int, int], None] = lambda _done, _all: None
    """A day is over: how many of how many (the days after the month are a guess)."""


@dataclass
class Walked:
    """What happened on the way, for the report at the end."""

    days: int = 0
    texts: int = 0
    calls: int = 0
    decided: int = 0
    refused_rows: int = 0
    refused_files: list[FileSummary] = field(default_factory=list)


@dataclass
class Driver:
    """Leads one city through one month.

    Args:
        context: the workspace.
        clock: the workspace's clock, which the driver puts.
        gateways: the workspace's gateways.
        city: the made-up city.
        month: `YYYY-MM`.
        folder: where reports and lists are written meanwhile; gone afterwards.
        days: only so many days of reports, from the month's first working day on.
        progress: called as the work goes on.
    """

    context: Context
    clock: SetClock
    gateways: Mapping[str, Gateway]
    city: City
    month: str
    folder: Path
    days: int | None = None
    progress: Progress = field(default_factory=Progress)

    def __post_init__(self) -> None:
        """Set up the desks."""
        self.walked = Walked()
        self._reports = Reports(self.city, self.folder, demo_cheats(self.city, self._asked_by))
        self._others = OtherCallers(self.context, self.city.seed, self.folder)

    def walk(self, until: datetime | None = None) -> Walked:
        """Walk through the month, and on until every survey has ended.

        Args:
            until: stop in the midst of the city's life, after what happens by that moment.
        """
        self._register()
        reporting = list(self._reporting_days())
        expected = (last_day(self.month) - first_day(self.month)).days + 1 + LONGEST_AFTER // 2
        for day in self._all_days():
            self._live(day, until, reports=day in reporting)
            if until is not None and self.context.calendar.end_of(day) > until:
                return self.walked
            self.walked.days += 1
            self.progress.day(self.walked.days, max(expected, self.walked.days))
            if day > last_day(self.month) and not self._still_open():
                break
        self._deliver()
        return self.walked

    def _reporting_days(self) -> Iterator[date]:
        """Yield the month's days, or a few from its first working day on."""
        first, last = first_day(self.month), last_day(self.month)
        count = (last - first).days + 1
        few = self.days is not None and self.days < count
        start = self._first_working_day if few else first
        for number in range(self.days if few and self.days else count):
            if start + number * ONE_DAY <= last:
                yield start + number * ONE_DAY

    def _all_days(self) -> Iterator[date]:
        first, last = first_day(self.month), last_day(self.month)
        for number in range((last - first).days + 1 + LONGEST_AFTER):
            yield first + number * ONE_DAY

    def _set(self, day: date, at: time) -> None:
        self.clock.at = self.context.calendar.at(day, at)

    def _register(self) -> None:
        self._set(first_day(self.month), time(8))
        shipped = shipped_reports()
        parents, offices = write_register(self.city, self.folder)
        for kind, path in (
            (RecordKind.PARENTS, shipped / "parents.csv"),
            (RecordKind.OFFICES, shipped / "offices.csv"),
            (RecordKind.PARENTS, parents),
            (RecordKind.OFFICES, offices),
        ):
            import_file(self.context, kind, path)

    def _live(self, day: date, until: datetime | None, *, reports: bool) -> None:
        """Live through one day: texts and calls at their hours, reports, then the daily run."""
        moments = [(at, self._tick) for at in TICKS] + [(at, self._call) for at in CALLS_AT]
        if reports:
            moments.append((REPORTS_AT, self._report))
        moments.append((DAILY_AT, self._run_day))
        for at, act in sorted(moments, key=lambda moment: moment[0]):
            if until is None or self.context.calendar.at(day, at) <= until:
                self._set(day, at)
                act(day)

    def _tick(self, _day: date) -> None:
        done = pipeline.tick(self.context, self.gateways)
        self.walked.texts += sum(done.sent.outcomes.values())

    def _call(self, day: date) -> None:
        self.walked.decided += read_unclear(self.context, self.city.seed)
        if self.context.calendar.is_working_day(day):
            self.walked.calls += work_the_phones(self.context, self.city.seed, CALLS_A_SITTING)
            self._others.take_over(day)

    def _report(self, day: date) -> None:
        working = self.context.calendar.is_working_day(day)
        if working and day == self._first_working_day:
            self._report_real_forms(day)
        found = self._reports.write(day, working_day=working)
        for path in found.files:
            summary = import_file(self.context, RecordKind.CASES, path, reported_on=day)
            self.walked.refused_rows += summary.refused
            path.unlink()
        for office_code in found.zero:
            report_zero(self.context, office_code, day)

    @property
    def _first_working_day(self) -> date:
        return self.context.calendar.next_working_day(first_day(self.month))

    def _report_real_forms(self, day: date) -> None:
        forms = self.context.home / FORMS
        forms.mkdir()
        for path in moved_reports(forms, day):
            summary = import_file(self.context, RecordKind.CASES, path, reported_on=day)
            self.walked.refused_rows += summary.refused
            self.walked.refused_files += [summary] if summary.refused else []
            self.progress.imported(summary)
        delivery = moved_delivery(forms, day)
        self.progress.imported(import_file(self.context, RecordKind.SATISFACTION, delivery))

    def _run_day(self, day: date) -> None:
        done = pipeline.run_day(self.context, self.gateways, day)
        self.walked.texts += sum(done.tick.sent.outcomes.values())

    def _still_open(self) -> bool:
        query = select(func.count()).where(surveys.c.state == SurveyState.OPEN)
        with reading(self.context.engine) as connection:
            return bool(connection.scalar(query))

    def _deliver(self) -> None:
        """Bring in what is still owed: zero reports, and what others deliver for the month."""
        for office in missing_reports(self.context, last_day(self.month)):
            for day in office.days:
                report_zero(self.context, office.office_code, day)
        path = self.folder / "delivered.csv"
        with path.open("w", newline="", encoding="gb18030") as file:
            writer = csv.writer(file)
            writer.writerow(DELIVERED)
            writer.writerows(self._delivered_rows())
        import_file(self.context, RecordKind.SATISFACTION, path)

    def _delivered_rows(self) -> Iterator[tuple[object, ...]]:
        """Yield a row for every office that a lead agency delivers, those without answers too."""
        surveyed = {str(row[0]): row for row in (*self._call_rows(), *self._whole_rows())}
        yield from surveyed.values()
        reported, arrangements = self._reported(), self._arrangements()
        for office_code in self._owed():
            if office_code not in surveyed:
                rules = arrangements[office_code]
                cases = reported.get(office_code, 0)
                yield office_code, self.month, cases, 0, 0, 0, 0, *_deliverer(rules)

    def _owed(self) -> Iterator[str]:
        """Yield the offices of which the month's results are due."""
        found = gather_deadlines(self.context, self.context.today(), daily=False)
        for deadline in found.deadlines:
            if deadline.term.duty is Duty.SATISFACTION and deadline.term.period.name == self.month:
                yield from deadline.missing

    def _call_rows(self) -> Iterator[tuple[object, ...]]:
        reported, arrangements = self._reported(), self._arrangements()
        for office, sampled, *answers in self._others.results(self.month):
            cases = max(reported.get(str(office), 0), int(str(sampled)))
            yield (
                office,
                self.month,
                cases,
                sampled,
                *answers,
                *_deliverer(arrangements[str(office)]),
            )

    def _whole_rows(self) -> Iterator[tuple[object, ...]]:
        reported = self._reported()
        for office in self.city.offices:
            cases = reported.get(office.office_code, 0)
            rules = self._asked_by(office)
            code, seed = office.office_code, self.city.seed
            done = whole_delivery(seed, code, self.month, cases, rules)
            if done is not None and not office.exempt_reason:
                yield code, self.month, cases, *done, *_deliverer(rules)

    def _asked_by(self, office: CityOffice) -> Arrangement:
        return self._arrangement(office.category, office.approval_service)

    def _arrangement(self, category: str, service: bool) -> Arrangement:
        rules = self.context.standard_on(last_day(self.month)).standard.satisfaction
        return rules.arrangement(category, approval_service=service)

    def _arrangements(self) -> dict[str, Arrangement]:
        """Return who asks the citizens of each office on the register."""
        columns = offices.c.office_code, offices.c.category, offices.c.approval_service
        with reading(self.context.engine) as connection:
            register = connection.execute(select(*columns)).all()
        return {code: self._arrangement(*kind) for code, *kind in register}

    def _reported(self) -> dict[str, int]:
        first, last = first_day(self.month), last_day(self.month)
        query = (
            select(daily_reports.c.office_code, func.sum(daily_reports.c.reported))
            .where(daily_reports.c.reported_on.between(first, last))
            .group_by(daily_reports.c.office_code)
        )
        with reading(self.context.engine) as connection:
            return {row[0]: int(row[1]) for row in connection.execute(query)}


_MODES = {DeliveryMode.ALL: "全部", DeliveryMode.PHONE: "电话", DeliveryMode.JOINT: "会同"}
"""The modes of deliveries as such files write them."""


def _deliverer(rules: Arrangement) -> tuple[str, str]:
    """Return who delivers, and in which mode."""
    mode = rules.default_mode
    return rules.by.zh if rules.by else "", _MODES[mode] if mode else ""
