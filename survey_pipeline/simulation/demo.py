"""The demo: a workspace of its own, a month of a made-up city in it, and its exports."""

import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from survey_pipeline.app import App, open_app
from survey_pipeline.calendar import SetClock, first_day
from survey_pipeline.errors import CannotProceed, ConfigurationError
from survey_pipeline.pipeline import score_month
from survey_pipeline.settings import CONFIG_FILE, load_settings
from survey_pipeline.simulation.city import make_city
from survey_pipeline.simulation.driver import FORMS, Driver, Progress, Walked
from survey_pipeline.stages.export import answers, plain
from survey_pipeline.stages.export.files import replaced
from survey_pipeline.stages.export.month import MonthReport, read_month
from survey_pipeline.stages.export.page import write_page
from survey_pipeline.stages.export.workbook import write_workbook
from survey_pipeline.store.crypto import derived_keys
from survey_pipeline.survey.context import Context
from survey_pipeline.workspace import create_workspace, shipped

CALLERS_A_DAY = 80
"""`callbacks.daily_capacity` of the demo: a small city has few callers."""
MADE_FILES = ("survey.db*", "simulated-*.jsonl")
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
    files: Sequence[Path] = field(default_factory=tuple)


def run_demo(
    directory: Path, month: str, seed: str, size: DemoSize, progress: Progress | None = None
) -> DemoReport:
    """Make a demo workspace and live through a month in it.

    Args:
        directory: a folder that is new, empty, or an earlier demo.
        month: `YYYY-MM`.
        seed: one seed and month give the same exports, byte for byte.
        size: how big the city is.
        progress: whoever watches.

    Raises:
        CannotProceed: the folder holds something that no demo made.
    """
    _clear(directory)
    _mark_as_demo(directory, seed)
    create_workspace(directory, derived_keys(seed))
    clock = SetClock(datetime.combine(first_day(month), time(8), tzinfo=ZoneInfo("Asia/Shanghai")))
    app = open_app(directory, actor="demo", clock=clock, environ={})
    try:
        walked = _walk(app, clock, month, seed, size, progress or Progress())
        version = score_month(app.context, month).version
        report = read_month(app.context, month, version)
        return DemoReport(directory, month, seed, walked, report, _export(app.context, report))
    finally:
        app.close()


def _clear(directory: Path) -> None:
    """Take away what an earlier demo made here.

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
        ('kind = "simulated"', f'kind = "simulated"\nseed = {quoted}'),
    ):
        text = text.replace(before, after, 1)
    path = directory / CONFIG_FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            "{directory} cannot be written: {problem}", directory=directory, problem=error.strerror
        ) from error


def _walk(
    app: App, clock: SetClock, month: str, seed: str, size: DemoSize, progress: Progress
) -> Walked:
    city = make_city(seed, month, size.offices, size.cases_per_day)
    with tempfile.TemporaryDirectory() as folder:
        driver = Driver(
            app.context, clock, app.gateways, city, month, Path(folder), size.days, progress
        )
        return driver.walk()


def _export(context: Context, report: MonthReport) -> list[Path]:
    """Write what an analyst would: the month in every form, and the answers."""
    folder, locale = context.home / "exports", context.settings.locale
    folder.mkdir(exist_ok=True)
    name = f"satisfaction-{report.month}"
    made = []
    for ending, write in (
        ("csv", plain.write_csv),
        ("xlsx", write_workbook),
        ("html", write_page),
        ("json", plain.write_json),
    ):
        path = folder / f"{name}.{ending}"
        with replaced(path) as temporary:
            write(report, temporary, locale)
        made.append(path)
    path = folder / f"answers-{report.month}.csv"
    answers.export_answers(context, report.month, path, "csv")
    return [*made, path]
