"""What `doctor` looks at in the keys: is one data key held, or two, and what to do then."""

from collections.abc import Iterator

from survey_pipeline.app import App
from survey_pipeline.checks.check import Check, ok, warning
from survey_pipeline.i18n import N_, Message
from survey_pipeline.store.key_changes import keys_in_force

NAME = "keys"
_ROTATE = N_("run survey-pipeline privacy rotate-key")


def look_at_data_key(app: App) -> Iterator[Check]:
    """Name a second data key; a change that is under way is what the check of the database says.

    Raises:
        DataKeyChanged: the data key is being changed.
        KeyFileError: the database is under a data key that is not held.
    """
    held = app.context.keys
    in_force = keys_in_force(app.context.engine, held)
    if held.following is None:
        yield ok(NAME, N_("one data key is held, the database's own"))
    elif in_force != held.following:
        yield warning(
            NAME,
            Message(N_("two data keys are held, and the change has not begun")),
            Message(_ROTATE),
        )
    else:
        yield _old_one_held(app)


def _old_one_held(app: App) -> Check:
    found = Message(N_("the data key is changed, and the old one is still held beside it"))
    if not app.context.settings.privacy.key:
        return warning(NAME, found, Message(_ROTATE))
    text = N_(
        "put the new text into {variable}: survey-pipeline privacy rotate-key says where it is"
    )
    return warning(NAME, found, Message(text, {"variable": "SURVEY_PRIVACY__KEY"}))
