"""Refused cells that are mended on the page: kept beside the file, read in the place of its own."""

import json
from collections.abc import Mapping
from pathlib import Path

from survey_pipeline.stages.intake.formats.mended_source import MendedRows
from survey_pipeline.stages.intake.rejected_files.refused_rows import read_refused, refused_header
from survey_pipeline.stages.intake.uploads.upload import refused_path
from survey_pipeline.store.files import written_whole

MOST_CELLS = 50
"""Cells that a page lets be mended; with more, the rejected file is the better way."""
LONGEST_CELL = 2_000
"""Characters of a mended cell."""
_MENDED = "mended.json"

MendedCells = Mapping[tuple[int, int], str]
"""Row number and index of the cell -> its new text."""


def read_mended(folder: Path) -> MendedRows:
    """Return the rows of an upload that were mended."""
    try:
        note = json.loads((folder / _MENDED).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return {int(number): cells for number, cells in note.items()}


def mend(folder: Path, cells: MendedCells) -> None:
    """Keep new texts of cells of refused rows; texts of other rows are passed over."""
    mended = dict(read_mended(folder))
    path = refused_path(folder)
    width = len(refused_header(path))
    for row in read_refused(path):
        changed = {at: text for (number, at), text in cells.items() if number == row.row}
        if not changed:
            continue
        even = [*row.cells, *[""] * (width - len(row.cells))]
        mended[row.row] = [changed.get(at, cell) for at, cell in enumerate(even)]
    with written_whole(folder / _MENDED) as new:
        new.write_text(json.dumps(mended, ensure_ascii=False), encoding="utf-8")
