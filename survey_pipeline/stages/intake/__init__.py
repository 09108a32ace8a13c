"""Intake: files from offices become records, or refused rows with the reason.

The way of a row, room by room:

1. `formats` opens the file and finds its header: CSV or XLSX, whatever the name says.
2. `values` reads single cells; `kinds` lists the kinds of files, their columns and keys.
3. `checking` turns a chunk of rows into columns of values (`column_reading`), with no database;
   `scope` refuses the rows that are not the person's to bring.
4. `judging` says what the standard allows in a row of the year's evidence.
5. `loaders` compare the rows with the database and store them.
6. `rejected_files` writes what was refused, to be corrected and imported again.

`chunk_flow` leads each chunk through steps 3 to 6, `storing` decides which transactions that takes,
and `importing` is the import of one file as a whole. `uploads` serves offices that bring a file
through the pages, or rows through the API. `withdrawing` takes records back, and `zero_reports`
records that an office had no case on a day. `problems` says what is wrong with a cell.
"""

from survey_pipeline.stages.intake.file_summary import FileSummary, Problem
from survey_pipeline.stages.intake.importing import import_file
from survey_pipeline.stages.intake.rejected_files.named_files import choose_files
from survey_pipeline.stages.intake.withdrawing import Withdrawn, withdraw
from survey_pipeline.stages.intake.zero_reports import ZeroReport, report_zero

__all__ = [
    "FileSummary",
    "Problem",
    "Withdrawn",
    "ZeroReport",
    "choose_files",
    "import_file",
    "report_zero",
    "withdraw",
]
