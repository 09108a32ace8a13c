"""The kinds of files that are taken, as data: the columns of each, how they are read, the key.

Another kind of file is another `FileKind` here and another loader in `loaders`.
"""

from collections.abc import Mapping

from survey_pipeline.stages.intake.kinds.case_kind import CASES
from survey_pipeline.stages.intake.kinds.evidence_kinds import EVIDENCE_KINDS
from survey_pipeline.stages.intake.kinds.file_kind import FileKind
from survey_pipeline.stages.intake.kinds.filing_kind import FILINGS
from survey_pipeline.stages.intake.kinds.register_kinds import OFFICES, PARENTS
from survey_pipeline.stages.intake.kinds.result_kind import RESULTS
from survey_pipeline.stages.intake.kinds.review_kinds import REVIEW_KINDS
from survey_pipeline.stages.intake.kinds.satisfaction_kind import SATISFACTION
from survey_pipeline.vocabulary import RecordKind

__all__ = ["CASES", "KINDS", "OFFICES", "PARENTS", "RESULTS", "SATISFACTION"]

KINDS: Mapping[RecordKind, FileKind] = {
    kind.kind: kind
    for kind in (
        PARENTS,
        OFFICES,
        CASES,
        SATISFACTION,
        RESULTS,
        FILINGS,
        *EVIDENCE_KINDS,
        *REVIEW_KINDS,
    )
}
"""Every kind of file, by its word on the command line."""
