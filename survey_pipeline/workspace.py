"""Makes a workspace: shipped configuration, templates, keys and database; never overwrites."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from survey_pipeline.edited import shipped
from survey_pipeline.errors import ConfigurationError
from survey_pipeline.i18n import LOCALES
from survey_pipeline.settings import CONFIG_FILE, Settings, load_settings
from survey_pipeline.store import migrate
from survey_pipeline.store.crypto import Keys, new_keys, write_key_file
from survey_pipeline.store.engine import database_file, open_engine
from survey_pipeline.store.files import (
    OWNER_ONLY,
    OWNER_ONLY_FOLDER,
    replace_content,
    sync,
)
from survey_pipeline.validation import os_problem

PARTS = ("config", "templates")
"""What operators edit, and what a new workspace therefore gets a copy of."""


@dataclass(frozen=True)
class NewWorkspace:
    """What `create_workspace` made, and what was there already."""

    directory: Path
    made: list[str]
    kept: list[str]


def shipped_reports() -> Path:
    """Return the folder with reports as offices really send them (for the demo)."""
    inside = shipped() / "reports"
    return inside if inside.is_dir() else shipped() / "tests" / "data" / "reports"


def create_workspace(
    directory: Path, keys: Keys | None = None, environ: Mapping[str, str] | None = None
) -> NewWorkspace:
    """Make a workspace in a folder, which may exist; files that are there stay as they are.

    Args:
        directory: the workspace's folder.
        keys: keys to use instead of new ones made at random (the demo's repeat).
        environ: environment variables that overlay the configuration: the database may be another.

    Raises:
        ConfigurationError: the folder cannot be written, or its present configuration is wrong.
    """
    made, kept = put_missing_files(directory, (environ or {}).get("SURVEY_LOCALE", LOCALES[0]))
    settings = load_settings(directory, environ or {})
    _make_keys(directory, settings, keys or new_keys(), made, kept)
    _make_database(directory, settings, made, kept)
    return NewWorkspace(directory, made, kept)


def put_missing_files(directory: Path, locale: str) -> tuple[list[str], list[str]]:
    """Copy the shipped files that a workspace does not have; those that are there stay.

    Args:
        directory: the workspace's folder.
        locale: of the comments in the configuration.

    Returns:
        The names of the files that were made, and of those that were there.

    Raises:
        ConfigurationError: the folder cannot be written.
    """
    made: list[str] = []
    kept: list[str] = []
    try:
        for source, target in _files(directory, locale):
            name = str(target.relative_to(directory))
            if target.exists():
                kept.append(name)
                continue
            make_folder(target.parent)
            replace_content(target, source.read_bytes())
            made.append(name)
    except OSError as error:
        raise ConfigurationError(
            "{directory} cannot be written: {problem}",
            directory=directory,
            problem=os_problem(error),
        ) from error
    return made, kept


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for their owner alone."""
    if not folder.exists():
        make_folder(folder.parent)
        folder.mkdir(OWNER_ONLY_FOLDER, exist_ok=True)
        sync(folder.parent)


def _files(directory: Path, locale: str) -> Iterator[tuple[Path, Path]]:
    """Yield each shipped file and its place; the configuration's comments are in `locale`."""
    translated = {f"{CONFIG_FILE.stem}.{name}{CONFIG_FILE.suffix}" for name in LOCALES}
    for part in PARTS:
        root = shipped() / part
        for source in sorted(root.rglob("*")):
            if not source.is_file() or source.name.startswith(".") or source.name in translated:
                continue
            place = Path(part) / source.relative_to(root)
            yield _in_words_of(locale, source), directory / place


def _in_words_of(locale: str, source: Path) -> Path:
    """Return a file's translation, where there is one: `pipeline.zh_CN.toml`."""
    translation = source.with_suffix(f".{locale}{source.suffix}")
    return translation if translation.is_file() else source


def _make_keys(
    directory: Path, settings: Settings, keys: Keys, made: list[str], kept: list[str]
) -> None:
    path = directory / settings.privacy.key_file
    name = str(settings.privacy.key_file)
    try:
        write_key_file(path, keys)
        made.append(name)
    except FileExistsError:
        kept.append(name)
    except OSError as error:
        raise ConfigurationError(
            "{directory} cannot be written: {problem}",
            directory=path.parent,
            problem=os_problem(error),
        ) from error


def _make_database(directory: Path, settings: Settings, made: list[str], kept: list[str]) -> None:
    engine = open_engine(settings.database.url, directory)
    try:
        if (file := database_file(engine)) is not None:
            _make_file(file)
        before, after = migrate.upgrade(engine)
    finally:
        engine.dispose()
    if file is not None:
        sync(file.parent)  # SQLite keeps its pages on the disk, not the name of its file
    (kept if before == after else made).append("database")


def _make_file(path: Path) -> None:
    """Make the database's file for its owner alone; SQLite's journals take over its mode."""
    try:
        path.touch(OWNER_ONLY)
    except OSError as error:
        raise ConfigurationError(
            "{directory} cannot be written: {problem}",
            directory=path.parent,
            problem=os_problem(error),
        ) from error
