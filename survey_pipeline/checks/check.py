"""One thing that `doctor` looked at, and how it came out."""

from dataclasses import dataclass
from enum import StrEnum

from survey_pipeline.i18n import Message


class Level(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    level: Level
    found: Message
    remedy: Message | None = None
    about: str = ""
    """What its page is about, where its name does not say: a kind of gateway."""

    @property
    def page(self) -> str:
        """The how-to, by the name of its file without language and ending."""
        return _PAGES.get(self.about or self.name, "going-live")


_PAGES = {
    "database": "postgresql",
    "calendar": "deadlines",
    "keys": "privacy",
    "documents": "papers",
    "review": "online-review",
    "aliyun": "aliyun",
    "kannel": "kannel",
    "twilio": "twilio",
}
"""By the name of a check, or what it is about; the rest is on the page of going live."""


def ok(name: str, text: str, **values: object) -> Check:
    """Make a check that passed."""
    return Check(name, Level.OK, Message(text, values))


def warning(name: str, found: Message, remedy: Message) -> Check:
    """Make a check that passed with a warning."""
    return Check(name, Level.WARNING, found, remedy)


def failed(name: str, found: Message, remedy: Message | None = None) -> Check:
    """Make a check that failed."""
    return Check(name, Level.FAILED, found, remedy)
