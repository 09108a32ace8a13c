"""`show` and `forget` look into the files of the workspace that may hold full numbers."""

import zipfile
from pathlib import Path

import pytest

from survey_pipeline.privacy.held_numbers import files_with
from survey_pipeline.privacy.holding import show_citizen
from survey_pipeline.privacy.requests import forget_citizen
from survey_pipeline.testing import workspace

NUMBER = "+8613857710001"
TYPED = {
    "plain": ("13857710001", "utf-8"),
    "spaced": ("138 5771 0001", "utf-8"),
    "dashed": ("+86-138-5771-0001", "utf-8"),
    "float": ("13857710001.0", "utf-8"),
    "wide": ("１３８５７７１０００１", "utf-8"),
    "gbk": ("电话１３８５７７１０００１", "gb18030"),
    "utf16": ("电话13857710001", "utf-16"),
}


@pytest.mark.parametrize("typed", TYPED)
def test_a_number_is_found_however_it_is_typed(tmp_path: Path, typed: str) -> None:
    file = tmp_path / "today" / "cases.csv.rejected.csv"
    file.parent.mkdir()
    number, encoding = TYPED[typed]
    across_two_pieces = "x" * ((1 << 20) - 8)
    file.write_text(f"{across_two_pieces}\n1,phone,{number}\n", encoding)
    assert [found.path for found in files_with(tmp_path, NUMBER)] == [file]
    assert files_with(tmp_path, "+8613857710002") == []


def test_files_that_hold_the_number_are_named_and_deleted_and_others_stay(tmp_path: Path) -> None:
    context = workspace(tmp_path)
    upload = tmp_path / "uploads" / "hash" / "token" / "file" / "cases.xlsx"
    handover, other = tmp_path / "exports" / "handover-x.xlsx", tmp_path / "b.rejected.csv"
    for file, cell in ((upload, "13857710001"), (handover, "138 5771 0001")):
        file.parent.mkdir(parents=True)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
            package.writestr("xl/sharedStrings.xml", f"<sst><si><t>{cell}</t></si></sst>")
    other.write_text("1,phone,bad,13857710002\n")
    shown = show_citizen(context, NUMBER, "Li").found["files"]
    assert [row["file"] for row in shown] == ["uploads/hash/token", "exports/handover-x.xlsx"]
    done = forget_citizen(context, NUMBER, "Li", "letter")
    assert done.files == ["uploads/hash/token", "exports/handover-x.xlsx"]
    assert done.receipt is not None
    assert done.receipt.counts == {"uploads": 1, "exported_files": 1}
    assert not upload.exists()
    assert not handover.exists()
    assert other.exists()
