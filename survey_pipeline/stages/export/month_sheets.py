"""The workbook's sheets beside the scores: SMS against phone, reasons, outcome codes."""

from collections.abc import Mapping, Sequence
from typing import Any

from survey_pipeline.i18n import N_
from survey_pipeline.reports import month_summaries
from survey_pipeline.reports.month_columns import RATINGS as ANSWERS
from survey_pipeline.reports.month_columns import CellKind
from survey_pipeline.scoring.month_row import MonthRow
from survey_pipeline.scoring.numbers import fixed
from survey_pipeline.stages.export.month_form import MonthForm
from survey_pipeline.stages.export.sheet_layout import FIRST_ROW, CellRange, row_height
from survey_pipeline.stages.export.workbook_charts import column_chart
from survey_pipeline.vocabulary import DissatisfactionReason, Mode
from survey_pipeline.vocabulary.names import (
    CATEGORIES,
    DISSATISFIED_WITH,
    MODES,
    RATING_HEADINGS,
    named,
)


def groups_of(book: MonthForm) -> list[tuple[str, list[MonthRow]]]:
    """Return each category that has offices with its rows, and the whole city last."""
    report = book.report
    parts = [str(part.category) for part in month_summaries.by_category(report)]
    named_parts = [
        (named(CATEGORIES, part, book.locale), report.of_category(part)) for part in parts
    ]
    return [*named_parts, (book.word(N_("Total")), list(report.appraised))]


def add_line(
    book: MonthForm,
    sheet: Any,
    row: int,
    cells: Sequence[tuple[CellKind, Any]],
    *,
    total: bool = False,
) -> None:
    """Write a table's row of cells, each with its kind."""
    for column, (kind, value) in enumerate(cells):
        book.write(sheet, row, column, kind, value, total=total)


def add_modes(book: MonthForm) -> None:
    """Add the answers by SMS and by phone, and what the same people said twice."""
    name = book.word(N_("SMS and phone"))
    heads = [book.word(N_("Category"))]
    for mode in Mode:
        word = named(MODES, mode, book.locale)
        heads += [f"{word}: {named(RATING_HEADINGS, rating, book.locale)}" for rating in ANSWERS]
        heads += [f"{word}: {book.word(N_('Rated'))}"]
        heads += [f"{word}: {book.word(N_('Satisfaction rate'))}"]
    heads += [
        book.word(N_("Asked by both")),
        book.word(N_("Said the same")),
        book.word(N_("Share that said the same")),
    ]
    sheet = book.begin(name, f"{book.title}  {name}", [20, *([11] * (len(heads) - 1))])
    book.head(sheet, heads, height=46)
    book.freeze(sheet, 1)
    groups = groups_of(book)
    for row, (label, rows) in enumerate(groups, FIRST_ROW):
        last = row == FIRST_ROW + len(groups) - 1
        add_line(book, sheet, row, [("text", label), *_mode_cells(book, rows)], total=last)
    end = FIRST_ROW + len(groups)
    end = book.foot(sheet, end + 1)
    sheet.insert_chart(end + 1, 0, _modes_chart(book, name, len(groups)))


def _mode_cells(book: MonthForm, rows: Sequence[MonthRow]) -> list[tuple[CellKind, Any]]:
    values = book.report.in_force.standard.satisfaction.values
    cells: list[tuple[CellKind, Any]] = []
    for part in month_summaries.modes(rows, values):
        cells += [("count", part.counts[rating]) for rating in ANSWERS]
        cells += [("count", part.rated), ("share", fixed(part.share.rate, 4))]
    pairs, same = month_summaries.verification(rows)
    share = fixed(month_summaries.ratio(same, pairs), 4)
    return [*cells, ("count", pairs), ("count", same), ("share", share)]


def _modes_chart(book: MonthForm, name: str, groups: int) -> Any:
    last = FIRST_ROW + groups - 1
    labels = CellRange(name, FIRST_ROW, 0, last, 0)
    return column_chart(
        book,
        book.word(N_("Satisfaction rate by SMS and by phone")),
        [
            (
                named(MODES, mode, book.locale),
                labels,
                CellRange(name, FIRST_ROW, column, last, column),
            )
            for mode, column in zip(Mode, (5, 10), strict=True)
        ],
        number_format="0%",
    )


def add_modes_by_office(book: MonthForm) -> None:
    """Add each office's rate by SMS and by phone, and the gap on those asked by both."""
    name = book.word(N_("SMS and phone by office"))
    heads = [book.word(head) for head in (N_("Office code"), N_("Office"), N_("Category"))]
    for mode in Mode:
        word = named(MODES, mode, book.locale)
        heads += [f"{word}: {book.word(head)}" for head in (N_("Rated"), N_("Satisfaction rate"))]
    heads += [
        book.word(head)
        for head in (
            N_("Asked by both"),
            N_("Said the same"),
            N_("Their rate by SMS"),
            N_("Their rate by phone"),
        )
    ]
    sheet = book.begin(name, f"{book.title}  {name}", [11, 30, 18, *([12] * (len(heads) - 3))])
    book.head(sheet, heads, height=46)
    book.freeze(sheet, 2)
    row = FIRST_ROW
    for office in book.report.appraised:
        sheet.set_row(row, row_height([(office.office, 30)]))
        add_line(book, sheet, row, _office_modes(book, office))
        row += 1
    book.foot(sheet, row + 1)


def _office_modes(book: MonthForm, office: MonthRow) -> list[tuple[CellKind, Any]]:
    cells: list[tuple[CellKind, Any]] = [
        ("code", office.office_code),
        ("text", office.office),
        ("word", named(CATEGORIES, office.category, book.locale)),
    ]
    for part in month_summaries.modes([office], book.report.in_force.standard.satisfaction.values):
        cells += [("count", part.rated), ("share", fixed(part.share.rate, 4))]
    both = office.verification
    cells += [("count", both.pairs), ("count", both.same)]
    return [*cells, ("share", both.sms_mean), ("share", both.phone_mean)]


def add_reasons(book: MonthForm) -> None:
    """Add why people were not satisfied: by category, and by office where enough answered."""
    name = book.word(N_("Reasons"))
    title = book.word(N_("Reasons of those who were not satisfied"))
    groups = groups_of(book)
    words = [named(DISSATISFIED_WITH, reason, book.locale) for reason in DissatisfactionReason]
    heads = [book.word(N_("Reason")), *(label for label, _ in groups), book.word(N_("Share"))]
    sheet = book.begin(name, f"{book.title}  {title}", [30, *([14] * (len(heads) - 1))])
    book.head(sheet, heads)
    book.freeze(sheet)
    counted = [month_summaries.reasons(rows) for _, rows in groups]
    end = _reason_rows(book, sheet, counted)
    last = FIRST_ROW + len(words) - 1
    city = len(groups)
    chart = column_chart(
        book,
        title,
        [
            (
                book.word(N_("Cases")),
                CellRange(name, FIRST_ROW, 0, last, 0),
                CellRange(name, FIRST_ROW, city, last, city),
            )
        ],
        flat=True,
    )
    sheet.insert_chart(end + 1, 0, chart)


def _reason_rows(
    book: MonthForm, sheet: Any, counted: Sequence[Mapping[DissatisfactionReason, int]]
) -> int:
    whole = sum(counted[-1].values())
    row = FIRST_ROW
    for reason in DissatisfactionReason:
        share = fixed(month_summaries.ratio(counted[-1].get(reason, 0), whole), 4)
        cells: list[tuple[CellKind, Any]] = [
            ("text", named(DISSATISFIED_WITH, reason, book.locale))
        ]
        cells += [("count", part.get(reason, 0)) for part in counted]
        add_line(book, sheet, row, [*cells, ("share", share)])
        row += 1
    totals: list[tuple[CellKind, Any]] = [("text", book.word(N_("Total")))]
    totals += [("count", sum(part.values())) for part in counted]
    add_line(book, sheet, row, [*totals, ("share", "1" if whole else None)], total=True)
    return row + 1


def add_reasons_by_office(book: MonthForm) -> None:
    """List the offices that have reasons; those with few answers are left out (privacy)."""
    report = book.report
    name = book.word(N_("Reasons by office"))
    words = [named(DISSATISFIED_WITH, reason, book.locale) for reason in DissatisfactionReason]
    heads = [book.word(head) for head in (N_("Office"), N_("Office code"), N_("Rated"))]
    sheet = book.begin(name, f"{book.title}  {name}", [34, 14, 9, *([13] * len(words))])
    book.head(sheet, [*heads, *words])
    book.freeze(sheet, 1)
    row = FIRST_ROW
    for office in report.appraised:
        if not office.reasons or office.rated < report.min_cell:
            continue
        cells: list[tuple[CellKind, Any]] = [("text", office.office), ("code", office.office_code)]
        cells += [("count", office.rated)]
        cells += [("count", office.reasons.get(reason, 0)) for reason in DissatisfactionReason]
        sheet.set_row(row, row_height([(office.office, 34)]))
        add_line(book, sheet, row, cells)
        row += 1
    note = book.say(
        "Offices with fewer than {min_cell} ratings are not listed.", min_cell=report.min_cell
    )
    sheet.write_string(row + 1, 0, note, book.style(font_size=9))


def add_notes(book: MonthForm, notes: Sequence[tuple[str, str]]) -> None:
    """Add terms with their meanings."""
    name = book.word(N_("Notes"))
    sheet = book.begin(name, f"{book.title}  {name}", [22, 60, 40])
    style = book.style(text_wrap=True, valign="top", border=1, border_color="#D5DAE1")
    bold = book.style(bold=True, text_wrap=True, valign="top", border=1, border_color="#D5DAE1")
    book.head(sheet, [book.word(N_("Term")), book.word(N_("Meaning")), ""], height=22)
    sheet.merge_range(2, 1, 2, 2, book.word(N_("Meaning")), book.head_style)
    for row, (term, text) in enumerate(notes, FIRST_ROW):
        sheet.set_row(row, row_height([(text, 98)]))
        sheet.write_string(row, 0, term, bold)
        sheet.merge_range(row, 1, row, 2, text, style)
    book.freeze(sheet)
