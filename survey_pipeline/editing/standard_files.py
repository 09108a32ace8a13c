"""The standards of a workspace: the files of `config/standards/`, and which of them may change."""

from pathlib import Path

from survey_pipeline.context import Context
from survey_pipeline.errors import ConfigurationError, UnknownRecord
from survey_pipeline.standard.load import FOLDER, read_standard
from survey_pipeline.standard.model import Standard


def standard_names(context: Context) -> list[str]:
    """Return the names of the workspace's standards, the newest name last."""
    return sorted(path.stem for path in (context.home / FOLDER).glob("*.toml"))


def path_of_standard(context: Context, name: str) -> Path:
    """Return the file of a standard.

    Raises:
        UnknownRecord: there is none of that name.
    """
    if name not in standard_names(context):
        raise UnknownRecord("there is no standard {name} in {folder}", name=name, folder=FOLDER)
    return context.home / FOLDER / f"{name}.toml"


def read_named_standard(context: Context, name: str) -> Standard:
    """Return a standard by its name.

    Raises:
        UnknownRecord: there is none of that name.
        ConfigurationError: its file is wrong.
    """
    return read_standard(path_of_standard(context, name))[0]


def standards_of(context: Context, year: int) -> list[Standard]:
    """Return the standards of an appraisal year; files that are wrong are left out."""
    found = []
    for name in standard_names(context):
        try:
            standard = read_named_standard(context, name)
        except ConfigurationError:
            continue
        if standard.year == year:
            found.append(standard)
    return found


def may_change(context: Context, standard: Standard) -> bool:
    """Return whether a standard's figures may still change on a page.

    One that is listed for its year stays from the day its window begins: scores rest on it.
    """
    listed = context.settings.standards.get(standard.year) == standard.id
    return not listed or context.today() <= standard.window.after
