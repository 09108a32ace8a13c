"""What loaders of delivered satisfaction results share: who may deliver what, and by when.

The standard in force in the month says it (specification, section 14.A); the register as it stands
says what kind of office it is.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row

from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.loaders.chunk_writes import RowValues
from survey_pipeline.stages.intake.loaders.loader import CurrentImport
from survey_pipeline.stages.intake.loaders.record_loader import RecordLoader
from survey_pipeline.standard.load import FOLDER, standard_of_month
from survey_pipeline.standard.parts.satisfaction import Arrangement, Satisfaction
from survey_pipeline.store import bulk
from survey_pipeline.store.tables import offices

NO_DELIVERY = Message(
    "no results may be delivered for this office: by the standard {organisation} alone surveys it"
)


class SurveyDeliveryLoader(RecordLoader):
    """Loads results of surveys that others carry out; a row has a `month` once it is prepared."""

    provenance = True

    def __init__(self, run: CurrentImport) -> None:
        super().__init__(run)
        self.today = run.context.today()
        self._offices: dict[str, Row[Any]] = {}
        self._rules_of: dict[str, Satisfaction] = {}

    def find_offices(self, connection: Connection, rows: Iterable[RowValues]) -> None:
        """Look up the offices of a chunk."""
        wanted = {(row["office_code"],) for row in rows}
        found = bulk.find_by_key(connection, offices, ("office_code",), wanted)
        self._offices = {office.office_code: office for office in found}

    def office(self, row: Mapping[str, Any]) -> Row[Any] | None:
        """Return a row's office; None if it is not on the register."""
        return self._offices.get(row["office_code"])

    def due(self, month: str) -> date:
        """Return the last day on which a month's results are in time."""
        return self._rules(month).due_on(month, self.run.context.calendar.next_working_day)

    def arrangement(self, row: Mapping[str, Any]) -> Arrangement | None:
        """Return who asks an office's citizens; None if the office is not on the register."""
        office = self.office(row)
        if office is None:
            return None
        return self._rules(row["month"]).arrangement(
            office.category, approval_service=office.approval_service
        )

    def _rules(self, month: str) -> Satisfaction:
        """Return the rules in force in a month."""
        if month not in self._rules_of:
            context = self.run.context
            in_force = standard_of_month(month, context.settings.standards, context.home / FOLDER)
            self._rules_of[month] = in_force.standard.satisfaction
        return self._rules_of[month]
