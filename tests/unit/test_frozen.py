"""Values that are made by the hundred thousand behave as frozen dataclasses do."""

from dataclasses import fields, replace
from pathlib import Path

from mypy import api

from survey_pipeline.frozen import frozen


@frozen
class Point:
    x: int
    y: int = 0


def test_it_is_a_dataclass_that_compares_and_hashes_by_its_fields() -> None:
    assert fields(Point)
    assert Point(1) == Point(1, 0) != Point(2)
    assert len({Point(1), Point(1, 0), replace(Point(1), y=3)}) == 2


def test_the_type_checker_refuses_a_change(tmp_path: Path) -> None:
    module = tmp_path / "change.py"
    module.write_text(
        "from survey_pipeline.i18n import Message\n"
        'said = Message("hello")\n'
        'said.text = "good-bye"\n'
    )
    told, _, status = api.run(["--cache-dir", str(tmp_path / "cache"), str(module)])
    assert status == 1
    assert "read-only" in told
