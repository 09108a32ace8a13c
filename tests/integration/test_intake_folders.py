"""`import cases today/*`: what lies beside reports, and rejected files of earlier runs."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from sqlalchemy import select
from typer.testing import CliRunner

from survey_pipeline.cli import intake, support
from survey_pipeline.store import migrate
from survey_pipeline.store.crypto import new_keys, write_key_file
from survey_pipeline.store.engine import open_engine, reading
from survey_pipeline.store.tables import cases

REPORTS = Path(__file__).parents[1] / "data" / "reports"
HEADER = "office_code,case_no,served_on,phone,item\n"
GOOD = "WZ-AG-001,A1,2023-05-04,13812340001,x"
BAD = "WZ-AG-001,A2,2023-05-04,138****0002,x"
REJECTED = "a.csv.rejected.csv"

app = typer.Typer()
app.command("import")(intake.import_files)
app.command("withdraw")(intake.withdraw)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Any]:
    home = tmp_path / "home"
    (home / "config").mkdir(parents=True)
    (home / "config" / "pipeline.toml").write_text('locale = "en"\n[intake]\nmax_age_days = 3660\n')
    write_key_file(home / "survey.key", new_keys())
    (home / "survey.db").touch()
    engine = open_engine("sqlite:///survey.db", home)
    migrate.upgrade(engine)
    support.called_with(home)
    for kind in ("parents", "offices"):
        path = home / f"{kind}.csv"
        path.write_bytes((REPORTS / path.name).read_bytes())
        done = CliRunner().invoke(app, ["import", kind, str(path)])
        assert done.exit_code == 0, done.stderr
    yield engine
    engine.dispose()


@pytest.fixture
def today(tmp_path: Path) -> Any:
    (tmp_path / "today").mkdir()
    return tmp_path / "today"


def run(folder: Path, *words: Any) -> Any:
    files = sorted(str(path) for path in folder.iterdir())
    done = CliRunner().invoke(app, ["import", "cases", *files, *words], catch_exceptions=False)
    return done.exit_code, done.stdout, done.stderr


def document(folder: Path) -> Any:
    return json.loads(run(folder, "--json")[1])


def save(folder: Path, *lines: Any, name: str = "a.csv") -> None:
    (folder / name).write_text(HEADER + "".join(f"{line}\n" for line in lines))


def names(folder: Path) -> Any:
    return sorted(path.name for path in folder.iterdir())


def stored(engine: Any) -> Any:
    with reading(engine) as connection:
        return sorted(connection.scalars(select(cases.c.case_no)))


def mended(folder: Path, old: str = "138****0002", new: str = "13812340002") -> Any:
    path = folder / REJECTED
    path.write_text(path.read_text("utf-8-sig").replace(old, new), "utf-8-sig")
    return path.read_bytes()


def test_the_same_folder_again_and_again(engine: Any, today: Any) -> None:
    save(today, GOOD, BAD)
    for _ in range(3):
        code, out, _ = run(today)
        assert code == 3
        assert names(today) == ["a.csv", REJECTED]
    assert f"{REJECTED} is passed over: the program wrote it" in out
    assert stored(engine) == ["A1"]


def test_a_mended_rejected_file_is_read_first_and_left(engine: Any, today: Any) -> None:
    save(today, GOOD, BAD)
    run(today)
    work = mended(today)
    for _ in range(3):
        code, out, _ = run(today)
        assert code == 3
        assert f"{REJECTED} was changed" in out
        assert (today / REJECTED).read_bytes() == work
        assert names(today) == ["a.csv", REJECTED]
    assert stored(engine) == ["A1", "A2"]


def test_it_is_told_in_json_too(engine: Any, today: Any) -> None:
    save(today, GOOD, BAD)
    run(today)
    assert [one["reason"] for one in document(today)["passed_over"]] == [
        f"{REJECTED} is passed over: the program wrote it, and nothing was mended in it since"
    ]
    mended(today)
    first, second = document(today)["files"]
    assert (first["file"], first["accepted"]) == (str(today / REJECTED), 1)
    assert second["rejected_file"] is None
    assert "left as it is" in second["warned"][0]["reason"]


def test_a_mended_file_stays_when_its_origin_is_clean(engine: Any, today: Any) -> None:
    save(today, GOOD, BAD)
    run(today)
    work = mended(today)
    save(today, GOOD)
    assert run(today)[0] == 0
    assert (today / REJECTED).read_bytes() == work


def test_what_is_still_wrong_in_a_mended_file_goes_beside_it(engine: Any, today: Any) -> None:
    save(today, GOOD, BAD, BAD.replace("A2", "A3"))
    run(today)
    path = today / REJECTED
    path.write_text(
        path.read_text("utf-8-sig").replace("138****0002", "13812340002", 1), "utf-8-sig"
    )
    for _ in range(3):
        assert run(today)[0] == 3
        assert names(today) == ["a.csv", REJECTED, f"{REJECTED}.rejected.csv"]
    assert stored(engine) == ["A1", "A2"]


def test_a_rejected_file_alone_is_read(engine: Any, today: Any) -> None:
    save(today, GOOD, BAD)
    run(today)
    (today / "a.csv").unlink()
    mended(today)
    assert run(today)[0] == 0
    assert stored(engine) == ["A1", "A2"]


def test_a_rejected_file_goes_when_nothing_is_refused_any_more(engine: Any, today: Any) -> None:
    save(today, GOOD, BAD)
    run(today)
    save(today, GOOD)
    assert run(today)[0] == 0
    assert names(today) == ["a.csv"]


def test_a_file_of_that_name_from_elsewhere_is_kept(engine: Any, today: Any) -> None:
    save(today, GOOD, BAD)
    save(today, BAD.replace("138****0002", "13812340002"), name=REJECTED)
    before = (today / REJECTED).read_bytes()
    run(today)
    assert (today / REJECTED).read_bytes() == before
    assert stored(engine) == ["A1", "A2"]


def test_what_lies_beside_reports_is_passed_over(engine: Any, today: Any) -> None:
    save(today, GOOD)
    (today / "done").mkdir()
    (today / "~$b.xlsx").write_bytes(b"\x05Zhang\0" + b"\0" * 158)
    (today / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    code, out, err = run(today)
    assert (code, err, stored(engine)) == (0, "", ["A1"])
    assert "~$b.xlsx is passed over: it is the lock file" in out
    assert "done is passed over: it is a folder" in out
    reasons = {one["file"]: one["reason"] for one in document(today)["passed_over"]}
    assert "operating system" in reasons[str(today / ".DS_Store")]


def test_a_lock_file_alone_cannot_be_read(engine: Any, today: Any) -> None:
    (today / "~$b.xlsx").write_bytes(b"\x05Zhang\0" + b"\0" * 158)
    code, _, err = run(today)
    assert code == 4
    assert "lock file" in err


def test_a_file_that_cannot_be_read_holds_up_no_other(engine: Any, today: Any) -> None:
    save(today, GOOD, name="z.csv")
    (today / "a.pdf").write_bytes(b"%PDF-1.7")
    (today / "b.csv").write_bytes(b"")
    code, _, err = run(today)
    assert code == 4
    assert err.splitlines()[0].startswith("a.pdf is a PDF document")
    assert err.splitlines()[1] == "b.csv is empty"
    assert stored(engine) == ["A1"]
    told = document(today)
    assert [len(told[name]) for name in ("files", "unreadable")] == [1, 2]


def test_warnings_are_listed(engine: Any, today: Any) -> None:
    rows = [f"{GOOD},y"] * 2
    (today / "a.csv").write_text(HEADER.rstrip() + ",extra\n" + "".join(f"{row}\n" for row in rows))
    (told,) = document(today)["files"]
    assert told["warnings"] == len(told["warned"]) == 1
    assert told["warned"][0] == {"row": 1, "column": "extra", "reason": "nothing reads this column"}
