"""The shipped reports tell the same story in every month they are moved to."""

from datetime import date
from pathlib import Path

import pytest

from survey_pipeline.simulation.real_forms import moved_delivery, moved_reports
from survey_pipeline.stages.intake import import_file
from survey_pipeline.testing import workspace
from survey_pipeline.vocabulary import RecordKind
from survey_pipeline.workspace import shipped_reports


@pytest.mark.parametrize("day", [date(2023, 5, 4), date(2026, 10, 8), date(2024, 3, 1)])
def test_as_many_rows_are_taken_and_refused_as_in_the_original(tmp_path: Path, day: date) -> None:
    context = workspace(tmp_path)
    for kind, name in ((RecordKind.PARENTS, "parents"), (RecordKind.OFFICES, "offices")):
        import_file(context, kind, shipped_reports() / f"{name}.csv")
    context.clock.at = context.calendar.end_of(day)
    files = tmp_path / "moved"
    files.mkdir()
    counts = {}
    for path in moved_reports(files, day):
        done = import_file(context, RecordKind.CASES, path, reported_on=day)
        counts[path.name[:2]] = (done.accepted, done.refused)
    assert counts == {
        "01": (12, 1),
        "02": (12, 0),
        "03": (12, 0),
        "04": (12, 0),
        "05": (12, 1),
        "06": (12, 0),
        "07": (2, 20),
        "08": (1, 2),
    }
    delivered = import_file(context, RecordKind.SATISFACTION, moved_delivery(files, day))
    assert (delivered.accepted, delivered.refused) == (3, 0)
