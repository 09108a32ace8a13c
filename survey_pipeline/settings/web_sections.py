"""The sections of `config/pipeline.toml` on the running program: its pages, access and log."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Literal
from urllib.parse import urlsplit

from pydantic import field_validator

from survey_pipeline.i18n import N_, Message
from survey_pipeline.settings.section import Section
from survey_pipeline.vocabulary import FACTOR_ROLES, Role

Network = IPv4Network | IPv6Network


class Web(Section):
    """The pages' address, and what stands in front of them."""

    public_url: str = ""
    """Where people reach the pages, if a proxy tells another name than theirs: scheme and name."""
    proxies: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
    """Networks of proxies that are trusted for the client's address and for TLS."""

    @field_validator("public_url")
    @classmethod
    def _address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and not (parts.scheme in ("http", "https") and parts.hostname):
            raise ValueError(N_("write an address as https://surveys.example.org"))
        return value


class Security(Section):
    """Who must sign in with more than a password."""

    second_factor_for: tuple[Role, ...] = ()
    """Roles that must set up a second factor before anything else; the others of
    `FACTOR_ROLES` may."""

    @field_validator("second_factor_for")
    @classmethod
    def _may_have_one(cls, value: tuple[Role, ...]) -> tuple[Role, ...]:
        if not set(value) <= set(FACTOR_ROLES):
            known = ", ".join(FACTOR_ROLES)
            raise ValueError(Message("name roles of these alone: {roles}", {"roles": known}))
        return value


class Metrics(Section):
    """Who may read `/metrics`."""

    allow: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
    """Networks; this machine alone unless said."""


class Logging(Section):
    """How `run`, `worker` and `serve` write their log."""

    format: Literal["text", "json"] = "text"
    """`text`: lines for people with `key=value`; `json`: an object a line for log collectors."""
