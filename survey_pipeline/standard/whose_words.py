"""Whose words an entry of the standard is: the published text's, the program's, or a document's.

A local decision is the program's proposal until the appraisal office adopts it. Every output in
which such an entry counts says which it is, in the words of this module and no others.
"""

from collections.abc import Iterable, Iterator

from survey_pipeline.i18n import N_, Message
from survey_pipeline.standard.entry import Adoption, Entry, entries
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.quoting import quotation

PUBLISHED = N_("published text")
DEFAULT = N_("the program's default, not confirmed by {organisation}")
ADOPTED = N_("by {document}")
BORROWED_STANDARD = N_(
    "Provisional: the appraisal year has no standard of its own yet. The newest one is used, its "
    "dates moved to this year."
)
"""Said wherever scores by such a standard are shown."""


def standing(entry: Entry) -> Message:
    """Return in a few words whose an entry is."""
    if entry.decided is None:
        return Message(PUBLISHED)
    return standing_of(entry.adoption)


def standing_of(adoption: Adoption | None) -> Message:
    """Return in a few words whose a local decision is."""
    if adoption is None:
        return Message(DEFAULT)
    return Message(ADOPTED, {"document": adoption.document})


def source_of(entry: Entry, title: str = "") -> Message:
    """Return the published words that an entry rests on; if they leave it open, what decides.

    Args:
        entry: of the standard.
        title: of the page of a local decision.
    """
    place = quotation(entry).text
    place = place.replace("“", "‘").replace("”", "’")  # they are quoted themselves
    if entry.adoption is not None:
        text = N_('the text ("{place}") leaves it open; decided by {document}')
        return Message(text, {"place": place, "document": entry.adoption.document})
    if entry.decided:
        text = N_(
            'the text ("{place}") leaves it open; the program\'s default, not confirmed by '
            '{organisation}, see "{title}"'
        )
        return Message(text, {"place": place, "title": title})
    return Message(N_('published text: "{place}"'), {"place": place})


def marks(standard: Standard) -> Iterator[Message]:
    """Yield what stands above every table of scores: what of the standard nobody has confirmed."""
    adoption = standard.satisfaction.coefficient.adoption
    if adoption is None:
        yield Message(
            "The table of volume coefficients is the program's default, not confirmed by "
            "{organisation}."
        )
    else:
        yield Message(
            "The table of volume coefficients was adopted by {by} ({document}).",
            {"by": adoption.by, "document": adoption.document},
        )
    local, default = _counts(entries(standard))
    if default:
        yield Message(
            "Of {local} local decisions {default} are the program's default, not confirmed by "
            "{organisation}; each is marked where it counts.",
            {"local": local, "default": default},
        )


def _counts(found: Iterable[Entry]) -> tuple[int, int]:
    """Return how many entries are local decisions, and how many of those are not adopted."""
    local = [entry for entry in found if entry.decided]
    return len(local), sum(entry.is_default for entry in local)


def decisions_document(standard: Standard, locale: str) -> list[dict[str, str | None]]:
    """Return the standard's local decisions for a JSON document, adopted or not."""
    return [decision_document(entry, locale) for entry in entries(standard) if entry.decided]


def decision_document(entry: Entry, locale: str) -> dict[str, str | None]:
    """Return one local decision for a JSON document."""
    return {
        "clause": entry.clause,
        "label": entry.label.in_locale(locale),
        "page": entry.page,
        "adopted_by": entry.adopted_by,
        "adopted_on": entry.adopted_on.isoformat() if entry.adopted_on else None,
        "document_no": entry.document_no,
    }
