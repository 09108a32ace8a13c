"""Settings that operators change: shown as `config/pipeline.toml` has them, and changed there."""

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from survey_pipeline.context import Context
from survey_pipeline.edited import read_edited, shipped
from survey_pipeline.editing.edited_place import EditedPlace
from survey_pipeline.editing.setting_names import EDITABLE, OF_A_GATEWAY
from survey_pipeline.editing.toml_values import Values, quoted, with_values
from survey_pipeline.errors import ConfigurationError, UnknownRecord, UsageError
from survey_pipeline.i18n import N_
from survey_pipeline.settings import (
    CONFIG_FILE,
    Settings,
    keys_from_environment,
    parse_settings,
    read_settings_text,
)
from survey_pipeline.standard.whereabouts import Key
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.locks import lock_name
from survey_pipeline.store.tables import audit_log
from survey_pipeline.vocabulary import Audited

CHANGED = N_("The settings were changed meanwhile. Yours are kept below: compare them, then save.")
UNCHANGED = N_("Nothing was changed.")
YES, NO = "yes", "no"
GATEWAY_DEFAULTS: Mapping[str, Any] = {"rate_per_second": 0, "concurrency": 16}
"""What the shipped gateway leaves out."""
MOST_CHANGES = 50
_BETWEEN = re.compile(r"[,，、;；\s]+")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


@dataclass(frozen=True)
class EditableSetting:
    """One key as a form shows it."""

    name: str
    """`sending.hours`; of a gateway `gateway.0.priority`."""
    value: str
    """As people write it: a list with commas, yes or no."""
    shape: str
    """`text`, `number`, `list` or `yes_no`."""
    from_environment: bool
    """The environment sets it: what stands in the file has no effect."""

    @property
    def key(self) -> Key:
        """The path in the file."""
        return tuple(int(part) if part.isdigit() else part for part in self.name.split("."))


@dataclass(frozen=True)
class SettingsForm:
    """The settings as they stand in the file."""

    sections: Mapping[str, Sequence[EditableSetting]]
    """By section: `sending`; of a gateway `gateway.0`."""
    gateways: Mapping[str, str]
    """Section of a gateway -> its name."""
    seen: str
    """The version of the file."""
    waiting: Sequence[str]
    """Keys whose value in the file is not the one in force in this process."""


@dataclass(frozen=True)
class SettingsChange:
    """A change that a page made."""

    entry: int
    """Of the audit log."""
    at: datetime
    by: str
    before: Mapping[str, str]
    after: Mapping[str, str]


def settings_form(context: Context, environ: Mapping[str, str]) -> SettingsForm:
    """Return the settings as they stand in the file.

    Raises:
        ConfigurationError: the file is missing or wrong.
    """
    text = read_settings_text(context.home)
    in_file = parse_settings(text, environ)
    sections = _sections(tomllib.loads(text), keys_from_environment(environ))
    gateways = {
        f"gateway.{number}": gateway.label for number, gateway in enumerate(in_file.gateway)
    }
    waiting = sorted(_differing(context.settings, in_file))
    return SettingsForm(sections, gateways, _version(text), waiting)


def _sections(data: Mapping[str, Any], fixed: set[str]) -> dict[str, list[EditableSetting]]:
    defaults = tomllib.loads(read_edited(shipped() / CONFIG_FILE))
    found: dict[str, list[EditableSetting]] = {}
    for section, keys in EDITABLE.items():
        known = {**defaults.get(section, {}), **data.get(section, {})}
        found[section] = [_setting(f"{section}.{key}", known.get(key, ""), fixed) for key in keys]
    for number, gateway in enumerate(data.get("gateway", ())):
        section = f"gateway.{number}"
        known = {**GATEWAY_DEFAULTS, **defaults["gateway"][0], **gateway}
        found[section] = [_setting(f"{section}.{key}", known[key], fixed) for key in OF_A_GATEWAY]
    return found


def _setting(name: str, value: object, fixed: set[str]) -> EditableSetting:
    return EditableSetting(name, _shown(value), _shape(value), name in fixed)


def _shape(value: object) -> str:
    if isinstance(value, bool):
        return "yes_no"
    if isinstance(value, list):
        return "list"
    return "number" if isinstance(value, int | float) else "text"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return YES if value else NO
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def change_settings(
    context: Context, environ: Mapping[str, str], typed: Mapping[str, str], seen: str
) -> Sequence[str]:
    """Write settings into the file, checked as they are when it is loaded; return their names.

    Args:
        context: the workspace; its actor changes them.
        environ: what overlays the file.
        typed: values by name, as people write them; others stay.
        seen: the version of the file on which the change rests.

    Raises:
        UsageError: a value is wrong (`others` has the further ones), nothing changes, or somebody
            else has changed the file.
        CannotProceed: the file cannot be written.
    """
    place = EditedPlace(context, CONFIG_FILE, Audited.SETTINGS, CONFIG_FILE.as_posix())
    with writing(context.engine) as connection:
        lock_name(connection, Audited.SETTINGS, place.key)
        text = read_settings_text(context.home)
        if _version(text) != seen:
            raise UsageError(CHANGED)
        changed = list(_changed(tomllib.loads(text), typed))
        if not changed:
            raise UsageError(UNCHANGED)
        values = {setting.key: _written(setting, typed[setting.name]) for setting in changed}
        new = _checked(text, values, environ)
        before = {setting.name: setting.value for setting in changed}
        after = {setting.name: typed[setting.name].strip() for setting in changed}
        place.replace(connection, new, before, after)
    return [setting.name for setting in changed]


def _changed(data: Mapping[str, Any], typed: Mapping[str, str]) -> Iterator[EditableSetting]:
    """Yield the settings, as they stand, for which another value was typed."""
    for settings in _sections(data, set()).values():
        for setting in settings:
            if setting.name in typed and typed[setting.name].strip() != setting.value:
                yield setting


def _written(setting: EditableSetting, typed: str) -> str:
    """Return what was typed as TOML writes it; a wrong one is found when it is read again."""
    text = typed.strip()
    if setting.shape == "yes_no" and text in (YES, NO):
        return "true" if text == YES else "false"
    if setting.shape == "list":
        return f"[{', '.join(quoted(part) for part in _BETWEEN.split(text) if part)}]"
    if setting.shape == "number" and _NUMBER.fullmatch(text):
        return text.lstrip("+")
    return quoted(text)


def _checked(text: str, values: Values, environ: Mapping[str, str]) -> str:
    """Return the text with other values, if it may be loaded.

    Raises:
        UsageError: it may not.
    """
    new = with_values(text, values)
    try:
        parse_settings(new, environ)
    except ConfigurationError as error:
        refused = UsageError(error.message.text, **error.message.params)
        refused.others = error.others
        raise refused from error
    return new


def list_standard(context: Context, environ: Mapping[str, str], year: int, name: str) -> str | None:
    """Name the standard of a year under `[standards]`; return the one that was named before.

    Raises:
        CannotProceed: the file cannot be written.
    """
    place = EditedPlace(context, CONFIG_FILE, Audited.SETTINGS, CONFIG_FILE.as_posix())
    key = f"standards.{year}"
    with writing(context.engine) as connection:
        lock_name(connection, Audited.SETTINGS, place.key)
        text = read_settings_text(context.home)
        before: str | None = tomllib.loads(text).get("standards", {}).get(str(year))
        if before != name:
            new = _checked(text, {("standards", str(year)): quoted(name)}, environ)
            place.replace(connection, new, {key: before}, {key: name})
    return before


def changes_of_settings(context: Context) -> list[SettingsChange]:
    """Return the latest changes that pages made, the latest first."""
    query = select(audit_log).where(audit_log.c.kind == Audited.SETTINGS)
    with reading(context.engine) as connection:
        rows = connection.execute(query.order_by(audit_log.c.id.desc()).limit(MOST_CHANGES)).all()
    return [
        SettingsChange(row.id, row.at, row.actor, row.before or {}, row.after or {}) for row in rows
    ]


def undo_settings(
    context: Context, environ: Mapping[str, str], entry: int, seen: str
) -> Sequence[str]:
    """Write the values back that held before a change; return the names.

    Raises:
        UnknownRecord: there is no such change.
        UsageError: as `change_settings`.
    """
    found = next((done for done in changes_of_settings(context) if done.entry == entry), None)
    if found is None:
        raise UnknownRecord("there is no entry {number}", number=entry)
    before = {name: value for name, value in found.before.items() if value is not None}
    return change_settings(context, environ, before, seen)


def _version(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _differing(in_force: Settings, in_file: Settings) -> Iterator[str]:
    """Yield the keys in which the file is not what this process works with."""
    now, then = in_force.model_dump(mode="json"), in_file.model_dump(mode="json")
    for section in then:
        if isinstance(then[section], dict):
            for key in {**now[section], **then[section]}:
                if now[section].get(key) != then[section].get(key):
                    yield f"{section}.{key}"
        elif now[section] != then[section]:
            yield section
