"""Reads `config/pipeline.toml`, overlaid by the environment, and explains what is wrong in it.

Any key may come from the environment as `SURVEY_<SECTION>__<KEY>` (`SURVEY_SAMPLING__RATE=0.3`;
an entry of a list by its number, `SURVEY_GATEWAY__0__PRIORITY=50`). Unknown keys and wrong values
stop the program with file, key and remedy. Nothing is read at import: `load_settings` is called by
the composition root.
"""

import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import (
    ValidationError,
)

from survey_pipeline.edited import Unreadable, problem_in, read_edited
from survey_pipeline.errors import ConfigurationError
from survey_pipeline.i18n import Message
from survey_pipeline.settings.sections import Settings
from survey_pipeline.validation import problem_of

CONFIG_FILE = Path("config/pipeline.toml")
ENV_PREFIX = "SURVEY_"
OUTSIDE_SETTINGS = frozenset({"HOME", "REQUIRE_ALL"})
"""Variables with our prefix that are not keys of the file."""
MOST_TOLD = 20
"""Mistakes that are told at once."""
SECRET = frozenset({"privacy.key", "sampling.seed", "database.url"})
"""Keys whose values are left out of error messages."""


def load_settings(home: Path, environ: Mapping[str, str]) -> Settings:
    """Read the workspace's settings.

    Args:
        home: the workspace.
        environ: environment variables; those beginning with `SURVEY_` overlay the file.

    Raises:
        ConfigurationError: the file is missing, is not TOML, or a key or value is wrong.
    """
    return parse_settings(read_settings_text(home), environ)


def read_settings_text(home: Path) -> str:
    """Return what stands in the workspace's configuration.

    Raises:
        ConfigurationError: the file is missing, or cannot be read.
    """
    try:
        return read_edited(home / CONFIG_FILE)
    except FileNotFoundError as error:
        raise ConfigurationError(
            "{home} is no workspace: {file} is missing. Run: survey-pipeline init {home}",
            home=home,
            file=CONFIG_FILE,
        ) from error
    except Unreadable as error:
        raise _unreadable(error) from error


def parse_settings(text: str, environ: Mapping[str, str]) -> Settings:
    """Return the settings that stand in a text, overlaid by the environment.

    Raises:
        ConfigurationError: it is not TOML, or a key or value is wrong.
    """
    try:
        data = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise _unreadable(error) from error
    from_environment = _overlay(data, environ)
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        raise _explained(error, from_environment) from error


def _unreadable(error: Exception) -> ConfigurationError:
    return ConfigurationError(
        "{file} cannot be read: {problem}", file=CONFIG_FILE, problem=problem_in(error)
    )


def keys_from_environment(environ: Mapping[str, str]) -> set[str]:
    """Return the keys that the environment sets, as `sampling.rate`."""
    return {".".join(parts) for _, parts in _variables(environ)}


def _variables(environ: Mapping[str, str]) -> Iterator[tuple[str, list[str]]]:
    """Yield the variables that are keys of ours, each with the parts of its key."""
    for name in sorted(environ):
        key = name.removeprefix(ENV_PREFIX)
        if key != name and key not in OUTSIDE_SETTINGS:
            yield name, key.lower().split("__")


def _overlay(data: dict[str, Any], environ: Mapping[str, str]) -> set[str]:
    """Write the environment's values into `data`; return the keys that came from there."""
    named = set()
    for name, parts in _variables(environ):
        _put(data, parts, _value(environ[name]), name)
        named.add(".".join(parts))
    return named


def _put(container: Any, parts: list[str], value: object, name: str) -> None:
    try:
        for part in parts[:-1]:
            if isinstance(container, list):
                container = container[int(part)]
            else:
                container = container.setdefault(part, {})
        if isinstance(container, list):
            container[int(parts[-1])] = value
        else:
            container[parts[-1]] = value
    except (ValueError, IndexError, AttributeError, TypeError) as error:
        raise ConfigurationError(
            "the environment variable {name} names no setting", name=name
        ) from error


def _value(text: str) -> object:
    """Return the text as it is (`12` may be a seed); lists, tables and quoted texts are TOML."""
    if not text.startswith(("[", "{", '"', "'")):
        return text
    try:
        return tomllib.loads(f"value = {text}", parse_float=Decimal)["value"]
    except tomllib.TOMLDecodeError:
        return text


def _explained(error: ValidationError, from_environment: set[str]) -> ConfigurationError:
    problems = [_explained_one(problem, from_environment) for problem in error.errors()]
    problems[0].others = tuple(problem.message for problem in problems[1:MOST_TOLD])
    return problems[0]


def _explained_one(found: Any, from_environment: set[str]) -> ConfigurationError:
    key = ".".join(str(part) for part in found["loc"] if part != "[key]")
    variables = Message("environment {prefix}*", {"prefix": ENV_PREFIX})
    source = variables if key in from_environment else str(CONFIG_FILE)
    if found["type"] == "extra_forbidden":
        return ConfigurationError(
            "{file}: unknown key {key}. Remove it, or check its spelling", file=source, key=key
        )
    return ConfigurationError(
        "{file}: {key} is wrong: {problem} (it says {value})",
        file=source,
        key=key,
        problem=problem_of(found),
        value="..." if key in SECRET else repr(str(found.get("input"))),
    )
