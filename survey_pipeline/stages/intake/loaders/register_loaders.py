"""Loaders of the register: parent departments and assessed offices."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from survey_pipeline.errors import ConfigurationError
from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.file_summary import CellReason
from survey_pipeline.stages.intake.loaders.chunk_writes import RowValues
from survey_pipeline.stages.intake.loaders.common_reasons import parent_refusal
from survey_pipeline.stages.intake.loaders.record_loader import RecordLoader
from survey_pipeline.store import bulk
from survey_pipeline.store.tables import offices, parents
from survey_pipeline.vocabulary import RecordKind
from survey_pipeline.vocabulary.names import category_named


class ParentLoader(RecordLoader):
    """Loads parent departments."""

    table = parents
    kind = RecordKind.PARENTS
    key = ("parent_code",)
    contents = ("name", "hotline_group")


class OfficeLoader(RecordLoader):
    """Loads assessed offices; each needs a parent department that is on the register."""

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

    def prepare(self, connection: Connection, rows: Sequence[RowValues]) -> None:
        """Count a blank approval service as no, and look up the departments."""
        for row in rows:
            row["approval_service"] = bool(row["approval_service"])
        wanted = {(row["parent_code"],) for row in rows}
        self._parents = {
            parent.parent_code: parent
            for parent in bulk.find_by_key(connection, parents, ("parent_code",), wanted)
        }

    def refusal(self, row: Mapping[str, Any]) -> CellReason | None:
        """Refuse an office whose department is unknown or withdrawn."""
        return parent_refusal(self._parents.get(row["parent_code"]), row["parent_code"])

    def warnings(self, row: Mapping[str, Any]) -> Iterable[CellReason]:
        """Warn of approval services where they change nothing."""
        if row["approval_service"] and not self._makes_a_difference(row["category"]):
            yield (
                "approval_service",
                Message(
                    "by the standard, approval services change nothing for the category {category}",
                    {"category": category_named(row["category"])},
                ),
            )

    def _makes_a_difference(self, category: str) -> bool:
        """Return whether the standard in force asks about approval services in a category.

        The register comes before the standard: without a standard to ask, nothing is warned of.
        """
        context = self.run.context
        try:
            in_force = context.standard_on(context.today())
        except ConfigurationError:
            return True
        return len(in_force.standard.satisfaction.responsibilities.of_category(category)) > 1
