"""The implementing rules (实施细则): documents of lead agencies that points of theirs rest on."""

from collections.abc import Sequence
from typing import Self

from pydantic import model_validator

from survey_pipeline.i18n import N_
from survey_pipeline.standard.entry import Entry, Label, Words
from survey_pipeline.vocabulary import Category


class ImplementingRules(Entry):
    """A document by which a lead agency gives points; its label is its title."""

    category: Category
    """Whose performance points, and parent points if the category has any, it governs."""
    issuer: Label
    file: Words | None = None
    """Where the workspace has it, such as `docs/standard/rules-health.pdf`."""
    address: Words | None = None
    """Where it is published."""

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if self.file is None and self.address is None:
            raise ValueError(N_("say where the document is: its file, or its address"))
        return self


def rules_of(
    documents: Sequence[ImplementingRules], category: Category | str
) -> tuple[ImplementingRules, ...]:
    """Return the documents that govern a category's points, in the order of the file."""
    return tuple(document for document in documents if document.category == category)
