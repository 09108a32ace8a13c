"""`score month` computes and stores; `explain` prints every line of an office's points."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from survey_pipeline.cli.support import (
    JsonOption,
    MonthArgument,
    MonthOption,
    explained,
    opened,
    print_json,
    stdout,
)

if TYPE_CHECKING:
    from survey_pipeline.stages.assessment import StoredMonth, StoredOffice
    from survey_pipeline.standard import InForce
    from survey_pipeline.survey.context import Context

score_group = typer.Typer(
    no_args_is_help=True,
    help="Compute scores and store them.\n\nExample:  survey-pipeline score month 2023-05",
)


@score_group.callback()
def _score() -> None:
    """Keep `month` a command of its own while it is the only one."""


@score_group.command("month")
@explained
def score_month(month: MonthArgument, as_json: JsonOption = False) -> None:
    """Compute a month's satisfaction scores, store them and print the table.

    A new version is stored only where the inputs, the standard or the program have changed.

    Example:  survey-pipeline score month 2023-05
    """
    from survey_pipeline.cli import score_tables
    from survey_pipeline.pipeline import score_month as score

    with opened() as app:
        context = app.context
        stored, in_force = score(context, month), _in_force(context, month)
        locale = context.settings.locale
    if as_json:
        print_json(score_tables.month_document(stored, in_force, locale))
        return
    console = stdout()
    for part in score_tables.month_tables(stored, in_force, locale):
        console.print(part)


OfficeArgument = Annotated[str, typer.Argument(metavar="OFFICE", help="The office's code.")]


@explained
def explain(office: OfficeArgument, month: MonthOption, as_json: JsonOption = False) -> None:
    """Print every line of an office's points, with clause and evidence.

    Example:  survey-pipeline explain AG-1 --month 2023-05
    """
    from survey_pipeline.cli import explanation
    from survey_pipeline.pipeline import score_month as score

    with opened() as app:
        context = app.context
        _must_be_on_register(context, office)
        stored, in_force = score(context, month), _in_force(context, month)
        row = _row_of(context, stored, office)
        locale = context.settings.locale
    view = explanation.Explanation(stored, row, in_force, locale)
    if as_json:
        print_json(view.document())
    else:
        stdout().print(view.tree())


def _in_force(context: "Context", month: str) -> "InForce":
    from survey_pipeline.standard import standard_of_month
    from survey_pipeline.standard.load import FOLDER

    return standard_of_month(month, context.settings.standards, context.home / FOLDER)


def _register_row(context: "Context", office_code: str) -> Any:
    from survey_pipeline.store.engine import reading
    from survey_pipeline.store.tables import offices

    with reading(context.engine) as connection:
        return connection.execute(
            offices.select().where(offices.c.office_code == office_code)
        ).one_or_none()


def _must_be_on_register(context: "Context", office_code: str) -> None:
    from survey_pipeline.errors import UnknownRecord

    if _register_row(context, office_code) is None:
        raise UnknownRecord(
            "there is no office {office}. Check the code, or import the register: "
            "survey-pipeline import offices FILE",
            office=office_code,
        )


def _row_of(context: "Context", stored: "StoredMonth", office_code: str) -> "StoredOffice":
    from survey_pipeline.errors import CannotProceed

    row = stored.office(office_code)
    if row is not None:
        return row
    reason = _register_row(context, office_code).exempt_reason
    if reason:
        raise CannotProceed(
            "{office} is exempt from the appraisal ({reason}): there are no points to explain",
            office=office_code,
            reason=reason,
        )
    raise CannotProceed(
        "{office} is not appraised for {month} and has no case in it: there is nothing to explain",
        office=office_code,
        month=stored.month,
    )
