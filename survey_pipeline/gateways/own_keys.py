"""The keys of a `[[gateway]]` that only its kind knows: checked, and their secrets fetched."""

from pathlib import Path
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from survey_pipeline.edited import Unreadable, problem_in, read_edited
from survey_pipeline.errors import ConfigurationError
from survey_pipeline.gateways.port import GatewayEnvironment
from survey_pipeline.i18n import N_
from survey_pipeline.settings import CONFIG_FILE
from survey_pipeline.settings import Gateway as GatewaySettings
from survey_pipeline.validation import os_problem, problem_of

M = TypeVar("M", bound="OwnKeys")


def _address(value: str) -> str:
    begins = value.startswith(("https://", "http://"))
    if not begins or not value.isascii() or " " in value or not _has_place(value):
        raise ValueError(N_("write an address, as https://surveys.example.org"))
    return value.rstrip("/")


def _has_place(address: str) -> bool:
    """Return whether an address names a host, and no port or host that cannot be."""
    try:
        parts = urlsplit(address)
        (parts.hostname or "").encode("idna")
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


Address = Annotated[str, AfterValidator(_address)]
"""An `http` or `https` address, without a slash at the end."""


class OwnKeys(BaseModel):
    """What a kind of gateway knows beyond the common keys; a key it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def read_own_keys(model: type[M], settings: GatewaySettings) -> M:
    """Check a gateway's own keys.

    Raises:
        ConfigurationError: one is unknown, missing or wrong; the text names file, gateway and key.
    """
    try:
        return model.model_validate(settings.own)
    except ValidationError as error:
        raise _explained(model, settings, error.errors()[0]) from None


def _explained(model: type[OwnKeys], settings: GatewaySettings, first: Any) -> ConfigurationError:
    known = ", ".join(model.model_fields)
    key = ".".join(map(str, first["loc"]))
    params = {"file": CONFIG_FILE, "label": settings.label, "key": key}
    if first["type"] == "extra_forbidden":
        return ConfigurationError(
            "{file}: gateway {label}: unknown key {key}. It knows {known}", known=known, **params
        )
    if first["type"] == "missing":
        return ConfigurationError("{file}: gateway {label}: {key} is missing", **params)
    if not key:
        return ConfigurationError(
            "{file}: gateway {label}: {problem}", problem=problem_of(first), **params
        )
    return ConfigurationError(
        "{file}: gateway {label}: {key} is wrong: {problem} (it says {value})",
        problem=problem_of(first),
        value=repr(str(first.get("input"))),
        **params,
    )


def secret(
    settings: GatewaySettings, environment: GatewayEnvironment, key: str, variable: str, file: str
) -> str:
    """Return a secret from the environment or from the file that the settings name.

    Args:
        settings: the gateway's.
        environment: where the gateway is made.
        key: the secret's key without `_env` or `_file`.
        variable: the variable's name; may be empty.
        file: the file's path, from the workspace; may be empty.

    Raises:
        ConfigurationError: neither holds one.
    """
    found = environment.environ.get(variable, "").strip() if variable else ""
    if not found and file:
        found = _content(settings, environment.home / file, file)
    if found:
        return found
    if variable:
        raise ConfigurationError(
            "gateway {label}: the environment variable {variable} is not set. Set it, or name a "
            "file in {key}_file",
            label=settings.label,
            variable=variable,
            key=key,
        )
    raise ConfigurationError(
        "{file}: gateway {label}: name the environment variable that holds the secret in "
        "{key}_env, or a file in {key}_file",
        file=CONFIG_FILE,
        label=settings.label,
        key=key,
    )


def _content(settings: GatewaySettings, path: Path, name: str) -> str:
    try:
        return read_edited(path).strip()
    except (OSError, Unreadable) as error:
        problem = os_problem(error) if isinstance(error, OSError) else problem_in(error)
        raise ConfigurationError(
            "gateway {label}: {file} cannot be read: {problem}",
            label=settings.label,
            file=name,
            problem=problem,
        ) from error
