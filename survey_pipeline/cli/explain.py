"""`explain`: every line of an office's points, with clause and evidence."""

from datetime import date
from typing import TYPE_CHECKING, Any

from survey_pipeline.cli.scores import MonthChoice, YearChoice, parse_period
from survey_pipeline.cli.support import (
    AsOfOption,
    JsonOption,
    OfficeArgument,
    explained,
    opened,
    print_json,
    say,
    stderr,
    stdout,
)
from survey_pipeline.i18n import N_

if TYPE_CHECKING:
    from survey_pipeline.context import Context
    from survey_pipeline.stages.assessment import StoredMonth, StoredOffice, StoredYear


@explained
def explain(
    office: OfficeArgument,
    month: MonthChoice = None,
    year: YearChoice = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print every line of an office's points, with clause and evidence.

    Example:  survey-pipeline explain AG-1 --month 2023-05
    """
    period = parse_period(month, year)
    with opened() as app:
        context = app.context
        require_on_register(context, office)
        if isinstance(period, int):
            view = _explained_year(context, office, period, as_of)
        else:
            view = _explained_month(context, office, period)
    if as_json:
        print_json(view.document())
    else:
        stdout().print(view.tree())


def hint_of_change(context: "Context", stored: "StoredMonth | StoredYear") -> None:
    """Print a warning on stderr if a new score would differ from the stored one that is shown."""
    from survey_pipeline.appraisal import has_changed
    from survey_pipeline.stages.assessment import StoredMonth

    if not has_changed(context, stored):
        return
    if isinstance(stored, StoredMonth):
        command = f"score month {stored.month}"
    else:
        command = f"score year {stored.year}"
    text = N_(
        "What version {version} rests on has changed since. survey-pipeline {command} makes a new "
        "version"
    )
    stderr().print(say(text, version=stored.version, command=command))


def _explained_month(context: "Context", office: str, month: str) -> Any:
    from survey_pipeline.adoption import as_published
    from survey_pipeline.appraisal import shown_month, standard_for_month
    from survey_pipeline.cli.explanation import Explanation

    stored, in_force = shown_month(context, month), standard_for_month(context, month)
    hint_of_change(context, stored)
    row = _row_of(context, stored, office)
    in_force = as_published(context, in_force, stored.published_at)
    return Explanation(stored, row, in_force, context.home, context.settings.locale)


def _explained_year(context: "Context", office: str, year: int, as_of: date | None) -> Any:
    from survey_pipeline.adoption import as_published
    from survey_pipeline.appraisal import shown_year, standard_of_year
    from survey_pipeline.cli.year_explanation import YearExplanation
    from survey_pipeline.reports.possible_duplicates import possible_duplicates

    stored = shown_year(context, year, as_of)
    hint_of_change(context, stored)
    found = stored.office(office)
    if found is None:
        raise _not_appraised(context, office, str(year))
    in_force = as_published(context, standard_of_year(context, year), stored.published_at)
    duplicates = possible_duplicates(context, year, office)
    locale = context.settings.locale
    return YearExplanation(stored, found, in_force, context.home, locale, duplicates)


def _register_row(context: "Context", office_code: str) -> Any:
    from survey_pipeline.store.engine import reading
    from survey_pipeline.store.tables import offices

    with reading(context.engine) as connection:
        return connection.execute(
            offices.select().where(offices.c.office_code == office_code)
        ).one_or_none()


def require_on_register(context: "Context", office_code: str) -> None:
    """Raise UnknownRecord if there is no such office."""
    from survey_pipeline.errors import UnknownRecord

    if _register_row(context, office_code) is None:
        raise UnknownRecord(
            "there is no office {office}. Check the code, or import the register: "
            "survey-pipeline import offices FILE",
            office=office_code,
        )


def _row_of(context: "Context", stored: "StoredMonth", office_code: str) -> "StoredOffice":
    row = stored.office(office_code)
    if row is None:
        raise _not_appraised(context, office_code, stored.month)
    return row


def _not_appraised(context: "Context", office_code: str, period: str) -> Exception:
    """Return why an office on the register has no score."""
    from survey_pipeline.errors import CannotProceed

    reason = _register_row(context, office_code).exempt_reason
    if reason:
        return CannotProceed(
            "{office} is exempt from the appraisal ({reason}): there are no points to explain",
            office=office_code,
            reason=reason,
        )
    return CannotProceed(
        "{office} is not appraised for {month} and has no case in it: there is nothing to explain",
        office=office_code,
        month=period,
    )
