"""Loaders: each compares the checked rows of its kind with the database and stores them.

`loader` is their port. `case_loader` loads whole chunks of service cases, with `case_rows`,
`known_cases` and `reported_counts`. All other records go row by row through `record_loader`; the
year's evidence through `evidence_loaders`, which compares rows with the standard as well.
"""

from survey_pipeline.stages.intake.loaders.award_loader import AwardLoader
from survey_pipeline.stages.intake.loaders.case_loader import CaseLoader
from survey_pipeline.stages.intake.loaders.deduction_loaders import (
    HotlineLoader,
    SupervisionLoader,
)
from survey_pipeline.stages.intake.loaders.delivered_loaders import (
    ParentPointsLoader,
    PerformanceLoader,
)
from survey_pipeline.stages.intake.loaders.evidence_loaders import HotlineRankLoader
from survey_pipeline.stages.intake.loaders.filing_loader import FilingLoader
from survey_pipeline.stages.intake.loaders.grade_loader import ParentGradeLoader
from survey_pipeline.stages.intake.loaders.record_loader import RecordLoader
from survey_pipeline.stages.intake.loaders.register_loaders import OfficeLoader, ParentLoader
from survey_pipeline.stages.intake.loaders.result_loader import ResultLoader
from survey_pipeline.stages.intake.loaders.review_loaders import BallotLoader, RepresentativeLoader
from survey_pipeline.stages.intake.loaders.satisfaction_loader import SatisfactionLoader
from survey_pipeline.vocabulary import RecordKind

LOADERS: dict[RecordKind, type[CaseLoader] | type[RecordLoader] | type[BallotLoader]] = {
    RecordKind.PARENTS: ParentLoader,
    RecordKind.OFFICES: OfficeLoader,
    RecordKind.CASES: CaseLoader,
    RecordKind.SATISFACTION: SatisfactionLoader,
    RecordKind.RESULTS: ResultLoader,
    RecordKind.SUPERVISION: SupervisionLoader,
    RecordKind.FILINGS: FilingLoader,
    RecordKind.HOTLINE: HotlineLoader,
    RecordKind.HOTLINE_RANK: HotlineRankLoader,
    RecordKind.PERFORMANCE: PerformanceLoader,
    RecordKind.PARENT_GRADES: ParentGradeLoader,
    RecordKind.PARENT_POINTS: ParentPointsLoader,
    RecordKind.AWARDS: AwardLoader,
    RecordKind.REPRESENTATIVES: RepresentativeLoader,
    RecordKind.BALLOTS: BallotLoader,
}
"""The loader of each kind."""
