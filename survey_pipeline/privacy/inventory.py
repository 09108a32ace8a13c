"""The inventory: every column and every file that holds personal data, why, and until when.

`python -m survey_pipeline.privacy.inventory LOCALE` prints docs/reference/personal-data.md.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from survey_pipeline.i18n import LOCALES, N_, translate
from survey_pipeline.store.personal import KeptUntil, Personal, Subject, declared
from survey_pipeline.store.tables import cases

SUBJECTS: Mapping[Subject, str] = {
    Subject.CITIZEN: N_("citizen"),
    Subject.REPRESENTATIVE: N_("representative"),
    Subject.OFFICIAL: N_("official"),
    Subject.STAFF: N_("staff"),
}
ENDS: Mapping[KeptUntil, tuple[str, str]] = {
    KeptUntil.SURVEY: (
        N_("survey"),
        N_(
            "privacy.retention_days after the survey closed; of a case that was not drawn, and of "
            "a text that answers no survey, privacy.undrawn_retention_days after the draw or the "
            "receipt"
        ),
    ),
    KeptUntil.QUIET: (
        N_("quiet days"),
        N_(
            "like the survey's, and not before sampling.quiet_days and then "
            "privacy.undrawn_retention_days are over since the draw"
        ),
    ),
    KeptUntil.REQUEST: (N_("request"), N_("privacy.retention_days after the request")),
    KeptUntil.REVIEW: (N_("review"), N_("privacy.retention_days after the review closed")),
    KeptUntil.SCORE: (
        N_("year's score"),
        N_("privacy.retention_days after the year's score was published"),
    ),
    KeptUntil.SIGN_IN: (N_("sign-in"), N_("privacy.retention_days after the sign-in")),
    KeptUntil.RECORD: (N_("record"), N_("kept with the record")),
}
"""The word for an end, and when it comes."""
FILES: Mapping[str, tuple[str, str]] = {
    "uploads/": (
        N_("reports that offices uploaded, and their refused rows"),
        N_("privacy.undrawn_retention_days after the upload"),
    ),
    "*.rejected.csv": (
        N_("refused rows, to be corrected"),
        N_("privacy.undrawn_retention_days after the import"),
    ),
    "handover-*.xlsx": (
        N_("cases that the health commission calls, with full numbers"),
        N_("privacy.retention_days after the export, where it lies in the workspace"),
    ),
    "backups/survey-*.backup": (
        N_("copies of the whole database, numbers and texts encrypted"),
        N_("privacy.retention_days after the backup, where it lies in the workspace"),
    ),
    "webhooks.spool": (
        N_("texts and receipts that wait for the database, encrypted"),
        N_("until the database has them"),
    ),
    "simulated-*.jsonl": (
        N_("numbers that the simulated gateway sent to"),
        N_("privacy.retention_days after the text"),
    ),
}
HEADINGS = (
    N_("table"),
    N_("column"),
    N_("whose"),
    N_("what it holds"),
    N_("what for"),
    N_("kept until the end of"),
)
END_HEADINGS = (N_("kept until the end of"), N_("when it is deleted"))
FILE_HEADINGS = (N_("file"), N_("what it holds"), N_("when it is deleted"))


class HeldColumn(NamedTuple):
    """A column that holds personal data; whose, what, what for and until when in words."""

    table: str
    column: str
    subject: str
    holds: str
    purpose: str
    until: str


class HeldFile(NamedTuple):
    """Files of the workspace that hold personal data, likewise."""

    file: str
    holds: str
    until: str


def held_columns(locale: str) -> Iterator[HeldColumn]:
    """Yield every column that holds personal data, by table."""
    for _, table in sorted(cases.metadata.tables.items()):
        for column in table.columns:
            said = declared(column)
            if isinstance(said, Personal):
                words = (SUBJECTS[said.subject], said.holds, said.purpose, ENDS[said.until][0])
                yield HeldColumn(
                    table.name, column.name, *(translate(word, locale) for word in words)
                )


def ends(locale: str) -> Iterator[tuple[str, str]]:
    """Yield the word for each end, and when it comes."""
    for word, when in ENDS.values():
        yield translate(word, locale), translate(when, locale)


def held_files(locale: str) -> Iterator[HeldFile]:
    """Yield every kind of file that holds personal data."""
    for name, words in FILES.items():
        yield HeldFile(name, *(translate(word, locale) for word in words))


def reference(locale: str) -> str:
    """Return the inventory as a page of Markdown."""
    columns, files = list(held_columns(locale)), list(held_files(locale))
    parts = (
        "# " + translate(N_("Personal data"), locale),
        translate(
            N_(
                "Written by `scripts/reference` from what each column declares of itself in "
                "`survey_pipeline/store/tables/`. `survey-pipeline privacy inventory` prints it."
            ),
            locale,
        ),
        _table(END_HEADINGS, list(ends(locale)), locale),
        _table(HEADINGS, columns, locale),
        "## " + translate(N_("Files of the workspace"), locale),
        _table(FILE_HEADINGS, files, locale),
    )
    return "\n\n".join(parts) + "\n"


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]], locale: str) -> str:
    lines = [[translate(heading, locale) for heading in headings], ["---"] * len(headings)]
    lines += [list(_cells(row)) for row in rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cells(row: Sequence[str]) -> Iterator[str]:
    """Yield a row's cells, those that are names of the program as code."""
    names = {HeldColumn: 2, HeldFile: 1}.get(type(row), 0)
    for place, cell in enumerate(row):
        yield f"`{cell}`" if place < names else cell


if __name__ == "__main__":
    print(reference(sys.argv[1] if sys.argv[1:] else LOCALES[-1]), end="")
