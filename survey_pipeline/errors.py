"""Every exception that we raise.

The tree::

    SurveyPipelineError
    ├── UsageError              the call itself is wrong: exit code 2
    ├── CannotProceed           it cannot be done as things stand: exit code 4
    │   ├── ConfigurationError  a file under config/ or an environment variable
    │   ├── UnreadableFile      an imported file without a usable header, or damaged
    │   ├── SchemaError         the database is missing, older or newer than the program
    │   ├── UnknownRecord       there is no office, case, call or reply of that key
    │   ├── DrawError           a day that may not be drawn, or a draw that does not verify
    │   ├── IllegalMove         a state change that the tables of allowed moves do not have
    │   ├── CallHeld            another caller holds the call
    │   └── KeyFileError        the key file is missing, unreadable, or another one's
    ├── DatabaseFault           the database cannot be reached, read or written: exit code 4
    │   └── DataKeyChanged      its data key is being changed, or is another one by now
    └── WebhookRefused          a provider's request without a valid signature: answered 403
        └── WebhookUnreadable   with one, but not understood: answered 500, so that it comes again

Each carries a `Message`: one line in words, translated where it is shown. Nothing else may leave
the program for something that the user can put right. What helps at the command line alone is kept
apart (`at_terminal`): the pages have buttons of their own for it.
"""

from typing import ClassVar, Self

from survey_pipeline.i18n import Message


class SurveyPipelineError(Exception):
    """The root of the tree; `message` is one line for a person."""

    exit_code: ClassVar[int] = 1

    def __init__(self, text: str, /, **params: object) -> None:
        """Set the English text with `{placeholders}` and the values that fill them.

        `others` are more faults of the same kind, found in the same look.
        """
        self.message = Message(text, params)
        self.remedy: Message | None = None
        self.others: tuple[Message, ...] = ()
        super().__init__(str(self.message))

    def at_terminal(self, text: str, /, **params: object) -> Self:
        """Add which command helps; only the command line says it, behind the message."""
        self.remedy = Message(text, params)
        return self


class UsageError(SurveyPipelineError):
    """The command was called in a way that it does not offer."""

    exit_code = 2


class CannotProceed(SurveyPipelineError):
    """The command is right, but configuration or data do not allow it now."""

    exit_code = 4


class ConfigurationError(CannotProceed):
    """A configuration file or environment variable is wrong; the text names file, key, remedy."""


class UnreadableFile(CannotProceed):
    """A file to import has no usable header, is damaged, or asks for more than it may."""


class SchemaError(CannotProceed):
    """The database has no tables, or those of another version of the program."""


class UnknownRecord(CannotProceed):
    """No record has that key."""


class DrawError(CannotProceed):
    """The day cannot be drawn, was never drawn, or its draw does not verify."""


class IllegalMove(CannotProceed):
    """A state change that the tables of allowed moves (`vocabulary.moves`) do not have."""


class CallHeld(CannotProceed):
    """Another caller holds the call."""


class KeyFileError(CannotProceed):
    """The key file cannot be read, is open to others, or does not fit the database."""


class DatabaseFault(SurveyPipelineError):
    """The database cannot be reached, read or written; it is no answer about any record."""

    exit_code = 4


class DataKeyChanged(DatabaseFault):
    """The database's data key is being changed, or was since the keys were read.

    To this process it is as if the database were away: what waits for it waits on.
    """


class WebhookRefused(SurveyPipelineError):
    """A webhook request is not the provider's, or cannot be read; nothing of it is kept."""


class WebhookUnreadable(WebhookRefused):
    """A request that is the provider's cannot be read, which is a fault of ours or of theirs."""
