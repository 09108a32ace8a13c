"""Who may call the webhooks of a provider that signs nothing: a token, and perhaps addresses."""

import hmac
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Annotated, Self

from pydantic import BeforeValidator

from survey_pipeline.gateways.findings import right, wrong
from survey_pipeline.gateways.own_keys import Address, OwnKeys, secret
from survey_pipeline.gateways.port import Finding, GatewayEnvironment
from survey_pipeline.i18n import N_
from survey_pipeline.settings import Gateway as GatewaySettings

SHORTEST_TOKEN = 20
"""Fewest characters of a token: who guesses it can answer for citizens."""


def _network(value: object) -> IPv4Network | IPv6Network:
    try:
        return ip_network(str(value))
    except ValueError:
        raise ValueError(N_("write addresses as 192.0.2.1, or networks as 192.0.2.0/24")) from None


Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]
"""An address or a network."""


class CalledKeys(OwnKeys):
    """The keys of a gateway whose webhooks are guarded by a token in their address."""

    public_url: Address | None = None
    webhook_token_env: str = ""
    webhook_token_file: str = ""
    allow_from: tuple[Network, ...] = ()
    """Networks that may call; empty: all."""


class Callers:
    """Those who may call our webhooks.

    Args:
        token: the token in the request's address; without it the request is refused.
        networks: from where; anywhere where there is none.
    """

    def __init__(self, token: str, networks: Sequence[IPv4Network | IPv6Network]) -> None:
        self.token = token
        self._networks = networks

    @classmethod
    def of(
        cls, keys: CalledKeys, settings: GatewaySettings, environment: GatewayEnvironment
    ) -> Self:
        """Read who may call; the token is needed only if webhooks are used.

        Raises:
            ConfigurationError: `public_url` or a key of the token is set, and the token is missing.
        """
        variable, file = keys.webhook_token_env, keys.webhook_token_file
        called = keys.public_url or variable or file
        token = secret(settings, environment, "webhook_token", variable, file) if called else ""
        return cls(token, keys.allow_from)

    def include(self, token: bytes, peer: str) -> bool:
        """Return whether a request with this token from this address is one of theirs.

        Raises:
            ValueError: the address is none.
        """
        known = hmac.compare_digest(token, self.token.encode()) and bool(self.token)
        return known and self._may_come_from(peer)

    def _may_come_from(self, peer: str) -> bool:
        if not self._networks:
            return True
        address = ip_address(peer)
        if address.version == 6 and address.ipv4_mapped:  # how a dual-stack socket names IPv4
            address = address.ipv4_mapped
        return any(address in network for network in self._networks)

    def look(self) -> Finding:
        """Return whether the token can be guessed, for `doctor`."""
        if len(self.token) < SHORTEST_TOKEN:
            return wrong(
                N_("the webhook token has fewer than {least} characters"),
                N_("set a random token of at least {least} characters"),
                least=SHORTEST_TOKEN,
            )
        return right(N_("the webhook token is long enough"))
