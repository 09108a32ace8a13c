"""The seed's hash before a month, the auditor's package after it (specification, section 4.5)."""

import hashlib
import shutil
import zipfile
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from survey_pipeline.app import App
from survey_pipeline.checks.check import Level
from survey_pipeline.checks.draws import look_at_draws
from survey_pipeline.errors import DrawError
from survey_pipeline.pipeline import run_day
from survey_pipeline.stages.sampling import (
    commit_seed,
    month_seed_hash,
    published_months,
    reveal_month,
    verify_draw,
)
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import audit_log, draw_months
from survey_pipeline.testing import add_offices, workspace
from survey_pipeline.testing.drawn_month import close_everything, draw_days
from survey_pipeline.testing.workspaces import SetContext

pytestmark = pytest.mark.usefixtures("database")

DAY = date(2023, 5, 4)
"""The day that a workspace's clock shows."""
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def context(tmp_path: Path) -> SetContext:
    made = workspace(tmp_path, sampling={"monthly_minimum": 6, "rate": "0.3"})
    add_offices(made, "agency", "health", "social")
    return made


@pytest.fixture
def package(context: SetContext, tmp_path: Path) -> Path:
    """Return the package of May 2023, committed late."""
    commit_seed(context, "2023-05")
    draw_days(context, 3)
    close_everything(context)
    path = tmp_path / "draws-2023-05.zip"
    reveal_month(context, "2023-05", path)
    return path


def test_a_month_is_committed_once_with_the_hash_of_its_seed(context: SetContext) -> None:
    made = commit_seed(context.acting("ana"), "2023-06")
    seed = context.keys.month_seed("2023-06")
    assert made.seed_hash == hashlib.sha256(seed.encode()).hexdigest()
    assert (made.in_time, made.is_new, made.remarks()) == (True, True, [])
    context.clock.advance(timedelta(days=1))
    again = commit_seed(context.acting("bob"), "2023-06")
    assert (again.committed_at, again.committed_by) == (made.committed_at, "ana")
    assert not again.is_new
    with reading(context.engine) as connection:
        entries = select(func.count()).where(audit_log.c.kind == "seeds")
        assert connection.scalar(entries) == 1


def test_a_commitment_made_late_or_to_a_configured_seed_says_so(
    context: SetContext, tmp_path: Path
) -> None:
    (late,) = commit_seed(context, "2023-05").remarks()
    assert "after 2023-05 had begun" in late.render("en")
    trial = workspace(tmp_path / "trial", sampling={"seed": "trial"})
    (configured,) = commit_seed(trial, "2023-06").remarks()
    assert "configuration" in configured.render("en")


def test_nothing_is_committed_for_a_month_that_is_over(context: SetContext) -> None:
    with pytest.raises(DrawError, match="2023-04 is over"):
        commit_seed(context, "2023-04")


def test_the_daily_run_commits_the_month_that_follows(context: SetContext) -> None:
    shutil.copytree(REPOSITORY / "templates", context.home / "templates")
    run_day(context, {}, DAY)
    (june,) = (found for found in published_months(context, 9) if found.month == "2023-06")
    assert june.commitment
    assert june.commitment.in_time
    assert june.commitment.seed_hash == month_seed_hash(context, "2023-06")


def test_a_seed_other_than_the_committed_one_is_told_everywhere(
    context: SetContext, tmp_path: Path
) -> None:
    commit_seed(context, "2023-05")
    other = workspace_with_seed(context, "chosen for its cases")
    draw_days(other, 1)
    with pytest.raises(DrawError, match="not the committed one any more"):
        commit_seed(other, "2023-05")
    (problem,) = verify_draw(other, DAY).problems
    assert "another seed than the one committed" in problem.render("en")
    (month,) = published_months(other, 1)
    assert not month.kept
    close_everything(other)
    done = reveal_month(other, "2023-05", tmp_path / "package.zip")
    assert any("2023-05-04 used another seed" in remark.render("en") for remark in done.remarks)


def workspace_with_seed(context: SetContext, seed: str) -> SetContext:
    """Return the workspace as after a change of `sampling.seed`."""
    settings = context.settings
    sampling = settings.sampling.model_copy(update={"seed": seed})
    changed = settings.model_copy(update={"sampling": sampling})
    return SetContext(**{**vars(context), "settings": changed})


def test_the_same_draws_give_the_same_bytes_and_the_first_reveal_is_kept(
    context: SetContext, package: Path, tmp_path: Path
) -> None:
    context.clock.advance(timedelta(days=3))
    again = reveal_month(context.acting("ana"), "2023-05", tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == package.read_bytes()
    assert again.package_hash == again.first_hash
    assert again.first_by != "ana"
    with reading(context.engine) as connection:
        row = connection.execute(select(draw_months).where(draw_months.c.month == "2023-05")).one()
    assert row.package_hash == hashlib.sha256(package.read_bytes()).hexdigest()
    assert row.seed_hash is not None


def test_the_package_names_no_citizen(package: Path) -> None:
    with zipfile.ZipFile(package) as archive:
        names = set(archive.namelist())
        everything = "".join(archive.read(name).decode() for name in names)
    assert {"README.txt", "month.json", "verify_draw.py"} < names
    assert "138000" not in everything
    assert "phone_hash" not in everything


def test_draws_are_revealed_when_the_last_survey_has_ended(
    context: SetContext, tmp_path: Path
) -> None:
    path = tmp_path / "package.zip"
    draw_days(context, 1)
    with pytest.raises(DrawError, match="2023-05 is not over"):
        reveal_month(context, "2023-05", path)
    context.clock.advance(timedelta(days=28))
    with pytest.raises(DrawError, match="still open"):
        reveal_month(context, "2023-05", path)
    with pytest.raises(DrawError, match="no day of 2023-04 was drawn"):
        reveal_month(context, "2023-04", path)
    assert not path.exists()
    close_everything(context)
    (remark,) = reveal_month(context, "2023-05", path).remarks
    assert "nothing was committed" in remark.render("en")


def test_doctor_tells_of_commitments_kept_missing_and_broken(context: SetContext) -> None:
    def found(context: SetContext) -> list[tuple[Level, str]]:
        checks = look_at_draws(App(context, {}))
        return [(check.level, check.found.render("en")) for check in checks]

    assert found(context) == []
    context.clock.advance(date(2023, 5, 29) - DAY)
    assert found(context) == [(Level.WARNING, "the seed of 2023-06 is not committed")]
    commit_seed(context, "2023-06")
    assert found(context) == [(Level.OK, "the seed of 2023-06 is committed")]
    changed = workspace_with_seed(context, "chosen for its cases")
    assert found(changed) == [(Level.FAILED, "the seed of 2023-06 is not the committed one")]
