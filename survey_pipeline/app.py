"""The composition root: settings, engine, keys, calendar, clock and gateways become one `App`.

Time, randomness and the environment enter here and nowhere else.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select

from survey_pipeline.calendar import Calendar, Clock, SystemClock, load_overrides
from survey_pipeline.context import Context
from survey_pipeline.gateways.port import Gateway, GatewayEnvironment
from survey_pipeline.gateways.registry import make_gateways
from survey_pipeline.i18n import name_organisation
from survey_pipeline.settings import Settings, load_settings
from survey_pipeline.store import migrate
from survey_pipeline.store.crypto import Keys, parse_keys, read_key_file
from survey_pipeline.store.engine import open_engine, reading
from survey_pipeline.store.tables import cases, draws


@dataclass(frozen=True)
class App:
    """An opened workspace, and what talks to the outside."""

    context: Context
    environ: Mapping[str, str]

    @cached_property
    def gateways(self) -> dict[str, Gateway]:
        """The configured gateways by label; made when first needed."""
        return make_gateways(self.context.settings.gateway, self.gateway_environment)

    @property
    def gateway_environment(self) -> GatewayEnvironment:
        """What gateways are made with."""
        context = self.context
        organisation = context.settings.organisation.name
        return GatewayEnvironment(context.home, self.environ, context.clock, organisation)

    def close(self) -> None:
        """Give the database connections back."""
        self.context.engine.dispose()


def open_app(
    home: Path,
    *,
    actor: str = "system",
    clock: Clock | None = None,
    environ: Mapping[str, str] | None = None,
    check_schema: bool = True,
) -> App:
    """Open a workspace.

    Args:
        home: the workspace's folder.
        actor: who stands in the audit log.
        clock: another clock than the machine's (tests, the simulated city).
        environ: another environment than the process's.
        check_schema: refuse a database that is not of this program's revision.

    Raises:
        ConfigurationError: a file under `config/` or an environment variable is wrong.
        KeyFileError: the key file is missing, open to others, damaged, or another workspace's.
        SchemaError: the database is not of this program's revision.
    """
    environ = os.environ if environ is None else environ
    settings = load_settings(home, environ)
    name_organisation(settings.organisation.name)
    context = Context(
        home=home,
        settings=settings,
        engine=open_engine(settings.database.url, home),
        keys=load_keys(home, settings),
        calendar=load_calendar(home, settings),
        clock=clock or SystemClock(),
        actor=actor,
    )
    if check_schema:
        migrate.check(context.engine)
        check_keys(context)
    return App(context, environ)


def check_keys(context: Context) -> None:
    """Make sure that the keys are the database's own: a draw by another's cannot be repeated.

    Raises:
        KeyFileError: they open nothing that it holds.
    """
    with reading(context.engine) as connection:
        sealed = connection.scalar(select(draws.c.seed).limit(1))
        if sealed is None:
            latest = select(cases.c.phone).order_by(cases.c.id.desc()).limit(1)
            sealed = connection.scalar(latest)
    if sealed is not None:
        context.keys.decrypt(sealed)


def load_keys(home: Path, settings: Settings) -> Keys:
    """Read the keys from the environment's text or the key file."""
    if settings.privacy.key:
        return parse_keys(settings.privacy.key)
    return read_key_file(home / settings.privacy.key_file)


def load_calendar(home: Path, settings: Settings) -> Calendar:
    """Make the calendar of the workspace's time zone and overrides."""
    return Calendar(ZoneInfo(settings.timezone), load_overrides(home / "config" / "calendar"))
