"""The drawn cases of many months as one data set: a Parquet file a month, in a folder of its own.

The folders are named as Hive names partitions (`year=2023/month=2023-05/answers.parquet`), so that
DuckDB, Spark and Arrow read the whole as one table and open only the months that a query asks for.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import select

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed
from survey_pipeline.stages.export.answers_file import AnswersFile, write_answers
from survey_pipeline.store.engine import reading
from survey_pipeline.store.files import OWNER_ONLY_FOLDER
from survey_pipeline.store.tables import surveys
from survey_pipeline.validation import os_problem

NAMED_BY_FOLDERS = ("month",)
"""Columns that stand in the folders' names, as is usual, and not in the files."""


def months_with_surveys(context: Context) -> Sequence[str]:
    """Return the months of which cases were drawn, `YYYY-MM`, in order."""
    months = select(surveys.c.month).distinct().order_by(surveys.c.month)
    with reading(context.engine) as connection:
        return connection.scalars(months).all()


def write_answers_set(
    context: Context, months: Sequence[str], folder: Path
) -> Iterator[AnswersFile]:
    """Write a file for each month, and yield it; files of other months stay as they are.

    Args:
        context: the workspace.
        months: `YYYY-MM` each.
        folder: of the data set; made if it is missing.

    Raises:
        CannotProceed: nothing can be written there.
        ConfigurationError: a standard's file is missing or wrong.
    """
    for month in months:
        path = folder / f"year={month[:4]}" / f"month={month}" / "answers.parquet"
        try:
            path.parent.mkdir(OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
        except OSError as error:
            raise CannotProceed(
                "{folder} cannot be made ({problem}). Name another folder with --output",
                folder=path.parent,
                problem=os_problem(error),
            ) from error
        yield write_answers(context, month, path, "parquet", leave_out=NAMED_BY_FOLDERS)
