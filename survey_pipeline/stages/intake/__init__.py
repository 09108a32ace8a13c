"""Intake: files from offices become checked records, or refused rows with the reason.

In reading order: `columns` says what a kind of file is, `kinds` and `evidence_kinds` say what
files hold, `naming` sorts out which are read, `source` opens them (`foreign` says what is no table;
`csv_source` with `csv_records` and `row_judge`, `xlsx_source` with its parts; `header` is what both
share),
`check` turns rows into values (`cells`, `dates`, `figures`, `phones`), `keeping` and its keepers
hold them against the database, evidence also against the standard (`evidence_rules`, `quota`),
and store them, `rejected` writes what was refused, `taking` leads a file's chunks through all of
it, `storing` gives them the database, `importing` is the whole.
`withdrawing` takes records back; `zero` notes that an office had no case. What an office brings
itself comes through `uploads` (a file that waits for its word, its refused rows in `refused_rows`)
or `row_by_row` (its system's message).
"""

from survey_pipeline.stages.intake.importing import import_file
from survey_pipeline.stages.intake.naming import sort_out
from survey_pipeline.stages.intake.problems import FileSummary, Problem
from survey_pipeline.stages.intake.withdrawing import Withdrawn, withdraw
from survey_pipeline.stages.intake.zero import ZeroReport, report_zero

__all__ = [
    "FileSummary",
    "Problem",
    "Withdrawn",
    "ZeroReport",
    "import_file",
    "report_zero",
    "sort_out",
    "withdraw",
]
