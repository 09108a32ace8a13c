"""`day`: the whole daily run by hand, and what an operator should look at next."""

from typing import TYPE_CHECKING, Any

from survey_pipeline.cli.support import (
    DateOption,
    JsonOption,
    explained,
    opened,
    print_json,
    stderr,
    stdout,
)

if TYPE_CHECKING:
    from survey_pipeline.app import App
    from survey_pipeline.pipeline import DayReport

MOST_MISSING = 10
"""Offices without a report that are named one by one."""


@explained
def day(on: DateOption = None, *, as_json: JsonOption = False) -> None:
    """Run the day: sample, replies, dispatch, follow-ups, call-backs due, overdue reports.

    May be repeated at any time: nothing is drawn or sent twice.

    Example:  survey-pipeline day --date 2023-05-04
    """
    from survey_pipeline import pipeline  # noqa: PLC0415 - loads the stages

    with opened() as app:
        warnings = _calendar_warnings(app)
        report = pipeline.run_day(app.context, app.gateways, on or app.context.today())
    if as_json:
        print_json({**to_json(report), "warnings": warnings})
        return
    for warning in warnings:
        stderr().print(f"warning: {warning}")
    _show(report)


def _calendar_warnings(app: "App") -> list[str]:
    """Warn of a year without working-day data from 1 November before it."""
    today = app.context.today()
    years = [today.year] + ([today.year + 1] if today.month >= 11 else [])
    return [
        f"the working days of {year} are not known: Monday to Friday count, and deadlines are "
        f"provisional. Update the package chinesecalendar, or write config/calendar/{year}.toml"
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
        "calls_queued": vars(report.tick.calls),
        "surveys_closed": report.tick.closed,
        "missing_reports": [
            {
                "office_code": one.office_code,
                "name": one.name,
                "days": [missed.isoformat() for missed in one.days],
            }
            for one in report.missing
        ],
        "load": [
            {**vars(one), "day": one.day.isoformat(), "calls": one.calls} for one in report.load
        ],
    }


def _show(report: "DayReport") -> None:
    console = stdout()
    draw, done = report.draw, report.tick
    again = " (drawn before)" if draw.drawn_before else ""
    console.print(f"[bold]{report.day}[/bold]")
    console.print(f"  drawn       {len(draw.drawn):,} of {draw.frame:,} cases{again}")
    for line in done.sent.lines():
        console.print(f"  {line}")
    console.print(f"  replies     {_counts(vars(done.replies))}")
    console.print(f"  call-backs  {_counts(vars(done.calls))}")
    if done.closed:
        console.print(f"  closed      {done.closed:,} surveys whose time was over")
    _show_load(report)
    _show_missing(report)


def _counts(values: dict[str, Any]) -> str:
    named = [
        f"{name.replace('_', ' ')} {value:,}"
        for name, value in values.items()
        if isinstance(value, int) and value
    ]
    return ", ".join(named) or "nothing new"


def _show_load(report: "DayReport") -> None:
    console = stdout()
    console.print("  calls ahead")
    for one in report.load:
        over = f", {one.over_capacity:,} over capacity" if one.over_capacity else ""
        console.print(f"    {one.day}  {one.calls:,} of {one.capacity:,}{over}")


def _show_missing(report: "DayReport") -> None:
    console = stdout()
    if not report.missing:
        console.print("  every office has reported")
        return
    console.print(f"  {len(report.missing):,} offices owe reports:")
    for one in report.missing[:MOST_MISSING]:
        console.print(
            f"    {one.office_code} {one.name}: {len(one.days)} days, since {one.days[0]}"
        )
    if len(report.missing) > MOST_MISSING:
        console.print(f"    and {len(report.missing) - MOST_MISSING:,} more (day --json names all)")
