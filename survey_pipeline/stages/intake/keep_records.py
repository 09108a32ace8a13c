"""Keepers of the register (parents, offices) and of delivered satisfaction results."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection

from survey_pipeline.calendar import month_of
from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.keeping import RecordKeeper
from survey_pipeline.stages.intake.kinds import COUNTS
from survey_pipeline.store import bulk
from survey_pipeline.store.tables import offices, parents, satisfaction_results
from survey_pipeline.vocabulary import Category, DeliveryMode, RecordKind


class ParentKeeper(RecordKeeper):
    """Keeps parent departments."""

    table = parents
    kind = RecordKind.PARENTS
    key = ("parent_code",)
    contents = ("name", "hotline_group")


class OfficeKeeper(RecordKeeper):
    """Keeps assessed offices; each needs a parent department that is on the register."""

    table = offices
    kind = RecordKind.OFFICES
    key = ("office_code",)
    contents = (
        "name",
        "category",
        "parent_code",
        "approval_service",
        "exempt_reason",
        "valid_from",
        "valid_until",
    )

    def prepare(self, connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
        """Fill what was left blank and look up the departments."""
        for row in rows:
            row["approval_service"] = bool(row["approval_service"])
        wanted = {(row["parent_code"],) for row in rows}
        self._parents = {
            one.parent_code: one
            for one in bulk.find_by_key(connection, parents, ("parent_code",), wanted)
        }

    def objection(self, row: Mapping[str, Any]) -> tuple[str, Message] | None:
        """Refuse an office whose department is unknown or withdrawn."""
        parent = self._parents.get(row["parent_code"])
        if parent is None:
            return "parent_code", Message(
                "there is no parent department {code}; import parents first",
                {"code": row["parent_code"]},
            )
        if parent.withdrawn_at is not None:
            return "parent_code", Message(
                "the parent department {code} was withdrawn", {"code": row["parent_code"]}
            )
        return None

    def warning(self, row: Mapping[str, Any]) -> tuple[str, Message] | None:
        """Warn of approval services where they change nothing."""
        if row["approval_service"] and row["category"] != Category.AGENCY:
            return "approval_service", Message(
                "approval services make a difference for the category agency alone"
            )
        return None


class SatisfactionKeeper(RecordKeeper):
    """Keeps a month's results that a lead agency delivers (reading.md, part A)."""

    table = satisfaction_results
    kind = RecordKind.SATISFACTION
    key = ("office_code", "month")
    contents = (*COUNTS, "source", "mode", "delivered_on")
    extra = ("late",)
    provenance = True

    def prepare(self, connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
        """Look up the offices; fill in mode and delivery day; mark what comes late."""
        wanted = {(row["office_code"],) for row in rows}
        self._offices = {
            one.office_code: one
            for one in bulk.find_by_key(connection, offices, ("office_code",), wanted)
        }
        stored = {
            (one.office_code, one.month): one.delivered_on.isoformat()
            for one in bulk.find_by_key(
                connection, self.table, self.key, {self._key(row) for row in rows}
            )
        }
        today = self.run.context.today().isoformat()
        for row in rows:
            office = self._offices.get(row["office_code"])
            row["mode"] = row["mode"] or _usual_mode(office.category if office else None)
            # Left blank, the day of the first delivery stays: the same file again is no change.
            row["delivered_on"] = row["delivered_on"] or stored.get(self._key(row), today)
            due = self.run.context.calendar.monthly_deadline(row["month"])
            row["late"] = date.fromisoformat(row["delivered_on"]) > due

    def objection(self, row: Mapping[str, Any]) -> tuple[str, Message] | None:
        """Refuse what that office may not deliver, and months and days to come."""
        office = self._offices.get(row["office_code"])
        if office is None:
            return "office_code", unknown_office(row["office_code"])
        if office.withdrawn_at is not None:
            return "office_code", withdrawn_office(row["office_code"])
        today = self.run.context.today()
        if row["month"] > month_of(today):
            return "month", Message("{month} is in the future", {"month": row["month"]})
        if row["delivered_on"] > today.isoformat():
            return "delivered_on", Message("{day} is in the future", {"day": row["delivered_on"]})
        return _mode_problem(office.category, office.approval_service, row["mode"])

    def warning(self, row: Mapping[str, Any]) -> tuple[str, Message] | None:
        """Warn of a late delivery; it counts all the same."""
        if not row["late"]:
            return None
        return "delivered_on", Message(
            "delivered late: due by {due}; it is taken, and recorded as late",
            {"due": self.run.context.calendar.monthly_deadline(row["month"])},
        )


def _usual_mode(category: str | None) -> str:
    return DeliveryMode.PHONE.value if category == Category.HEALTH else DeliveryMode.ALL.value


def _mode_problem(category: str, approval: bool, mode: str) -> tuple[str, Message] | None:
    if category == Category.EDUCATION:
        return None
    if category == Category.HEALTH:
        return None if mode == DeliveryMode.PHONE else ("mode", _HEALTH_MODE)
    if category == Category.AGENCY and approval:
        return None if mode == DeliveryMode.ALL else ("mode", _APPROVAL_MODE)
    return "office_code", _NO_DELIVERY


_HEALTH_MODE = Message("a health office's delivered results are those of its calls: mode phone")
_APPROVAL_MODE = Message("an approval-service office's results are delivered whole: mode all")
_NO_DELIVERY = Message(
    "only education, health and approval-service agency offices take deliveries; this office is "
    "surveyed by us"
)


def unknown_office(code: str) -> Message:
    """Return the reason for a code that is not on the register."""
    return Message("there is no office {code}; import offices first", {"code": code})


def withdrawn_office(code: str) -> Message:
    """Return the reason for an office that was taken off the register."""
    return Message("the office {code} was withdrawn", {"code": code})
