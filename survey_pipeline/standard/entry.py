"""What every entry of a standard has: its clause, its place in the text, its label, who decided."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, NamedTuple

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Strict,
    StrictBool,
    StrictStr,
    StringConstraints,
)
from pydantic import model_validator as after_reading

from survey_pipeline.i18n import N_, Message, with_organisation
from survey_pipeline.standard.whereabouts import Key

PAGE = re.compile(r"docs/decisions/[a-z0-9-]+\.md")
SMALLEST = Decimal("0.0001")
"""What is smaller could not be kept: points are stored in ten-thousandths."""


def _exact(value: object) -> object:
    """Return a figure as an exact decimal; refuse texts and booleans."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError(N_("write a number"))
    figure = Decimal(value)
    if figure.is_finite() and figure != figure.quantize(SMALLEST):
        raise ValueError(N_("a figure has at most four decimals"))
    return figure


Figure = Annotated[Decimal, BeforeValidator(_exact)]
"""An exact figure, never a float."""
Words = Annotated[StrictStr, StringConstraints(min_length=1, strip_whitespace=True)]
Day = Annotated[date, Strict()]
ADOPTION_KEYS = ("adopted_by", "adopted_on", "document_no")
"""What an adopted entry says: all three, or none."""


def _page(value: str) -> str:
    if not PAGE.fullmatch(value):
        raise ValueError(N_("name a page as docs/decisions/volume-coefficient.md"))
    return value


class Table(BaseModel):
    """A table of the file: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Label(Table):
    """A short name in our own words, in both languages; `{organisation}` is who asks."""

    zh: Words
    en: Words

    def in_locale(self, locale: str) -> str:
        """Return the words of a locale (`zh_CN` or `en`)."""
        return with_organisation(self.zh if locale.startswith("zh") else self.en)


class Adoption(NamedTuple):
    """Who adopted a local decision, on which day, by which document."""

    by: str
    on: date
    document: str
    """Its number, or title and number, as it is cited."""


class Entry(Table):
    """One entry of the standard."""

    clause: Words
    """Letter and number in our reading of the text."""
    place: Words
    """The published words it rests on, or which leave it open; as they stand, but see `mended`."""
    mended: StrictBool = False
    """Whether the published page has the words damaged, and `place` as they must have read."""
    label: Label
    decided: Literal["locally"] | None = None
    """Set where the text is silent."""
    page: Annotated[StrictStr, AfterValidator(_page)] | None = None
    """The page that gives the reasons of a local decision."""
    adopted_by: Words | None = None
    """Who adopted it; empty: it is the program's default."""
    adopted_on: Day | None = None
    document_no: Words | None = None
    """The document that says so, as it is cited."""

    @after_reading(mode="after")
    def _reasons(self) -> "Entry":
        if (self.decided is None) != (self.page is None):
            raise ValueError(
                N_('a local decision has both decided = "locally" and page = "docs/..."')
            )
        return self

    @after_reading(mode="after")
    def _adopted_whole(self) -> "Entry":
        given = [name for name in ADOPTION_KEYS if getattr(self, name) is not None]
        if given and self.decided is None:
            problem = N_("only a local decision is adopted; remove it, or mark what is decided")
            raise ValueError(problem, given[0])
        if given and len(given) < len(ADOPTION_KEYS):
            text = N_("write {keys} together, or none of them")
            raise ValueError(Message(text, {"keys": ", ".join(ADOPTION_KEYS)}), given[0])
        return self

    @property
    def adoption(self) -> Adoption | None:
        """Who adopted this local decision, and how; None while it is the program's default."""
        if self.adopted_by is None or self.adopted_on is None or self.document_no is None:
            return None
        return Adoption(self.adopted_by, self.adopted_on, self.document_no)

    @property
    def is_default(self) -> bool:
        """Whether it is a local decision without adoption: the program's default."""
        return self.decided is not None and self.adoption is None


def entries(value: object) -> Iterator[Entry]:
    """Yield every entry of a standard or of a part of it, in the order of the file."""
    return (entry for _, entry in placed_entries(value))


def placed_entries(value: object, path: Key = ()) -> Iterator[tuple[Key, Entry]]:
    """Yield every entry with its path below `value`, in the order of the file."""
    if isinstance(value, Entry):
        yield path, value
    if isinstance(value, Table):
        for name in type(value).model_fields:
            yield from placed_entries(getattr(value, name), (*path, name))
    elif isinstance(value, tuple):
        for position, item in enumerate(value):
            yield from placed_entries(item, (*path, position))
