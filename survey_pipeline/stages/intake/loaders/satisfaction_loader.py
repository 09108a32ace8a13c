"""The loader of a month's satisfaction results that a lead agency delivers.

Source: specification, section 14.A.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection

from survey_pipeline.calendar import month_of
from survey_pipeline.i18n import Message
from survey_pipeline.scoring.counted import counted
from survey_pipeline.scoring.facts import Answers, Delivery, MonthOfOffice
from survey_pipeline.stages.intake.checking import CheckedChunk
from survey_pipeline.stages.intake.kinds.satisfaction_kind import COUNTS
from survey_pipeline.stages.intake.loaders.common_reasons import future_refusal, office_refusal
from survey_pipeline.stages.intake.loaders.deliveries import late_warning, mark_delivery
from survey_pipeline.stages.intake.loaders.loader import CurrentImport, StoredRows
from survey_pipeline.stages.intake.loaders.record_loader import RecordLoader, RowValues
from survey_pipeline.stages.intake.problems import CellReason
from survey_pipeline.standard.load import FOLDER, standard_of_month
from survey_pipeline.standard.parts.satisfaction import Arrangement, Satisfaction
from survey_pipeline.store import bulk
from survey_pipeline.store.tables import offices, satisfaction_results, surveys
from survey_pipeline.survey.own_answers import OwnAnswers, own_answers
from survey_pipeline.vocabulary import DeliveryMode, Rating, RecordKind


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
        self._rehearsed: OwnAnswers | None = None
        """Our own answers, of the real database; None where this is no rehearsal."""
        self._own: OwnAnswers = {}

    def rehearsal_rows(self, connection: Connection, checked: CheckedChunk) -> StoredRows:
        """Yield the tables as they are; of our surveys, which are many, keep the counts alone."""
        values = checked.values
        self._rehearsed = _our_answers(connection, values["office_code"], values["month"])
        yield from super().rehearsal_rows(connection, checked)

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
        self._own = (
            self._rehearsed
            if self._rehearsed is not None
            else _our_answers(
                connection, [row["office_code"] for row in rows], [row["month"] for row in rows]
            )
        )
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
        """Warn of a late delivery, which counts all the same, and of answers that it replaces."""
        if (warning := late_warning(row, self._due(row["month"]))) is not None:
            yield warning
        arrangement = self._arrangement(row)
        if arrangement is not None:
            left_out = counted(self._month(row), arrangement).left_out
            yield from (("mode", answers.why) for answers in left_out)

    def _month(self, row: Mapping[str, Any]) -> MonthOfOffice:
        """Return the month's answers as they are once a row is stored."""
        sms, phone = self._own.get((row["month"], row["office_code"]), (Answers(), Answers()))
        delivery = Delivery(
            reported=row["reported"],
            sampled=row["sampled"],
            answers=Answers(*(row[rating.value] for rating in Rating)),
            source=row["source"],
            mode=DeliveryMode(row["mode"]),
            delivered_on=date.fromisoformat(row["delivered_on"]),
            late=row["late"],
        )
        return MonthOfOffice(row["month"], sms=sms, phone=phone, delivery=delivery)

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


def _our_answers(
    connection: Connection, codes: Collection[str], months: Collection[str]
) -> OwnAnswers:
    """Count our own answers of some offices and months."""
    chosen = surveys.c.office_code.in_(set(codes))
    return own_answers(connection, surveys.c.month.in_(set(months)), chosen)


_PHONE_ALONE = Message("this office's delivered results are those of the calls alone: mode phone")
_WHOLE_ALONE = Message("this office's results are delivered whole: mode all")
_NO_DELIVERY = Message(
    "no results may be delivered for this office: by the standard {organisation} alone surveys it"
)


def _mode_refusal(arrangement: Arrangement | None, mode: str) -> CellReason | None:
    if arrangement is None or not arrangement.delivered:
        return "office_code", _NO_DELIVERY
    if mode in arrangement.delivered:
        return None
    phone_alone = arrangement.delivered == (DeliveryMode.PHONE,)
    return "mode", _PHONE_ALONE if phone_alone else _WHOLE_ALONE
