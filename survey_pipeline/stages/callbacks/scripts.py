"""What callers say: Jinja2 files under `templates/calls/`, which operators edit.

Each reason to call has its script, and every script asks the question, so that all answers can be
compared. A category may have its own (`call.health.txt`). A file that the workspace does not have,
or that cannot be used, is the packaged one: the caller must have words for the call. Those of
health and education are never given the case's item (`MATTER_UNSAID`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from survey_pipeline.edited import shipped
from survey_pipeline.errors import ConfigurationError
from survey_pipeline.i18n import ORGANISATION, Message
from survey_pipeline.vocabulary import MATTER_UNSAID, CallReason, Category

if TYPE_CHECKING:
    from survey_pipeline.text_templates import TextTemplate

FOLDER = Path("templates/calls")
SCRIPTS: Mapping[CallReason, str] = {
    CallReason.LANDLINE: "call",
    CallReason.UNDELIVERED: "call",
    CallReason.UNCLEAR: "call_unclear",
    CallReason.NO_REPLY: "call",
    CallReason.DISSATISFIED: "call_dissatisfied",
    CallReason.VERIFY: "call_verify",
}
"""The name of the script, by reason."""


@dataclass(frozen=True)
class ScriptCase:
    """What a script may say of a case."""

    organisation: str
    """The office that asks."""
    office: str
    parent: str
    """The department above the office."""
    item: str
    served_on: date


SAMPLE = ScriptCase(
    organisation=ORGANISATION,
    office="市市场监督管理局企业注册处",
    parent="市市场监督管理局",
    item="企业设立登记",
    served_on=date(2023, 12, 31),
)


def script_of(home: Path, reason: CallReason, category: str, about: ScriptCase) -> str:
    """Return what the caller says.

    Args:
        home: the workspace.
        reason: why the case is called.
        category: of the office.
        about: the case.
    """
    try:
        path = _script(home, SCRIPTS[reason], category)
        return _rendered(path, about)
    except ConfigurationError:  # the page of the day and `doctor` name the file
        return _rendered(_script(shipped(), SCRIPTS[reason], category), about)


def sample_of(organisation: str) -> ScriptCase:
    """Return the made-up case, asked by an office."""
    return replace(SAMPLE, organisation=organisation)


def rehearse_script(name: str, source: str, about: ScriptCase) -> tuple[str, Mapping[str, object]]:
    """Return what a caller would say by a source, and what it is filled with.

    Raises:
        ConfigurationError: the source cannot be used.
    """
    from survey_pipeline.text_templates import parse_text_template  # noqa: PLC0415 - as in _read

    path = FOLDER / f"{name}.txt"
    variables = _variables(path, about)
    return parse_text_template(path, source).render(variables), variables


def check_scripts(home: Path) -> Iterator[Message]:
    """Yield what is wrong with the workspace's scripts, in words."""
    for name in dict.fromkeys(SCRIPTS.values()):
        for category in ("", *Category):
            path = home / FOLDER / _file(name, category)
            if path.exists():
                yield from _problems(path)


def _problems(path: Path) -> Iterator[Message]:
    try:
        _rendered(path, SAMPLE)
    except ConfigurationError as error:
        yield error.message


def _script(home: Path, name: str, category: str) -> Path:
    """Return the script's file: the category's before the general one, ours before the packaged."""
    places = [
        folder / FOLDER / file
        for file in (_file(name, category), _file(name, ""))
        for folder in (home, shipped())
    ]
    return next((path for path in places if path.exists()), places[-1])


def _file(name: str, category: str) -> str:
    return f"{name}.{category}.txt" if category else f"{name}.txt"


def _rendered(path: Path, about: ScriptCase) -> str:
    """Fill a script in.

    Raises:
        ConfigurationError: it cannot be used.
    """
    return _read(path).render(_variables(path, about))


def _variables(path: Path, about: ScriptCase) -> Mapping[str, object]:
    """Return what a script is given; one that must not name the matter never has the item."""
    unsaid = path.stem.partition(".")[2] in MATTER_UNSAID
    return {name: value for name, value in asdict(about).items() if name != "item" or not unsaid}


def _read(path: Path) -> "TextTemplate":
    # Jinja2 loads where a script is shown: other commands look at this room and show none
    from survey_pipeline.text_templates import read_text_template  # noqa: PLC0415

    return read_text_template(path)
