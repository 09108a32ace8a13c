"""What `doctor` looks at: is the configuration right, each check with a remedy."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from survey_pipeline.app import App, load_calendar, open_app
from survey_pipeline.calendar import Clock
from survey_pipeline.checks.check import Check, Level, ok, warning
from survey_pipeline.checks.data_key import look_at_data_key
from survey_pipeline.checks.documents import look_at_documents
from survey_pipeline.checks.draws import look_at_draws
from survey_pipeline.checks.durability import look_at_durability
from survey_pipeline.checks.gateways import look_at_gateways
from survey_pipeline.checks.permissions import look_at_permissions
from survey_pipeline.checks.reviews import look_at_reviews
from survey_pipeline.checks.room import look_at_room
from survey_pipeline.errors import SurveyPipelineError
from survey_pipeline.i18n import N_, Message
from survey_pipeline.settings import Settings
from survey_pipeline.stages.callbacks import check_scripts
from survey_pipeline.stages.dispatch import check_templates
from survey_pipeline.stages.dispatch.templates import FOLDER as TEXTS
from survey_pipeline.stages.dispatch.templates import naming_the_matter
from survey_pipeline.standard import standard_for
from survey_pipeline.store import migrate
from survey_pipeline.store.engine import reading
from survey_pipeline.store.key_changes import check_keys, keys_in_force
from survey_pipeline.store.server_clock import clock_is_off
from survey_pipeline.store.tables import audit_log, import_runs


def run_checks(home: Path, environ: Mapping[str, str], clock: Clock | None = None) -> list[Check]:
    """Look at everything; a failure in one check does not keep the others from being made."""
    try:
        app = open_app(home, clock=clock, environ=environ, check_schema=False)
    except SurveyPipelineError as error:
        first = Check("configuration", Level.FAILED, error.message, error.remedy)
        return [first, *(Check("configuration", Level.FAILED, more) for more in error.others)]
    try:
        found = [ok("configuration", N_("config/pipeline.toml is read and right"))]
        for name, look in CHECKS.items():
            found += _guarded(name, look, app)
        return found
    finally:
        app.close()


def _guarded(name: str, look: "Callable[[App], Iterator[Check]]", app: App) -> list[Check]:
    try:
        return list(look(app))
    except SurveyPipelineError as error:
        return [Check(name, Level.FAILED, error.message, error.remedy)]
    except (SQLAlchemyError, OSError) as error:
        problem = Message(N_("{problem}"), {"problem": str(error).splitlines()[0]})
        return [Check(name, Level.FAILED, problem, _REACH)]


_REACH = Message(
    N_("see that the database and the workspace can be read; if not, put back a backup")
)


def _database(app: App) -> Iterator[Check]:
    engine = app.context.engine
    migrate.check(engine)
    check_keys(engine, keys_in_force(engine, app.context.keys))
    with reading(engine) as connection:
        if engine.dialect.name == "sqlite":
            mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
            broken = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
            if broken != "ok":
                yield Check(
                    "database",
                    Level.FAILED,
                    Message(N_("the database file is damaged: {problem}"), {"problem": broken}),
                    Message(N_("stop the program and put back the last backup")),
                )
                return
            yield ok(
                "database",
                N_("SQLite {version}, revision {revision}, journal {mode}"),
                version=sqlite3.sqlite_version,
                revision=migrate.head(),
                mode=mode,
            )
        else:
            yield ok("database", N_("PostgreSQL, revision {revision}"), revision=migrate.head())
            yield from look_at_durability(connection)


def _standard(app: App) -> Iterator[Check]:
    settings = app.context.settings
    year = app.context.today().year
    found = standard_for(year, settings.standards, app.context.home / "config" / "standards")
    text = N_("{standard} is in force for {year}")
    if not found.provisional:
        yield ok("standard", text, standard=found.standard.id, year=year)
        return
    yield warning(
        "standard",
        Message(
            N_("no standard is listed for {year}: {standard} is used, and scores are provisional"),
            {"standard": found.standard.id, "year": year},
        ),
        Message(
            N_(
                "when {year}'s standard is published, put it into config/standards/ and [standards]"
            ),
            {"year": year},
        ),
    )


def _templates(app: App) -> Iterator[Check]:
    home = app.context.home
    mend = Message(N_("mend the file under templates/sms/"))
    found = [(problem, mend) for problem in check_templates(home / TEXTS, app.context.settings)]
    mend = Message(N_("mend the file under templates/calls/"))
    found += [(problem, mend) for problem in check_scripts(home)]
    for problem, remedy in found:
        yield Check("templates", Level.FAILED, problem, remedy)
    if found:
        return
    yield ok("templates", N_("every text renders and fits"))
    for text in naming_the_matter(home / TEXTS):
        yield warning("templates", text, Message(N_("run init: it puts the shipped text there")))


def _calendar(app: App) -> Iterator[Check]:
    calendar = load_calendar(app.context.home, app.context.settings)
    today = app.context.today()
    years = [today.year] + ([today.year + 1] if today.month >= 11 else [])
    unknown = [year for year in years if not calendar.covers(year)]
    for year in unknown:
        yield warning(
            "calendar",
            Message(
                N_("the working days of {year} are not known: Monday to Friday count"),
                {"year": year},
            ),
            Message(
                N_("update the package chinesecalendar, or write config/calendar/{year}.toml"),
                {"year": year},
            ),
        )
    if not unknown:
        yield ok("calendar", N_("working days are known for {years}"), years=_listed(years))


def _listed(years: Iterable[int]) -> str:
    return ", ".join(map(str, years))


def _minute(app: App, moment: datetime) -> str:
    return app.context.calendar.written(moment)


_SET_CLOCK = Message(N_("set the machine's clock, or let it follow a time server"))


def _clock(app: App) -> Iterator[Check]:
    """A clock that stands before what is on record would draw and close at the wrong times."""
    now = app.context.now()
    with reading(app.context.engine) as connection:
        moments = (
            connection.scalar(select(func.max(audit_log.c.at))),
            connection.scalar(select(func.max(import_runs.c.at))),
        )
    latest = max((at for at in moments if at is not None), default=None)
    if latest is not None and latest > now:
        yield Check(
            "clock",
            Level.FAILED,
            Message(
                N_("the clock shows {now}, but records of {latest} exist"),
                {"now": _minute(app, now), "latest": _minute(app, latest)},
            ),
            _SET_CLOCK,
        )
        return
    if (apart := clock_is_off(app.context.engine, app.context.clock)) is not None:
        yield warning("clock", apart, _SET_CLOCK)
        return
    yield ok(
        "clock",
        N_("{now} in {zone}"),
        now=_minute(app, now),
        zone=app.context.settings.timezone,
    )


def _trials(app: App) -> Iterator[Check]:
    settings: Settings = app.context.settings
    if settings.sampling.seed:
        yield warning(
            "sampling",
            Message(
                N_("sampling.seed is set: whoever reads the configuration can predict the draw")
            ),
            Message(N_("remove it; the seed is then made per month from the master key")),
        )
    if settings.sending.unknown_policy == "resend":
        yield warning(
            "sending",
            Message(N_("unknown_policy is resend: a citizen may be texted twice")),
            Message(N_('set sending.unknown_policy = "phone"')),
        )
    if settings.review.seed == "change-me":
        yield warning(
            "review",
            Message(N_("review.seed is still the shipped one")),
            Message(N_("publish a seed of your own before the online review")),
        )


__all__ = ["CHECKS", "Check", "Level", "run_checks"]

CHECKS: "Mapping[str, Callable[[App], Iterator[Check]]]" = {
    "database": _database,
    "keys": look_at_data_key,
    "standard": _standard,
    "templates": _templates,
    "documents": look_at_documents,
    "calendar": _calendar,
    "clock": _clock,
    "draws": look_at_draws,
    "gateway": look_at_gateways,
    "room": look_at_room,
    "review": look_at_reviews,
    "permissions": look_at_permissions,
    "trials": _trials,
}
"""The checks in their order; `trials` are settings that are for trials alone."""
