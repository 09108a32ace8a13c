"""Keepers of the register (parents, offices) and of delivered satisfaction results."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection

from survey_pipeline.calendar import month_of
from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.kinds import COUNTS
from survey_pipeline.stages.intake.loaders.loader import RecordKeeper, Run
from survey_pipeline.standard.load import FOLDER, standard_of_month
from survey_pipeline.standard.parts.satisfaction import Arrangement, Satisfaction
from survey_pipeline.store import bulk
from survey_pipeline.store.tables import offices, parents, satisfaction_results
from survey_pipeline.vocabulary import DeliveryMode, RecordKind
from survey_pipeline.vocabulary.names import category_named


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
        context = self.run.context
        rules = context.standard_on(context.today()).standard.satisfaction.responsibilities
        if row["approval_service"] and len(rules.of_category(row["category"])) == 1:
            return "approval_service", Message(
                "by the standard, approval services change nothing for the category {category}",
                {"category": category_named(row["category"])},
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

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self._rules_of: dict[str, Satisfaction] = {}

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
            row["mode"] = row["mode"] or self._usual_mode(row)
            # Left blank, the day of the first delivery stays: the same file again is no change.
            row["delivered_on"] = row["delivered_on"] or stored.get(self._key(row), today)
            row["late"] = date.fromisoformat(row["delivered_on"]) > self._due(row["month"])

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
        return _mode_problem(self._arrangement(row), row["mode"])

    def warning(self, row: Mapping[str, Any]) -> tuple[str, Message] | None:
        """Warn of a late delivery; it counts all the same."""
        if not row["late"]:
            return None
        return "delivered_on", Message(
            "delivered late: due by {due}; it is taken, and recorded as late",
            {"due": self._due(row["month"])},
        )

    def _rules(self, month: str) -> Satisfaction:
        if month not in self._rules_of:
            context = self.run.context
            in_force = standard_of_month(month, context.settings.standards, context.home / FOLDER)
            self._rules_of[month] = in_force.standard.satisfaction
        return self._rules_of[month]

    def _due(self, month: str) -> date:
        return self._rules(month).due_on(month, self.run.context.calendar.next_working_day)

    def _arrangement(self, row: Mapping[str, Any]) -> Arrangement | None:
        office = self._offices.get(row["office_code"])
        if office is None:
            return None
        return self._rules(row["month"]).arrangement(
            office.category, approval_service=office.approval_service
        )

    def _usual_mode(self, row: Mapping[str, Any]) -> str:
        """Return the mode of a row that names none; any where none may be delivered."""
        arrangement = self._arrangement(row)
        mode = arrangement.default_mode if arrangement else None
        return (mode or DeliveryMode.ALL).value


def _mode_problem(arrangement: Arrangement | None, mode: str) -> tuple[str, Message] | None:
    if arrangement is None or not arrangement.delivered:
        return "office_code", _NO_DELIVERY
    if mode in arrangement.delivered:
        return None
    return "mode", _PHONE_ALONE if mode == DeliveryMode.ALL else _WHOLE_ALONE


_PHONE_ALONE = Message("this office's delivered results are those of the calls alone: mode phone")
_WHOLE_ALONE = Message("this office's results are delivered whole: mode all")
_NO_DELIVERY = Message(
    "no results may be delivered for this office: by the standard it is surveyed by us alone"
)


def unknown_office(code: str) -> Message:
    """Return the reason for a code that is not on the register."""
    return Message("there is no office {code}; import offices first", {"code": code})


def withdrawn_office(code: str) -> Message:
    """Return the reason for an office that was taken off the register."""
    return Message("the office {code} was withdrawn", {"code": code})
