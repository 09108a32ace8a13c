"""What every entry of a standard has: its clause, its place in the text, its label, who decided."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StrictStr,
    StringConstraints,
)
from pydantic import model_validator as after_reading

from survey_pipeline.i18n import N_, with_organisation

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


class Entry(Table):
    """One entry of the standard."""

    clause: Words
    """Letter and number in our reading of the text."""
    place: Words
    """The published words it rests on, or which leave it open; quoted as they stand."""
    label: Label
    decided: Literal["locally"] | None = None
    """Set where the text is silent."""
    page: Annotated[StrictStr, AfterValidator(_page)] | None = None
    """The page that gives the reasons of a local decision."""

    @after_reading(mode="after")
    def _reasons(self) -> "Entry":
        if (self.decided is None) != (self.page is None):
            raise ValueError(
                N_('a local decision has both decided = "locally" and page = "docs/..."')
            )
        return self


def entries(value: object) -> Iterator[Entry]:
    """Yield every entry of a standard or of a part of it, in the order of the file."""
    if isinstance(value, Entry):
        yield value
    if isinstance(value, Table):
        for name in type(value).model_fields:
            yield from entries(getattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from entries(item)
