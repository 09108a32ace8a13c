"""The loader of a month's satisfaction results that a lead agency delivers.

Source: specification, section 14.A.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection

from survey_pipeline.calendar import month_of
from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.kinds.satisfaction_kind import COUNTS
from survey_pipeline.stages.intake.loaders.common_reasons import future_refusal, office_refusal
from survey_pipeline.stages.intake.loaders.deliveries import late_warning, mark_delivery
from survey_pipeline.stages.intake.loaders.loader import CurrentImport
from survey_pipeline.stages.intake.loaders.record_loader import RecordLoader, RowValues
from survey_pipeline.stages.intake.problems import CellReason
from survey_pipeline.standard.load import FOLDER, standard_of_month
from survey_pipeline.standard.parts.satisfaction import Arrangement, Satisfaction
from survey_pipeline.store import bulk
from survey_pipeline.store.tables import offices, satisfaction_results
from survey_pipeline.vocabulary import DeliveryMode, RecordKind


class SatisfactionLoader(RecordLoader):
    """Loads delivered results; what an office's agency may deliver, the month's standard says."""

    table = satisfaction_results
    kind = RecordKind.SATISFACTION
    key = ("office_code", "month")
    contents = (*COUNTS, "source", "mode", "delivered_on")
    derived = ("late",)
    provenance = True

    def __init__(self, run: CurrentImport) -> None:
        super().__init__(run)
        self._rules_of: dict[str, Satisfaction] = {}

    def prepare(self, connection: Connection, rows: Sequence[RowValues]) -> None:
        """Look up the offices; fill in mode and delivery day; mark what comes late."""
        wanted = {(row["office_code"],) for row in rows}
        self._offices = {
            office.office_code: office
            for office in bulk.find_by_key(connection, offices, ("office_code",), wanted)
        }
        first_delivered = {
            key: record.delivered_on for key, record in self.find_stored(connection, rows).items()
        }
        today = self.run.context.today()
        for row in rows:
            row["mode"] = row["mode"] or self._usual_mode(row)
            delivered = mark_delivery(row, first_delivered.get(self.key_of(row)), today)
            row["late"] = delivered > self._due(row["month"])

    def refusal(self, row: Mapping[str, Any]) -> CellReason | None:
        """Refuse what that office's agency may not deliver, and months and days to come."""
        today = self.run.context.today()
        if reason := office_refusal(self._offices.get(row["office_code"]), row["office_code"]):
            return reason
        if row["month"] > month_of(today):
            return "month", Message("{month} is in the future", {"month": row["month"]})
        return future_refusal(row, today, "delivered_on") or _mode_refusal(
            self._arrangement(row), row["mode"]
        )

    def warnings(self, row: Mapping[str, Any]) -> Iterable[CellReason]:
        """Warn of a late delivery; it counts all the same."""
        if (warning := late_warning(row, self._due(row["month"]))) is not None:
            yield warning

    def _rules(self, month: str) -> Satisfaction:
        """Return the rules in force in a month."""
        if month not in self._rules_of:
            context = self.run.context
            in_force = standard_of_month(month, context.settings.standards, context.home / FOLDER)
            self._rules_of[month] = in_force.standard.satisfaction
        return self._rules_of[month]

    def _due(self, month: str) -> date:
        return self._rules(month).due_on(month, self.run.context.calendar.next_working_day)

    def _arrangement(self, row: Mapping[str, Any]) -> Arrangement | None:
        """Return who asks an office's citizens; None if the office is not on the register."""
        office = self._offices.get(row["office_code"])
        if office is None:
            return None
        return self._rules(row["month"]).arrangement(
            office.category, approval_service=office.approval_service
        )

    def _usual_mode(self, row: Mapping[str, Any]) -> str:
        """Return the mode of a row that names none.

        Where nothing may be delivered, any mode will do: the row is refused.
        """
        arrangement = self._arrangement(row)
        mode = arrangement.default_mode if arrangement else None
        return (mode or DeliveryMode.ALL).value


_PHONE_ALONE = Message("this office's delivered results are those of the calls alone: mode phone")
_WHOLE_ALONE = Message("this office's results are delivered whole: mode all")
_NO_DELIVERY = Message(
    "no results may be delivered for this office: by the standard it is surveyed by us alone"
)


def _mode_refusal(arrangement: Arrangement | None, mode: str) -> CellReason | None:
    if arrangement is None or not arrangement.delivered:
        return "office_code", _NO_DELIVERY
    if mode in arrangement.delivered:
        return None
    phone_alone = arrangement.delivered == (DeliveryMode.PHONE,)
    return "mode", _PHONE_ALONE if phone_alone else _WHOLE_ALONE
