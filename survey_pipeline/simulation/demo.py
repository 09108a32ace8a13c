"""The demo: a workspace of its own, a month of a made-up city in it, and its exports.

After the month come the year's evidence, an online review and the year's score, so that every page
and every command has something to show.
"""

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from survey_pipeline.app import App, open_app
from survey_pipeline.appraisal import score_month, score_year
from survey_pipeline.calendar import SetClock, first_day
from survey_pipeline.context import Context
from survey_pipeline.edited import shipped
from survey_pipeline.errors import CannotProceed, ConfigurationError
from survey_pipeline.reports.month_report import MonthReport, read_month
from survey_pipeline.reports.year_report import YearReport, read_year
from survey_pipeline.settings import CONFIG_FILE, load_settings
from survey_pipeline.simulation.city import make_city
from survey_pipeline.simulation.driver import FORMS, Driver, Progress, Walked
from survey_pipeline.simulation.evidence import YearsEvidence
from survey_pipeline.simulation.representatives import hold_review
from survey_pipeline.stages.export.answers_file import write_answers
from survey_pipeline.stages.export.formats import FORMS as WRITTEN_FORMS
from survey_pipeline.stages.export.formats import write_month, write_year
from survey_pipeline.store.crypto import derived_keys
from survey_pipeline.store.files import OWNER_ONLY
from survey_pipeline.validation import os_problem
from survey_pipeline.workspace import create_workspace, make_folder

CALLERS_A_DAY = 80
"""`callbacks.daily_capacity` of the demo: a small city has few callers."""
REVIEWED, REPRESENTATIVES = 20, 40
"""`review.offices` and `review.representatives` of a small city."""
MADE_FILES = ("survey.db*", "simulated-*.jsonl", "review-*.key*")
MADE = ("templates", "exports", FORMS, "survey.key", "config")
"""What a demo makes, and a new demo in the same place takes away; last what marks it as one."""


@dataclass(frozen=True)
class DemoSize:
    """How big the made-up city is."""

    offices: int = 60
    days: int | None = None
    """Days of reports from the first working day on; the whole month unless said."""
    cases_per_day: int = 18
    """Of an office of middling size on a working day."""


@dataclass(frozen=True)
class DemoReport:
    """What came of a demo."""

    directory: Path
    month: str
    seed: str
    walked: Walked
    report: MonthReport
    year: int
    """The appraisal year of the month."""
    files: Sequence[Path] = field(default_factory=tuple)


def run_demo(
    directory: Path,
    month: str,
    seed: str,
    size: DemoSize,
    progress: Progress | None = None,
    *,
    environ: Mapping[str, str] | None = None,
) -> DemoReport:
    """Make a demo workspace, live through a month in it, and score its year.

    Args:
        directory: a folder that is new, empty, or an earlier demo.
        month: `YYYY-MM`.
        seed: one seed and month give the same exports, byte for byte.
        size: how big the city is.
        progress: called as the work goes on.
        environ: settings other than a demo's, by the environment's names: another database.

    Raises:
        CannotProceed: the folder holds something that no demo made.
    """
    app, clock = _open(directory, month, seed, environ or {})
    try:
        walked = _walk(app, clock, month, seed, size, progress=progress)
        report = read_month(app.context, month, score_month(app.context, month).version)
        year = _score_year(app.context, seed, month)
        files = _export(app.context, report, year)
        return DemoReport(directory, month, seed, walked, report, year.year, files)
    finally:
        app.close()


def stop_demo_at(directory: Path, month: str, seed: str, size: DemoSize, until: datetime) -> None:
    """Make a demo that stands still in the midst of its month: texts, calls and replies wait.

    Raises:
        CannotProceed: the folder holds something that no demo made.
    """
    app, clock = _open(directory, month, seed, {})
    try:
        _walk(app, clock, month, seed, size, until=until)
    finally:
        app.close()


def _open(
    directory: Path, month: str, seed: str, environ: Mapping[str, str]
) -> tuple[App, SetClock]:
    """Make the workspace, and open it on the morning of the month's first day."""
    _clear(directory)
    _mark_as_demo(directory, seed)
    create_workspace(directory, derived_keys(seed), environ)
    clock = SetClock(datetime.combine(first_day(month), time(8), tzinfo=ZoneInfo("Asia/Shanghai")))
    return open_app(directory, actor="demo", clock=clock, environ=environ), clock


def _clear(directory: Path) -> None:
    """Delete what an earlier demo made here.

    Raises:
        CannotProceed: the folder holds something else.
    """
    if not directory.exists() or (directory.is_dir() and not any(directory.iterdir())):
        return
    config = directory / CONFIG_FILE
    if not config.is_file() or not load_settings(directory, {}).demo:
        raise CannotProceed(
            "{directory} is no demo, and a demo would overwrite it. Name another folder with --dir",
            directory=directory,
        )
    for pattern in MADE_FILES:
        for path in directory.glob(pattern):
            path.unlink()
    for name in MADE:
        target = directory / name
        shutil.rmtree(target) if target.is_dir() else target.unlink(missing_ok=True)


def _mark_as_demo(directory: Path, seed: str) -> None:
    """Write the configuration that makes a workspace a demo, first of all: it may be cut off.

    Raises:
        ConfigurationError: the folder cannot be written.
    """
    text = (shipped() / CONFIG_FILE).read_text(encoding="utf-8")
    quoted = json.dumps(seed, ensure_ascii=False)  # JSON's escapes are TOML's too
    for before, after in (
        ("timezone = ", "demo = true                           # made by `demo`\ntimezone = "),
        ("daily_capacity = 400", f"daily_capacity = {CALLERS_A_DAY}"),
        ("offices = 100", f"offices = {REVIEWED}"),
        ("representatives = 200", f"representatives = {REPRESENTATIVES}"),
        ('seed = "change-me"', f"seed = {quoted}"),
        ('kind = "simulated"', f'kind = "simulated"\nseed = {quoted}'),
    ):
        text = text.replace(before, after, 1)
    path = directory / CONFIG_FILE
    try:
        make_folder(path.parent)
        path.write_text(text, encoding="utf-8")
        path.chmod(OWNER_ONLY)
    except OSError as error:
        raise ConfigurationError(
            "{directory} cannot be written: {problem}",
            directory=directory,
            problem=os_problem(error),
        ) from error


def _walk(
    app: App,
    clock: SetClock,
    month: str,
    seed: str,
    size: DemoSize,
    *,
    progress: Progress | None = None,
    until: datetime | None = None,
) -> Walked:
    city = make_city(seed, month, size.offices, size.cases_per_day)
    with tempfile.TemporaryDirectory() as folder:
        driver = Driver(
            app.context,
            clock,
            app.gateways,
            city,
            month,
            Path(folder),
            size.days,
            progress or Progress(),
        )
        return driver.walk(until)


def _score_year(context: Context, seed: str, month: str) -> YearReport:
    """Bring in the year's evidence, hold the review, and score the year with both."""
    evidence = YearsEvidence(context, seed, month)
    with tempfile.TemporaryDirectory() as folder:
        evidence.bring_in(Path(folder))
        score_year(context, evidence.year)  # the review selects its offices by it
        hold_review(context, seed, evidence.year, Path(folder))
    return read_year(context, evidence.year, score_year(context, evidence.year).version)


def _export(context: Context, report: MonthReport, year: YearReport) -> list[Path]:
    """Write what an analyst would: month and year in every form, and the answers."""
    folder, locale = context.home / "exports", context.settings.locale
    make_folder(folder)
    of_month = [folder / f"satisfaction-{report.month}.{form}" for form in WRITTEN_FORMS]
    of_year = [folder / f"appraisal-{year.year}.{form}" for form in WRITTEN_FORMS]
    for form, path in zip(WRITTEN_FORMS, of_month, strict=True):
        write_month(report, form, path, locale)
    for form, path in zip(WRITTEN_FORMS, of_year, strict=True):
        write_year(year, form, path, locale)
    path = folder / f"answers-{report.month}.csv"
    write_answers(context, report.month, path, "csv")
    return [*of_month, *of_year, path]
