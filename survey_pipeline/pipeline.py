"""The one page that shows the order in which the stages follow each other."""

from datetime import date

from survey_pipeline.stages import assessment, satisfaction
from survey_pipeline.standard.load import FOLDER, standard_of_month
from survey_pipeline.survey.context import Context


def score_month(context: Context, month: str, as_of: date | None = None) -> assessment.StoredMonth:
    """Score a month: satisfaction gathers, assessment scores and stores.

    The same inputs, standard and program give back the version that is stored.

    Args:
        context: the workspace.
        month: `YYYY-MM`.
        as_of: the day up to which months count as ended; today.

    Raises:
        CannotProceed: the month has not begun, or nothing is known of it.
        ConfigurationError: the standard's file is missing or wrong.
    """
    in_force = standard_of_month(month, context.settings.standards, context.home / FOLDER)
    facts = satisfaction.gather_month(context, in_force.standard, month, as_of)
    return assessment.assess_month(context, in_force, facts)
