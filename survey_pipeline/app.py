"""The composition root: settings, engine, keys, calendar, clock and gateways become one `App`.

Time, randomness and the environment enter here and nowhere else.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from survey_pipeline.calendar import Calendar, Clock, SystemClock, load_overrides
from survey_pipeline.configuration_log import ConfigurationLog
from survey_pipeline.context import Context
from survey_pipeline.gateways.port import Gateway, GatewayEnvironment
from survey_pipeline.gateways.registry import make_gateways
from survey_pipeline.i18n import name_organisation
from survey_pipeline.settings import Settings, load_settings
from survey_pipeline.store import migrate
from survey_pipeline.store.crypto import Keys, parse_keys, read_key_file
from survey_pipeline.store.engine import open_engine
from survey_pipeline.store.key_changes import check_keys, guard, keys_in_force


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

    @cached_property
    def configuration(self) -> ConfigurationLog:
        """What this process has put on record of its configuration."""
        return ConfigurationLog(self.context)

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
    when_key_changed: Callable[[], None] | None = None,
) -> App:
    """Open a workspace.

    Where the schema is checked, the data key is as well, now and at each transaction.

    Args:
        home: the workspace's folder.
        actor: who stands in the audit log.
        clock: another clock than the machine's (tests, the simulated city).
        environ: another environment than the process's.
        check_schema: refuse a database that is not of this program's revision.
        when_key_changed: is told if the data key is another one than at the start.

    Raises:
        ConfigurationError: a file under `config/` or an environment variable is wrong.
        DataKeyChanged: the data key is being changed.
        KeyFileError: the key file is missing, open to others, damaged, or another workspace's.
        SchemaError: the database is not of this program's revision.
    """
    environ = os.environ if environ is None else environ
    settings = load_settings(home, environ)
    name_organisation(settings.organisation.name)
    engine, keys = (
        open_engine(settings.database.url, home, connections=settings.database.connections),
        load_keys(home, settings),
    )
    if check_schema:
        migrate.check(engine)
        keys = keys_in_force(engine, keys)
        check_keys(engine, keys)
        guard(engine, keys, when_key_changed)
    context = Context(
        home=home,
        settings=settings,
        engine=engine,
        keys=keys,
        calendar=load_calendar(home, settings),
        clock=clock or SystemClock(),
        actor=actor,
    )
    return App(context, environ)


def load_keys(home: Path, settings: Settings) -> Keys:
    """Read the keys from the environment's text or the key file."""
    if settings.privacy.key:
        return parse_keys(settings.privacy.key)
    return read_key_file(home / settings.privacy.key_file)


def load_calendar(home: Path, settings: Settings) -> Calendar:
    """Make the calendar of the workspace's time zone and overrides."""
    return Calendar(ZoneInfo(settings.timezone), load_overrides(home / "config" / "calendar"))
