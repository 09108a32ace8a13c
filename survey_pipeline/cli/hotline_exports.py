"""`export hotline`: each office's statement of a hotline quarter."""

from enum import StrEnum
from typing import Annotated

import typer

from survey_pipeline.cli.exports import OutputOption, ending
from survey_pipeline.cli.support import (
    JsonOption,
    QuarterArgument,
    QuarterYearOption,
    explained,
    opened,
    print_json,
    say,
    stderr,
    stdout,
)


class StatementFormat(StrEnum):
    """What the statements of a hotline quarter can be written as."""

    XLSX = "xlsx"
    CSV = "csv"
    JSON = "json"


@explained
def export_hotline(
    quarter: QuarterArgument,
    form: Annotated[
        StatementFormat | None,
        typer.Option("--format", help="Default: by the ending of --output, else xlsx."),
    ] = None,
    *,
    year: QuarterYearOption = None,
    office: Annotated[
        str | None, typer.Option("--office", metavar="OFFICE", help="Only this office's statement.")
    ] = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write each office's statement of a hotline quarter: its records, and the sums.

    The sums are the quarter's and the year's so far, against the caps. The window cuts quarters:
    what is left of one has its own statement.

    Example:  survey-pipeline export hotline 2023-Q1 --format csv
    """
    from survey_pipeline.appraisal import hotline_statements
    from survey_pipeline.stages.export.destination import target
    from survey_pipeline.stages.export.downloads import note_export
    from survey_pipeline.stages.export.formats import write_statements
    from survey_pipeline.typed import as_key
    from survey_pipeline.vocabulary import Audited

    form = form or StatementFormat(ending(output, StatementFormat))
    with opened() as app:
        context = app.context
        code = as_key(office) if office else None
        report = hotline_statements(context, quarter, year, code)
        name = "-".join(filter(None, ("hotline", str(report.year), quarter, code)))
        path = target(context.home, output, f"{name}.{form}")
        write_statements(report, form, path, context.settings.locale)
        note_export(context, Audited.HOTLINE_QUARTERS, f"{report.year}/{report.period.name}", path)
    if as_json:
        print_json(
            {
                "file": str(path),
                "year": report.year,
                "quarter": quarter,
                "over": report.is_over,
                "came_as": report.delivery and report.delivery.came_as,
                "offices": len(report.statements),
                "records": sum(len(each.quarter.records) for each in report.statements),
            }
        )
        return
    stdout().print(str(path), markup=False)
    if not report.is_over:
        stderr().print(say("The quarter is not over: more records may come."))
