"""Files that are written for one response and not kept."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from fastapi import Response
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from survey_pipeline.context import Context
from survey_pipeline.stages.export.destination import passing_folder

TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".pdf": "application/pdf",
    ".zip": "application/zip",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""Media type by ending."""


def send_file(context: Context, take: Callable[[Path], Path]) -> Response:
    """Send a file that is written to a temporary folder, and deleted after the response.

    Args:
        context: the workspace, which holds the folder.
        take: writes the file into the folder that it is given, and returns its path.
    """
    with ExitStack() as cleanup:
        path = take(cleanup.enter_context(passing_folder(context.home)))
        after_response = cleanup.pop_all()
    return FileResponse(
        path,
        filename=path.name,
        media_type=TYPES[path.suffix],
        background=BackgroundTask(after_response.close),
    )
