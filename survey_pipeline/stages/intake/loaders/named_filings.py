"""The self-check filings that supervision records name: which may be named, and their day."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row

from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.file_summary import CellReason
from survey_pipeline.stages.intake.loaders.chunk_writes import RowValues
from survey_pipeline.store import bulk
from survey_pipeline.store.tables import filings


class NamedFilings:
    """The filings that the rows of a chunk name, looked up with one query."""

    def __init__(self, connection: Connection, rows: Sequence[RowValues]) -> None:
        wanted = {(row["filing_no"],) for row in rows if row["filing_no"]}
        found = bulk.find_by_key(connection, filings, ("filing_no",), wanted) if wanted else ()
        self._filings: Mapping[str, Row[Any]] = {filing.filing_no: filing for filing in found}

    def refusal(self, row: Mapping[str, Any], parent_code: str) -> CellReason | None:
        """Refuse a filing that is unknown, withdrawn, empty, or another department's.

        Args:
            row: the record.
            parent_code: the department that bears it, or that its office belongs to.
        """
        if not row["filing_no"]:
            return None
        values: dict[str, object] = {"filing": row["filing_no"]}
        filing = self._filings.get(row["filing_no"])
        if filing is None:
            return "filing_no", Message("there is no filing {filing}; import filings first", values)
        if filing.withdrawn_at is not None:
            return "filing_no", Message("the filing {filing} was withdrawn", values)
        if filing.nothing_found:
            return "filing_no", Message(
                "the filing {filing} says that nothing was found; correct one of the two", values
            )
        if filing.parent_code != parent_code:
            return "filing_no", Message(
                "the filing {filing} is that of the department {filed_by}, not of {code}",
                {**values, "filed_by": filing.parent_code, "code": parent_code},
            )
        return None

    def warnings(self, row: Mapping[str, Any]) -> Iterable[CellReason]:
        """Warn of a day of filing that is not that of the named filing."""
        filing = self._filings.get(row["filing_no"] or "")
        if filing is None or row["filed_on"] in {None, "", filing.filed_on.isoformat()}:
            return
        yield (
            "filed_on",
            Message(
                "the filing {filing} came on {day}: that day decides, not {given}",
                {"filing": filing.filing_no, "day": filing.filed_on, "given": row["filed_on"]},
            ),
        )
