"""The texts to citizens and the callers' scripts: listed, tried, saved, put back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from survey_pipeline.context import Context
from survey_pipeline.edited import read_edited, shipped
from survey_pipeline.editing.edited_place import EditedPlace
from survey_pipeline.errors import ConfigurationError, UnknownRecord, UsageError
from survey_pipeline.i18n import N_, Message
from survey_pipeline.stages.callbacks import scripts
from survey_pipeline.stages.dispatch import templates
from survey_pipeline.stages.dispatch.segments import Size, measure
from survey_pipeline.stages.review import invitation_plan
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.locks import lock_name
from survey_pipeline.store.tables import audit_log, messages
from survey_pipeline.vocabulary import Audited, Category, MessageState

SMS, CALLS = "sms", "calls"
INVITATION = invitation_plan.TEMPLATE
NAMES: Mapping[str, Sequence[str]] = {
    SMS: (*templates.TEXTS, INVITATION),
    CALLS: tuple(dict.fromkeys(scripts.SCRIPTS.values())),
}
"""The general texts by their folder under `templates/`; a category may have its own of each."""
SAMPLE_LINK = "https://surveys.example.org/review/" + invitation_plan.SAMPLE_TOKEN
CHANGED = N_("This text was changed meanwhile. Yours is kept below: compare them, then save.")
UNCHANGED = N_("That is the text as it is: nothing was changed.")


@dataclass(frozen=True)
class EditableText:
    """A text, and whether the workspace has it."""

    folder: str
    name: str
    """Of the file without its ending: `survey`, `survey.health`."""
    exists: bool

    @property
    def base(self) -> str:
        """The general text that it is, or stands for."""
        return self.name.partition(".")[0]

    @property
    def category(self) -> str:
        """The category that it is for; blank for a general text."""
        return self.name.partition(".")[2]

    @property
    def file(self) -> Path:
        """Its place in the workspace."""
        return Path("templates", self.folder, f"{self.name}.txt")


@dataclass(frozen=True)
class TextTrial:
    """A text filled with a made-up case."""

    text: str
    """Empty where it cannot be written."""
    size: Size | None
    """How it travels; None for a script."""
    variables: Mapping[str, str]
    """What it may say, with the values of the made-up case."""
    problems: Sequence[Message]
    """Why it may not go out."""


@dataclass(frozen=True)
class TextVersion:
    """A text as it was saved on a page."""

    entry: int
    """Of the audit log."""
    at: datetime
    by: str
    reason: str
    version: str
    text: str


def editable_texts(context: Context) -> list[EditableText]:
    """Return every text that there is, and the general ones."""
    return [
        text
        for folder, names in NAMES.items()
        for name in names
        for text in _with_categories(context, folder, name)
        if text.exists or not text.category
    ]


def _with_categories(context: Context, folder: str, name: str) -> Iterator[EditableText]:
    yield _text(context, folder, name)
    if name != INVITATION:
        yield from (_text(context, folder, f"{name}.{category}") for category in Category)


def _text(context: Context, folder: str, name: str) -> EditableText:
    text = EditableText(folder, name, exists=False)
    return EditableText(folder, name, (context.home / text.file).is_file())


def find_text(context: Context, folder: str, name: str) -> EditableText:
    """Return a text by folder and name; one of a category need not be there yet.

    Raises:
        UnknownRecord: there is no such text.
    """
    for known in NAMES.get(folder, ()):
        for text in _with_categories(context, folder, known):
            if text.name == name:
                return text
    raise UnknownRecord("there is no text {name}", name=f"{folder}/{name}")


def source_of(context: Context, text: EditableText) -> str:
    """Return what stands in a text's file; without one, the general or the shipped text."""
    for file in (text.file, _general(text).file):
        found = EditedPlace(context, file, Audited.TEMPLATES, "").text()
        if found is not None:
            return found
    return shipped_source(text) or ""


def shipped_source(text: EditableText) -> str | None:
    """Return the shipped text; None where none is shipped."""
    file = shipped() / text.file
    return read_edited(file) if file.is_file() else None


def _general(text: EditableText) -> EditableText:
    return EditableText(text.folder, text.base, exists=True)


def try_text(context: Context, text: EditableText, source: str) -> TextTrial:
    """Fill a source in with a made-up case, and say why it may not go out."""
    variables = _sample_variables(context, text)
    try:
        written, problems = _written(context, text, source)
    except ConfigurationError as error:
        return TextTrial("", None, variables, [error.message])
    size = measure(written) if text.folder == SMS else None
    return TextTrial(written, size, variables, problems)


def _written(context: Context, text: EditableText, source: str) -> tuple[str, list[Message]]:
    """Return a text as it would be written, and its problems.

    Raises:
        ConfigurationError: it cannot be written.
    """
    if text.folder == CALLS:
        about = _script_case(context)
        return scripts.rehearse_script(text.name, source, about)[0], []
    if text.base == INVITATION:
        variables = {**_sample_variables(context, text)}
        return invitation_plan.rehearse_invitation(source, variables), []
    template = templates.parse_template(text.name, source)
    name = context.settings.organisation.name
    written = template.render(template.variables(templates.SAMPLE, name))
    return written, list(templates.problems_of(template, context.settings))


def _sample_variables(context: Context, text: EditableText) -> Mapping[str, str]:
    name = context.settings.organisation.name
    if text.folder == CALLS:
        found: Mapping[str, Any] = scripts.rehearse_script(text.name, "", _script_case(context))[1]
    elif text.base == INVITATION:
        found = invitation_plan.variables_of(context, context.today().year, SAMPLE_LINK)
    else:
        found = templates.sample_variables(text.name, name)
    return {key: str(value) for key, value in found.items()}


def _script_case(context: Context) -> scripts.ScriptCase:
    return scripts.sample_of(context.settings.organisation.name)


def save_text(
    context: Context, text: EditableText, source: str, seen: str, reason: str = ""
) -> str:
    """Save a text, checked as the program checks it before texts go out; return its version.

    What is written already keeps its words: every stored text has its own.

    Args:
        context: the workspace; its actor saves.
        text: which.
        source: its new content.
        seen: the version on which the change rests.
        reason: why, as the audit log keeps it.

    Raises:
        UsageError: it may not go out as it is, nothing changes, or somebody else has changed it.
        CannotProceed: the file cannot be written.
    """
    source = tidy_source(source)
    if problems := try_text(context, text, source).problems:
        raise _refused(problems)
    place = EditedPlace(context, text.file, Audited.TEMPLATES, f"{text.folder}/{text.name}")
    with writing(context.engine) as connection:
        lock_name(connection, Audited.TEMPLATES, place.key)
        old = place.text()
        if templates.version_of(source_of(context, text)) != seen:
            raise UsageError(CHANGED)
        if old == source:
            raise UsageError(UNCHANGED)
        before = None if old is None else _noted(old)
        place.replace(connection, source, before, _noted(source), reason or None)
    return templates.version_of(source)


def tidy_source(source: str) -> str:
    """Return a text as a file holds it: plain line ends, the last one too."""
    return "\n".join(source.splitlines()).strip("\n") + "\n"


def _noted(source: str) -> dict[str, str]:
    return {"version": templates.version_of(source), "source_text": source}


def _refused(problems: Sequence[Message]) -> UsageError:
    error = UsageError(problems[0].text, **problems[0].params)
    error.others = tuple(problems[1:])
    return error


def versions_of_text(context: Context, text: EditableText) -> list[TextVersion]:
    """Return a text's versions that pages have saved or replaced, the latest first."""
    query = (
        select(audit_log)
        .where(
            audit_log.c.kind == Audited.TEMPLATES, audit_log.c.key == f"{text.folder}/{text.name}"
        )
        .order_by(audit_log.c.id.desc())
    )
    with reading(context.engine) as connection:
        rows = connection.execute(query).all()
    found = [
        TextVersion(row.id, row.at, row.actor, row.reason or "", **_kept(row.after))
        for row in rows
        if row.after
    ]
    if rows and rows[-1].before:
        first = rows[-1]
        found.append(TextVersion(0, first.at, "", "", **_kept(first.before)))
    return found


def _kept(noted: Mapping[str, str]) -> dict[str, str]:
    return {"version": noted["version"], "text": noted["source_text"]}


def put_back(context: Context, text: EditableText, version: str, seen: str) -> str:
    """Save an earlier version of a text again, or the shipped text (`shipped`).

    Raises:
        UnknownRecord: there is no such version.
        UsageError: as `save_text`.
    """
    if version == "shipped":
        source = shipped_source(text)
    else:
        kept = versions_of_text(context, text)
        source = next((found.text for found in kept if found.version == version), None)
    if source is None:
        raise UnknownRecord("there is no version {version} of this text", version=version)
    return save_text(context, text, source, seen, f"back to {version}")


def waiting_by_version(context: Context, text: EditableText) -> Mapping[str, int]:
    """Return how many texts wait to go out with the words of which version."""
    if text.folder != SMS:
        return {}
    query = (
        select(messages.c.template_version, func.count())
        .where(messages.c.state == MessageState.QUEUED, messages.c.template == f"{text.name}.txt")
        .group_by(messages.c.template_version)
    )
    with reading(context.engine) as connection:
        return {row[0]: row[1] for row in connection.execute(query)}
