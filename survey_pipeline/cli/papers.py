"""`export notice|statement|reminder`: papers to circulate, as Word documents and PDF."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from survey_pipeline.cli.explain import hint_of_change, require_on_register
from survey_pipeline.cli.exports import OutputOption
from survey_pipeline.cli.scores import MonthChoice, YearChoice, parse_period
from survey_pipeline.cli.support import (
    DateOption,
    JsonOption,
    explained,
    opened,
    print_json,
    progress_bar,
    say,
    stderr,
    stdout,
)
from survey_pipeline.i18n import N_
from survey_pipeline.typed import as_key

if TYPE_CHECKING:
    from survey_pipeline.context import Context
    from survey_pipeline.papers.paper import OutgoingPaper


class PaperFormat(StrEnum):
    """What a paper can be written as."""

    DOCX = "docx"
    PDF = "pdf"


FormOption = Annotated[
    PaperFormat | None,
    typer.Option("--format", help="Default: by the ending of --output, else both."),
]


@explained
def export_notice(
    month: MonthChoice = None,
    year: YearChoice = None,
    form: FormOption = None,
    *,
    all_points: Annotated[
        bool,
        typer.Option(
            "--all-points",
            help="Show every office's points, for readers who may see them: an office can work "
            "out from its points what few people answered.",
        ),
    ] = False,
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the notice of a month or a year: figures, rankings, offices named, problems, dates.

    Points stand on it only where an office may see its own; the ranks stand on it always.

    Example:  survey-pipeline export notice --month 2023-05 --format docx
    """
    period = parse_period(month, year)
    with opened() as app:
        paper = _notice(app.context, period, all_points=all_points)
        files = _write(app.context, paper, form, output)
    _tell(files, as_json, {"paper": "notice", _named(period): period})


@explained
def export_statement(
    office: Annotated[
        str | None, typer.Argument(parser=as_key, metavar="[OFFICE]", help="The office's code.")
    ] = None,
    month: MonthChoice = None,
    year: YearChoice = None,
    form: FormOption = None,
    *,
    everybody: Annotated[
        bool, typer.Option("--all", help="Every office's statement, in one zip archive.")
    ] = False,
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write an office's statement: its score, rank, every line, its records, how to object.

    What the office may not see on its pages is not on its statement either.

    Example:  survey-pipeline export statement AG-1 --year 2023
    Example:  survey-pipeline export statement --all --month 2023-05 --format pdf
    """
    from survey_pipeline.errors import UsageError

    period = parse_period(month, year)
    if (office is None) is not everybody:
        raise UsageError("name an office, or --all")
    with opened() as app:
        if office is None:
            path, count = _write_all(app.context, period, form, output)
            files = [path]
        else:
            require_on_register(app.context, office)
            files = _write(app.context, _statement(app.context, period, office), form, output)
            count = 1
    what: dict[str, object] = {"office_code": office, "offices": count}
    _tell(files, as_json, {"paper": "statement", _named(period): period, **what})
    if office is None and not as_json:
        stderr().print(say("statements of {count} offices", count=count))


@explained
def export_reminder(
    day: DateOption = None,
    form: FormOption = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the reminder of a day: who owes what, since when, body by body.

    Example:  survey-pipeline export reminder --date 2023-05-26
    """
    from survey_pipeline.papers.reminder import Reminder

    with opened() as app:
        context = app.context
        wanted = day or context.today()
        paper = Reminder(context, wanted, context.settings.locale).paper()
        files = _write(context, paper, form, output)
    counts = {name: paper.fields[name] for name in ("overdue", "due")}
    _tell(files, as_json, {"paper": "reminder", "date": str(wanted), **counts})


def _named(period: str | int) -> str:
    return "year" if isinstance(period, int) else "month"


def _notice(context: "Context", period: str | int, *, all_points: bool) -> "OutgoingPaper":
    from survey_pipeline.appraisal import shown_month, shown_year

    locale = context.settings.locale
    if isinstance(period, int):
        from survey_pipeline.papers.year_notice import YearNotice
        from survey_pipeline.reports.year_report import read_year

        year = shown_year(context, period)
        hint_of_change(context, year)
        return YearNotice(
            context, read_year(context, period, year.version), locale, all_points
        ).paper()
    from survey_pipeline.papers.month_notice import MonthNotice
    from survey_pipeline.reports.month_report import read_month

    month = shown_month(context, period)
    hint_of_change(context, month)
    report = read_month(context, period, month.version)
    return MonthNotice(context, report, locale, all_points).paper()


def _statement(context: "Context", period: str | int, office: str) -> "OutgoingPaper":
    from survey_pipeline.papers.all_statements import statements_of

    _score_if_never_scored(context, period)
    return statements_of(context, period, context.settings.locale).paper(office)


def _score_if_never_scored(context: "Context", period: str | int) -> None:
    from survey_pipeline.appraisal import shown_month, shown_year

    if isinstance(period, int):
        hint_of_change(context, shown_year(context, period))
    else:
        hint_of_change(context, shown_month(context, period))


def _write(
    context: "Context", paper: "OutgoingPaper", form: PaperFormat | None, output: Path | None
) -> list[Path]:
    """Write a paper in the form that is asked for, or in both."""
    from survey_pipeline.papers.writing import write_paper
    from survey_pipeline.stages.export.destination import target

    files = []
    for each in _forms(form, output):
        path = target(context.home, output, f"{paper.name}.{each}")
        if path.suffix.lower() != f".{each}" and not path.is_dir():  # a folder is refused by name
            path = path.with_name(f"{path.name}.{each}")
        write_paper(context, paper, path, each)
        files.append(path)
    return files


def _forms(form: PaperFormat | None, output: Path | None) -> Sequence[str]:
    if form is not None:
        return (form.value,)
    ending = output.suffix.lower().lstrip(".") if output else ""
    known = [each.value for each in PaperFormat]
    return (ending,) if ending in known else known


def _write_all(
    context: "Context", period: str | int, form: PaperFormat | None, output: Path | None
) -> tuple[Path, int]:
    """Write the statements of all offices into an archive; return it and how many there are."""
    from survey_pipeline.papers.all_statements import offices_with_statement, statements_of
    from survey_pipeline.papers.writing import write_archive
    from survey_pipeline.stages.export.destination import target

    _score_if_never_scored(context, period)
    offices = offices_with_statement(context, period)
    maker = statements_of(context, period, context.settings.locale)
    papers = (maker.paper(office) for office in offices)
    path = target(context.home, output, f"statements-{period}.zip")
    forms = (form.value,) if form else tuple(each.value for each in PaperFormat)
    with progress_bar(say(N_("statements"))) as show:
        count = write_archive(
            context, papers, path, forms, lambda done: show(done, len(offices)) if show else None
        )
    return path, count


def _tell(files: Sequence[Path], as_json: bool, what: dict[str, object]) -> None:
    if as_json:
        print_json({**what, "files": [str(file) for file in files]})
        return
    for file in files:
        stdout().print(str(file), markup=False)
