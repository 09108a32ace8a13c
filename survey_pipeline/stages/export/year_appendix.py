"""The year's appendix for the analyst: checksums, and the file and row of each record.

Other sheets are for offices, which have no use for them.
"""

from collections.abc import Iterator

from survey_pipeline.i18n import N_
from survey_pipeline.reports.month_columns import BY_NAME, ReportColumn
from survey_pipeline.reports.year_report import YearReport
from survey_pipeline.stages.export.workbook_form import WorkbookForm
from survey_pipeline.vocabulary.names import COMPONENTS, named

COLUMNS: tuple[ReportColumn, ...] = (
    BY_NAME["office_code"],
    BY_NAME["office"],
    ReportColumn("component", N_("Component"), "word", 14),
    ReportColumn("clause", N_("Clause"), "code", 9),
    ReportColumn("evidence", N_("Evidence, with its file"), "text", 90),
)


def add_appendix(form: WorkbookForm, report: YearReport) -> None:
    """Add the sheet."""
    name = form.word(N_("Appendix for the analyst"))
    sheet = form.begin(name, f"{form.title}  {name}", [column.width for column in COLUMNS])
    form.head(sheet, [form.word(column.label) for column in COLUMNS])
    form.freeze(sheet, 2)
    origin = form.say(
        "Version {version}, standard {standard} (SHA-256 {hash}), program {program}, inputs "
        "{inputs}.",
        version=report.version,
        standard=report.score.standard_id,
        hash=report.standard_hash[:16],
        program=report.program_version,
        inputs=report.inputs_hash[:16],
    )
    form.foot(sheet, form.rows(sheet, COLUMNS, list(_rows(form, report))) + 1, origin)


def _rows(form: WorkbookForm, report: YearReport) -> Iterator[dict[str, str]]:
    for office in report.score.offices:
        for line in (flat.line for head in office.lines for flat in head.flattened()):
            for evidence in line.evidence:
                if "origin" in evidence.params:
                    yield {
                        "office_code": office.office.office_code,
                        "office": office.office.name,
                        "component": named(COMPONENTS, line.component, form.locale),
                        "clause": line.clause,
                        "evidence": evidence.render(form.locale),
                    }
