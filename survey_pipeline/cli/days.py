"""`day`: the whole daily run by hand, and what an operator should look at next."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from survey_pipeline.cli.counts import QUEUED, READ, counted
from survey_pipeline.cli.support import (
    DateOption,
    JsonOption,
    explained,
    invocation,
    opened,
    print_json,
    say,
    shown,
    stderr,
    stdout,
)
from survey_pipeline.i18n import N_, Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survey_pipeline.app import App
    from survey_pipeline.pipeline import DayReport
    from survey_pipeline.reports.day_preview import DayPreview
    from survey_pipeline.reports.deadlines import DeadlineReport
    from survey_pipeline.reports.missing_reports import MissingReport
    from survey_pipeline.stages.callbacks import DayLoad
    from survey_pipeline.stages.dispatch import Preview

N_("CNY")  # the currency of gateways that name none
BESIDE_CALLS = ("no_room", "unread", "not_needed")
"""Counts of a run of the queue beside its new calls."""
MOST_MISSING = 10
"""At most so many offices without a report are named."""


@explained
def day(
    on: DateOption = None,
    *,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Show what would be drawn, texted and paid; do nothing."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Run the day: sample, replies, dispatch, follow-ups, call-backs due, overdue reports.

    May be repeated at any time: nothing is drawn or sent twice. Today is run after the days before
    it that are still owed. Exit code 4 while another daily run is under way.

    Example:  survey-pipeline day --dry-run
    """
    from survey_pipeline import catching_up

    if dry_run:
        _preview(on, as_json=as_json)
        return
    with opened() as app:
        warnings = _calendar_warnings(app)
        begun = catching_up.begin_day(app.context, on)
        app.configuration.begin("day")
        report = catching_up.run_begun_day(app.context, app.gateways, begun)
        owed = _owed_by_others(app, report.day, warnings)
    if as_json:
        document = {**to_json(report), "deadlines": _deadlines_json(owed), "warnings": warnings}
        print_json(document)
        return
    for warning in warnings:
        stderr().print(say("warning: {warning}", warning=warning), markup=False)
    _show(report)
    _show_deadlines(owed)


def _preview(on: date | None, *, as_json: bool) -> None:
    from survey_pipeline.reports.day_preview import preview_day

    with opened() as app:
        planned = preview_day(app.context, on or app.context.today())
        calendar = app.context.calendar
    if as_json:
        print_json(_preview_document(planned))
        return
    stdout().print(str(planned.day), style="bold")
    text = N_("would be drawn: {drawn} of {frame} cases")
    if planned.draw.drawn_before:
        text = N_("{drawn} of {frame} cases (drawn before)")
    counts = {"drawn": len(planned.draw.drawn), "frame": planned.draw.frame}
    _line(say(text, **{name: f"{n:,}" for name, n in counts.items()}))
    for line in planned_lines(planned.texts):
        _line(shown(line))
    if planned.opens_at is not None:
        opens_at = calendar.written(planned.opens_at)
        _line(say("texts wait for the sending hours: from {at}", at=opens_at))
    _show_missing(planned.missing)
    _line(say("Nothing was drawn, stored or sent: this was a dry run."))


def _preview_document(planned: "DayPreview") -> dict[str, Any]:
    """Return `day --dry-run --json`; the texts one by one are shown by `dispatch --dry-run`."""
    texts = planned.texts.to_json()
    del texts["texts"]
    return {
        "date": planned.day.isoformat(),
        "dry_run": True,
        "drawn_before": planned.draw.drawn_before,
        "frame": planned.draw.frame,
        "drawn": len(planned.draw.drawn),
        **texts,
        "opens_at": planned.opens_at.isoformat() if planned.opens_at else None,
        "missing_reports": _missing_document(planned.missing),
    }


def _missing_document(missing: "Sequence[MissingReport]") -> list[dict[str, Any]]:
    return [
        {
            "office_code": office.office_code,
            "name": office.name,
            "days": [missed.isoformat() for missed in office.days],
        }
        for office in missing
    ]


def planned_lines(planned: "Preview") -> list[Message]:
    """Return what a dispatch would send, in sentences."""
    counts = {"count": f"{len(planned.texts):,}", "segments": f"{planned.segments:,}"}
    costs = ", ".join(f"{cost:,} {say(currency)}" for currency, cost in planned.costs.items())
    text = N_("would be sent: {count} texts, {segments} segments, cost {cost}")
    lines = [Message(text, {**counts, "cost": costs or "0"})]
    if planned.too_long:
        text = N_("too long even in the short form: {count}; these cases are called")
        lines.append(Message(text, {"count": planned.too_long}))
    return lines


def _owed_by_others(app: "App", day: date, warnings: list[str]) -> "DeadlineReport | None":
    """Return what is overdue or soon due beside the reports; the day's run stands without it."""
    from survey_pipeline.errors import ConfigurationError
    from survey_pipeline.reports.deadlines import REMIND_AHEAD, gather_deadlines

    try:
        return gather_deadlines(app.context, day, daily=False).within(REMIND_AHEAD)
    except ConfigurationError as error:
        warnings.append(say("deadlines cannot be told: {problem}", problem=shown(error.message)))
        return None


def _deadlines_json(owed: "DeadlineReport | None") -> list[dict[str, Any]] | None:
    from survey_pipeline.cli import deadline_tables

    if owed is None:
        return None
    found: list[dict[str, Any]] = deadline_tables.document(owed, invocation().locale)["deadlines"]
    return found


def _show_deadlines(owed: "DeadlineReport | None") -> None:
    from survey_pipeline.cli import deadline_tables

    if owed is None:
        return
    if not owed.deadlines:
        _line(say("nothing else is overdue or due within a week"))
        return
    _line(say("deadlines:"))
    for line in (*deadline_tables.reminders(owed), *deadline_tables.provisional_notes(owed)):
        _line(line, indent=4)


def _calendar_warnings(app: "App") -> list[str]:
    """Warn of a year without working-day data from 1 November before it."""
    today = app.context.today()
    years = [today.year] + ([today.year + 1] if today.month >= 11 else [])
    return [
        say(
            "the working days of {year} are not known: Monday to Friday count, and deadlines are "
            "provisional. Update the package chinesecalendar, or write config/calendar/{year}.toml",
            year=year,
        )
        for year in years
        if not app.context.calendar.covers(year)
    ]


def to_json(report: "DayReport") -> dict[str, Any]:
    """Return a day's report as a document."""
    return {
        "date": report.day.isoformat(),
        "sample": {
            "drawn_before": report.draw.drawn_before,
            "frame": report.draw.frame,
            "drawn": len(report.draw.drawn),
            "frame_hash": report.draw.frame_hash,
            "roll_hash": report.draw.roll_hash,
        },
        "replies": vars(report.tick.replies),
        "dispatch": report.tick.sent.to_json(),
        "reconciled": report.reconciled.to_json(),
        "calls_queued": vars(report.tick.calls),
        "surveys_closed": report.tick.closed,
        "missing_reports": _missing_document(report.missing),
        "load": [
            {**vars(load), "day": load.day.isoformat(), "calls": load.calls} for load in report.load
        ],
    }


def _show(report: "DayReport") -> None:
    console = stdout()
    draw, done = report.draw, report.tick
    text = N_("{drawn} of {frame} cases")
    if draw.drawn_before:
        text = N_("{drawn} of {frame} cases (drawn before)")
    drawn = say(text, drawn=f"{len(draw.drawn):,}", frame=f"{draw.frame:,}")
    queued: dict[str, int] = {str(reason): n for reason, n in done.calls.queued.items()}
    queued |= {name: getattr(done.calls, name) for name in BESIDE_CALLS}
    console.print(str(report.day), style="bold")
    _line(say("drawn: {what}", what=drawn))
    for line in done.sent.lines():
        _line(shown(line))
    if report.reconciled.asked:
        text = N_("asked about {asked} texts without an end: {settled} settled, {lost} lost there")
        _line(say(text, **{name: f"{n:,}" for name, n in report.reconciled.to_json().items()}))
    _line(say("replies: {what}", what=counted(READ, vars(done.replies))))
    _line(say("call-backs: {what}", what=counted(QUEUED, queued)))
    if done.closed:
        _line(say("closed: {count} surveys whose time was over", count=f"{done.closed:,}"))
    show_load(report.load)
    _show_missing(report.missing)


def _line(text: str, indent: int = 2) -> None:
    stdout().print(f"{'':{indent}}{text}", markup=False)


def show_load(load: "Sequence[DayLoad]") -> None:
    """Print the calls that the next days will bring."""
    _line(say("calls ahead:"))
    for ahead in load:
        text = N_("{day}: {calls}, capacity {capacity}")
        if ahead.over_capacity:
            text = N_("{day}: {calls}, capacity {capacity}, {over} more than can be made")
        counts = {"calls": ahead.calls, "capacity": ahead.capacity, "over": ahead.over_capacity}
        _line(say(text, day=ahead.day, **{name: f"{n:,}" for name, n in counts.items()}), indent=4)


def _show_missing(missing: "Sequence[MissingReport]") -> None:
    if not missing:
        _line(say("every office has reported"))
        return
    _line(say("{count} offices owe reports:", count=f"{len(missing):,}"))
    for office in missing[:MOST_MISSING]:
        values = {"count": len(office.days), "first": office.days[0], "last": office.days[-1]}
        text = say("{count} days missing, {first} to {last}", **values)
        _line(f"{office.office_code} {office.name}: {text}", indent=4)
    if len(missing) > MOST_MISSING:
        more = len(missing) - MOST_MISSING
        _line(say("and {count} more (day --json names all)", count=f"{more:,}"), indent=4)
