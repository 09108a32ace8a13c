"""`export answers`: one row per drawn case, for statistics."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from survey_pipeline.cli.exports import OutputOption, ending
from survey_pipeline.cli.support import (
    JsonOption,
    OptionalMonthOption,
    explained,
    opened,
    print_json,
    say,
    stderr,
    stdout,
)
from survey_pipeline.errors import UsageError


class AnswersFormat(StrEnum):
    """What the answers can be written as."""

    CSV = "csv"
    PARQUET = "parquet"


@explained
def export_answers(
    month: OptionalMonthOption = None,
    form: Annotated[
        AnswersFormat | None,
        typer.Option("--format", help="Default: by the ending of --output, else csv."),
    ] = None,
    output: OutputOption = None,
    partitioned: Annotated[
        bool,
        typer.Option(
            "--partitioned",
            help="A folder of Parquet files by year and month, which DuckDB and Spark read as one "
            "table; without --month every month. --output names the folder.",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write one row per drawn case, under pseudonyms, without numbers and texts.

    Example:  survey-pipeline export answers --month 2023-05 --format parquet
    """
    if partitioned:
        if form is AnswersFormat.CSV:
            raise UsageError("--partitioned writes Parquet; leave --format csv out")
        _export_answers_set(month, output, as_json=as_json)
        return
    if month is None:
        raise UsageError("name the month with --month, or write all of them with --partitioned")
    from survey_pipeline.stages.export.answers_file import write_answers
    from survey_pipeline.stages.export.destination import target
    from survey_pipeline.stages.export.downloads import note_export
    from survey_pipeline.vocabulary import Audited

    form = form or AnswersFormat(ending(output, AnswersFormat))
    with opened() as app:
        path = target(app.context.home, output, f"answers-{month}.{form}")
        written = write_answers(app.context, month, path, form)
        note_export(app.context, Audited.ANSWERS, month, path)
    if as_json:
        print_json({"file": str(path), "month": month, "rows": written.rows})
        return
    stdout().print(str(path), markup=False)
    stderr().print(say("{count} drawn cases", count=written.rows))


def _export_answers_set(month: str | None, output: Path | None, *, as_json: bool) -> None:
    """Write one month, or all of them, into a data set; each file is on record."""
    from survey_pipeline.stages.export.answers_set import months_with_surveys, write_answers_set
    from survey_pipeline.stages.export.destination import target
    from survey_pipeline.stages.export.downloads import note_export
    from survey_pipeline.vocabulary import Audited

    with opened() as app:
        folder = target(app.context.home, output, "answers")
        months = [month] if month else months_with_surveys(app.context)
        files = []
        for written in write_answers_set(app.context, months, folder):
            note_export(app.context, Audited.ANSWERS, written.month, written.path)
            files.append(written)
    rows = sum(written.rows for written in files)
    if as_json:
        print_json({"folder": str(folder), "months": list(months), "rows": rows})
        return
    stdout().print(str(folder), markup=False)
    stderr().print(say("{count} drawn cases", count=rows))
