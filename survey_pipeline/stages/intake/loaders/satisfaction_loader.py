"""The loader of a month's satisfaction results that a lead agency delivers.

Source: specification, section 14.A.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Self

from sqlalchemy import Connection, func, select

from survey_pipeline.calendar import month_of
from survey_pipeline.i18n import N_, Message
from survey_pipeline.scoring.counted import counted
from survey_pipeline.scoring.facts import Answers, Delivery, MonthOfOffice
from survey_pipeline.stages.intake.checking import CheckedChunk
from survey_pipeline.stages.intake.file_summary import CellReason
from survey_pipeline.stages.intake.kinds.satisfaction_kind import COUNTS
from survey_pipeline.stages.intake.loaders.chunk_writes import RowValues
from survey_pipeline.stages.intake.loaders.common_reasons import future_refusal, office_refusal
from survey_pipeline.stages.intake.loaders.deliveries import late_warning, mark_delivery
from survey_pipeline.stages.intake.loaders.loader import CurrentImport, StoredRows
from survey_pipeline.stages.intake.loaders.survey_deliveries import (
    NO_DELIVERY,
    SurveyDeliveryLoader,
)
from survey_pipeline.standard.parts.satisfaction import Arrangement
from survey_pipeline.store.tables import case_results, satisfaction_results, surveys
from survey_pipeline.survey.own_answers import OwnAnswers, own_answers
from survey_pipeline.vocabulary import DeliveryMode, Rating, RecordKind


class SatisfactionLoader(SurveyDeliveryLoader):
    """Loads delivered results; what an office's agency may deliver, the month's standard says."""

    table = satisfaction_results
    kind = RecordKind.SATISFACTION
    key = ("office_code", "month")
    contents = (*COUNTS, "source", "mode", "delivered_on")
    derived = ("late",)

    def __init__(self, run: CurrentImport) -> None:
        super().__init__(run)
        self._beside = _Beside()

    def rehearsal_rows(self, connection: Connection, checked: CheckedChunk) -> StoredRows:
        """Yield the tables as they are; of answers of cases, which are many, keep the counts."""
        values = checked.values
        self._beside = _Beside.read(connection, values["office_code"], values["month"])
        yield from super().rehearsal_rows(connection, checked)

    def prepare(self, connection: Connection, rows: Sequence[RowValues]) -> None:
        """Look up the offices; fill in mode and delivery day; mark what comes late."""
        self.find_offices(connection, rows)
        if not self.run.is_rehearsal:
            codes, months = ([row[name] for row in rows] for name in self.key)
            self._beside = _Beside.read(connection, codes, months)
        first_delivered = {
            key: record.delivered_on for key, record in self.find_stored(connection, rows).items()
        }
        for row in rows:
            row["mode"] = row["mode"] or self._usual_mode(row)
            delivered = mark_delivery(row, first_delivered.get(self.key_of(row)), self.today)
            row["late"] = delivered > self.due(row["month"])

    def refusal(self, row: Mapping[str, Any]) -> CellReason | None:
        """Refuse what that office's agency may not deliver, and months and days to come."""
        if reason := office_refusal(self.office(row), row["office_code"]):
            return reason
        if row["month"] > month_of(self.today):
            return "month", Message("{month} is in the future", {"month": row["month"]})
        return (
            future_refusal(row, self.today, "delivered_on")
            or _mode_refusal(self.arrangement(row), row["mode"])
            or self._case_by_case(row)
        )

    def _case_by_case(self, row: Mapping[str, Any]) -> CellReason | None:
        """Refuse a month of which single cases were delivered: they would count twice."""
        count = self._beside.results.get((row["month"], row["office_code"]))
        if not count:
            return None
        return "month", Message(CASE_BY_CASE, {"count": count, "month": row["month"]})

    def warnings(self, row: Mapping[str, Any]) -> Iterable[CellReason]:
        """Warn of a late delivery, which counts all the same, and of answers that it replaces."""
        if (warning := late_warning(row, self.due(row["month"]))) is not None:
            yield warning
        arrangement = self.arrangement(row)
        if arrangement is not None:
            left_out = counted(self._month(row), arrangement).left_out
            yield from (("mode", answers.why) for answers in left_out)

    def _month(self, row: Mapping[str, Any]) -> MonthOfOffice:
        """Return the month's answers as they are once a row is stored."""
        key = (row["month"], row["office_code"])
        sms, phone = self._beside.own.get(key, (Answers(), Answers()))
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

    def _usual_mode(self, row: Mapping[str, Any]) -> str:
        """Return the mode of a row that names none.

        Where nothing may be delivered, any mode will do: the row is refused.
        """
        arrangement = self.arrangement(row)
        mode = arrangement.default_mode if arrangement else None
        return (mode or DeliveryMode.ALL).value


@dataclass(frozen=True)
class _Beside:
    """What stands beside a month's delivery, by (month, office_code)."""

    own: OwnAnswers = field(default_factory=dict)
    results: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """How many results came case by case."""

    @classmethod
    def read(cls, connection: Connection, codes: Collection[str], months: Collection[str]) -> Self:
        """Count for some offices and months."""
        result = case_results.c
        words = (result.month, result.office_code)
        rows = connection.execute(
            select(*words, func.count())
            .where(
                result.month.in_(set(months)),
                result.office_code.in_(set(codes)),
                result.withdrawn_at.is_(None),
            )
            .group_by(*words)
        )
        chosen = surveys.c.office_code.in_(set(codes))
        return cls(
            own=own_answers(connection, surveys.c.month.in_(set(months)), chosen),
            results={(month, office): count for month, office, count in rows},
        )


CASE_BY_CASE = N_(
    "{count} results of this office and {month} were delivered case by case, and both would count "
    "twice. Deliver the rest as results, or withdraw those first"
)
_PHONE_ALONE = Message("this office's delivered results are those of the calls alone: mode phone")
_WHOLE_ALONE = Message("this office's results are delivered whole: mode all")


def _mode_refusal(arrangement: Arrangement | None, mode: str) -> CellReason | None:
    if arrangement is None or not arrangement.delivered:
        return "office_code", NO_DELIVERY
    if mode in arrangement.delivered:
        return None
    phone_alone = arrangement.delivered == (DeliveryMode.PHONE,)
    return "mode", _PHONE_ALONE if phone_alone else _WHOLE_ALONE
