"""What a self-check filing says goes once its year's score is out; that it was filed stays."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from survey_pipeline.privacy.purging import purge
from survey_pipeline.store.tables import audit_log, filings, year_scores

pytestmark = pytest.mark.usefixtures("database")

HEAD = "filing_no,parent_code,month,filed_on,problems,people"
SAYS = "Zhang was late"


def test_what_a_filing_says_is_deleted_after_publication(evidence: Any) -> None:
    context = evidence.context
    evidence.bring("filings", HEAD, f"F-1,P-1,2023-02,2023-03-24,late replies,{SAYS}")
    evidence.change(
        insert(year_scores).values(
            year=2023, version=1, computed_at=context.now(), as_of=date(2023, 10, 31), standard="x",
            standard_hash="", program_version="", inputs_hash="", complete=True, head={},
            published_at=context.now(), published_by="a",
        )
    )  # fmt: skip
    purge(context)
    assert evidence.rows(filings)[0].people == SAYS
    context.clock.advance(timedelta(days=context.settings.privacy.retention_days))
    purge(context)
    (kept,) = evidence.rows(filings)
    assert (kept.people, kept.problems) == (None, None)
    assert (kept.filing_no, kept.month, kept.filed_on) == ("F-1", "2023-02", date(2023, 3, 24))
    written = [str(row.before) + str(row.after) for row in evidence.rows(audit_log)]
    assert not [text for text in written if SAYS in text]
