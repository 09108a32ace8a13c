"""`import`, `withdraw` and `report zero`."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from survey_pipeline.cli import terminal
from survey_pipeline.cli.support import (
    EXIT_CANNOT,
    EXIT_REFUSED_ROWS,
    DryRunOption,
    JsonOption,
    OfficeArgument,
    explained,
    invocation,
    new_table,
    opened,
    parse_date,
    print_json,
    progress_bar,
    say,
    shown,
    stdout,
)
from survey_pipeline.vocabulary import RecordKind

if TYPE_CHECKING:
    from survey_pipeline.i18n import Message
    from survey_pipeline.stages.intake import FileSummary, Problem
    from survey_pipeline.stages.intake.rejected_files.named_files import NamedFiles

KindArgument = Annotated[RecordKind, typer.Argument(help="What the file or the record is.")]
PROBLEMS_SHOWN = 20
"""Problems and warnings printed per file; the rejected file has all that was refused."""

YearOption = Annotated[
    int | None,
    typer.Option(
        "--year",
        metavar="YYYY",
        min=2000,
        max=2999,
        help="The appraisal year of a yearly kind; default this calendar year.",
    ),
]
ObjectionOption = Annotated[
    int | None,
    typer.Option("--objection", metavar="ID", help="The upheld objection that this follows."),
]

report_group = typer.Typer(no_args_is_help=True, help="Reports that need no file.")


@explained
def import_files(
    kind: KindArgument,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="CSV or XLSX files.", exists=False)
    ],
    reported_on: Annotated[
        date | None,
        typer.Option(
            parser=parse_date,
            metavar="YYYY-MM-DD",
            help="The report day of new cases; default today.",
        ),
    ] = None,
    *,
    year: YearOption = None,
    objection: ObjectionOption = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Bring in files; refused rows go to FILE.rejected.csv, and the exit code is then 3.

    Example:  survey-pipeline import cases report.csv --reported-on 2023-05-04
    Example:  survey-pipeline import supervision findings.xlsx --year 2023
    """
    from survey_pipeline.stages.intake import choose_files, import_file

    with opened() as app:

        def bring(file: Path) -> "FileSummary":
            with progress_bar(file.name) as progress:
                return import_file(
                    app.context,
                    kind,
                    file,
                    reported_on=reported_on,
                    year=year,
                    objection=objection,
                    dry_run=dry_run,
                    progress=progress,
                )

        outcome = _Outcome(choose_files(app.context, files), as_json=as_json, dry_run=dry_run)
        try:
            outcome.bring_all(bring)
        finally:  # files before a fault are stored: say so
            outcome.print_json()
    if outcome.unreadable:
        raise typer.Exit(EXIT_CANNOT)
    if any(summary.refused for summary in outcome.summaries):
        raise typer.Exit(EXIT_REFUSED_ROWS)


class _Outcome:
    """The results of the files of one command, printed one by one or as one JSON document."""

    def __init__(self, named: "NamedFiles", *, as_json: bool, dry_run: bool) -> None:
        self._named = named
        self._as_json = as_json
        self._dry_run = dry_run
        self.summaries: list[FileSummary] = []
        self.unreadable: list[tuple[Path, Message]] = []

    def bring_all(self, bring: "Callable[[Path], FileSummary]") -> None:
        """Import every file; a file that cannot be read does not stop the others."""
        from survey_pipeline.errors import UnreadableFile

        self._print_notes()
        for file in self._named.read:
            try:
                summary = bring(file)
            except UnreadableFile as error:
                self.unreadable.append((file, error.message))
                terminal.tell(shown(error.message))
                continue
            self.summaries.append(summary)
            if not self._as_json:
                show_summary(summary, invocation().locale, dry_run=self._dry_run)

    def print_json(self) -> None:
        """Print the document, if it is wanted and anything was read."""
        if self._as_json and (self.summaries or self._named.passed_over):
            print_json(
                {
                    "files": [summary.to_dict(invocation().locale) for summary in self.summaries],
                    "passed_over": _reasons(self._named.passed_over),
                    "unreadable": _reasons(self.unreadable),
                }
            )

    def _print_notes(self) -> None:
        if not self._as_json:
            passed = [why for _, why in self._named.passed_over]
            for note in (*passed, *self._named.notes):
                stdout().print(shown(note), markup=False)


def _reasons(files: "Sequence[tuple[Path, Message]]") -> list[dict[str, str]]:
    return [{"file": str(file), "reason": shown(why)} for file, why in files]


@explained
def withdraw(  # noqa: PLR0913 - an option each, all named
    kind: KindArgument,
    key: Annotated[
        str, typer.Argument(help="The record's key, parts joined by /: OFFICE_CODE/CASE_NO.")
    ],
    reason: Annotated[str, typer.Option(help="Why; it is kept with the record.")],
    *,
    year: YearOption = None,
    objection: ObjectionOption = None,
    never_a_case: Annotated[
        bool, typer.Option("--never-a-case", help="The case never took place; needs --by.")
    ] = False,
    by: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who takes it back; default: you.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Take a record back; it stays visible, with who, when and why.

    Example:  survey-pipeline withdraw cases WZ-AG-001/2023-0001 --reason "entered twice"
    """
    from dataclasses import asdict

    from survey_pipeline.stages.intake import withdraw as take_back

    with opened() as app:
        done = take_back(
            app.context,
            kind,
            key,
            reason=reason,
            year=year,
            objection=objection,
            never_a_case=never_a_case,
            by=by,
        )
        if as_json:
            print_json(asdict(done))
            return
        out = stdout()
        out.print(say("{key} is withdrawn.", key=done.key), markup=False)
        if done.survey_closed:
            out.print(say("Its survey is closed: no text and no call follows."))
        if done.rating_stays:
            out.print(say("It had been rated; the rating counts on."))


@report_group.command("zero")
@explained
def report_zero(
    office: OfficeArgument,
    day: Annotated[
        date, typer.Argument(parser=parse_date, metavar="DATE", help="The day without cases.")
    ],
    as_json: JsonOption = False,
) -> None:
    """Record that an office had no case on a day.

    Example:  survey-pipeline report zero WZ-AG-001 2023-05-04
    """
    from dataclasses import asdict

    from survey_pipeline.stages.intake import report_zero as record

    with opened() as app:
        done = record(app.context, office, day)
        if as_json:
            print_json(asdict(done))
        elif done.new:
            stdout().print(say("{office} had no case on {day}: recorded.", office=office, day=day))
        else:
            stdout().print(
                say("{office}: the zero report of {day} was there.", office=office, day=day)
            )


def show_summary(summary: "FileSummary", locale: str, *, dry_run: bool = False) -> None:
    """Print what came of a file: the counts, then what was refused and why."""
    from survey_pipeline.i18n import N_, Message, translate

    out = stdout()
    counts = {
        N_("accepted"): summary.accepted,
        N_("updated"): summary.updated,
        N_("unchanged"): summary.unchanged,
        N_("refused"): summary.refused,
        N_("warnings"): summary.warnings,
    }
    table = new_table(title=summary.file.name)
    for title in counts:
        table.add_column(translate(title, locale), justify="right")
    table.add_row(*map(str, counts.values()))
    out.print(table)
    _list(translate(N_("Refused:"), locale), summary.problems, locale)
    _list(translate(N_("Warnings:"), locale), summary.warned, locale)
    if dry_run:
        out.print(translate(N_("Nothing was stored: this was a dry run."), locale))
    elif summary.rejected_file:
        text = Message(
            "The refused rows are in {file}: mend them there and import that file.",
            {"file": summary.rejected_file},
        )
        out.print(text.render(locale))


def _list(title: str, problems: "Sequence[Problem]", locale: str) -> None:

    from survey_pipeline.i18n import N_, Message

    if not problems:
        return
    out = stdout()
    out.print(title)
    for problem in problems[:PROBLEMS_SHOWN]:
        text = N_("row {row}, {column}: {reason}") if problem.column else N_("row {row}: {reason}")
        text = text if problem.row else "{reason}"
        values = {"row": problem.row, "column": problem.column, "reason": problem.reason}
        out.print(f"  {Message(text, values).render(locale)}")
    if len(problems) > PROBLEMS_SHOWN:
        out.print("  ...")
