"""Finds gateways by entry point, so that a third party's package adds one."""

from collections.abc import Sequence
from importlib.metadata import entry_points
from typing import cast

from survey_pipeline.errors import ConfigurationError
from survey_pipeline.gateways.port import Gateway, GatewayEnvironment, GatewayFactory
from survey_pipeline.settings import Gateway as GatewaySettings

GROUP = "survey_pipeline.gateways"


def kinds() -> list[str]:
    """Return the kinds of gateway that are installed."""
    return sorted({point.name for point in entry_points(group=GROUP)})


def make_gateway(settings: GatewaySettings, environment: GatewayEnvironment) -> Gateway:
    """Make one configured gateway.

    Raises:
        ConfigurationError: its kind is not installed, or its settings are wrong.
    """
    found = [point for point in entry_points(group=GROUP) if point.name == settings.kind]
    if not found:
        raise ConfigurationError(
            "config/pipeline.toml: no gateway of kind {kind} is installed. Known: {kinds}",
            kind=settings.kind,
            kinds=", ".join(kinds()),
        )
    factory = cast(GatewayFactory, found[0].load())
    return factory(settings, environment)


def make_gateways(
    settings: Sequence[GatewaySettings], environment: GatewayEnvironment
) -> dict[str, Gateway]:
    """Make every configured gateway, by label, in the order of the file."""
    return {gateway.label: make_gateway(gateway, environment) for gateway in settings}
