"""Files that people edit are read as editors save them, or refused with file and remedy."""

import os
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from survey_pipeline.app import open_app
from survey_pipeline.checks import run_checks
from survey_pipeline.cli.support import first_locale
from survey_pipeline.edited import LARGEST, Unreadable, read_edited
from survey_pipeline.errors import ConfigurationError, SurveyPipelineError
from survey_pipeline.stages.dispatch import check_templates
from survey_pipeline.standard import standard_for
from survey_pipeline.workspace import create_workspace

EDITED = {
    "config/pipeline.toml": "",
    "config/standards/wenzhou-2023.toml": "",
    "config/calendar/2026.toml": "# 节假日\nholidays = [2026-11-23]\n",
    "templates/sms/survey.txt": "",
    "survey.key": "",
}
"""With what they say, where nothing is shipped."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    create_workspace(tmp_path)
    for name, content in EDITED.items():
        if content:
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


def use(home: Path) -> None:
    """Read every file that people edit."""
    app = open_app(home, environ={})
    try:
        standard_for(2023, app.context.settings.standards, home / "config/standards")
        for problem in check_templates(home / "templates/sms", app.context.settings):
            raise ConfigurationError("{problem}", problem=problem)
        assert not app.context.calendar.is_working_day(date(2026, 11, 23))
    finally:
        app.close()


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path, 0o600)


def rewritten(change: Callable[[str], bytes]) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(change(path.read_text(encoding="utf-8")))


TAKEN = {
    "mark": lambda text: text.encode("utf-8-sig"),
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16, the other order": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "line ends": lambda text: text.replace("\n", "\r\n").encode(),
}
REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "GBK": (rewritten(lambda text: f"# 满意度\n{text}".encode("gb18030")), "save it as UTF-8"),
    "NUL": (rewritten(lambda text: f"# \0\n{text}".encode()), "line 1 holds NUL"),
    "UTF-16 without its mark": (rewritten(lambda text: text.encode("utf-16-le")), "UTF-8"),
    "bytes": (lambda path: path.write_bytes(b"\xff\xfe\xfa\x00" * 9 + b"x"), "UTF-8"),
    "a folder": (a_folder, "a folder stands in its place"),
    "a pipe": (a_pipe, "no plain file"),
    "far too large": (lambda path: os.truncate(path, LARGEST + 1), "too large"),
}


@pytest.mark.parametrize("form", TAKEN)
@pytest.mark.parametrize("name", EDITED)
def test_a_file_is_read_as_editors_save_it(name: str, form: str, home: Path) -> None:
    rewritten(TAKEN[form])(home / name)
    use(home)


@pytest.mark.parametrize("form", REFUSED)
@pytest.mark.parametrize("name", EDITED)
def test_what_cannot_be_read_is_refused_with_its_name_and_a_remedy(
    name: str, form: str, home: Path
) -> None:
    spoil, remedy = REFUSED[form]
    spoil(home / name)
    if name == "survey.key" and (home / name).is_dir():
        (home / name).chmod(0o700)
    with pytest.raises(SurveyPipelineError) as refused:
        use(home)
    assert refused.value.exit_code == 4
    assert Path(name).name in str(refused.value)
    assert remedy in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_may_not_be_read_says_whose_rights_to_look_at(tmp_path: Path) -> None:
    (tmp_path / "x").symlink_to(tmp_path / "x")
    with pytest.raises(Unreadable, match="links lead in a circle; see that"):
        read_edited(tmp_path / "x")


def test_every_mistake_in_the_configuration_is_told(home: Path) -> None:
    config = home / "config/pipeline.toml"
    text = config.read_text(encoding="utf-8")
    text = text.replace("max_age_days = 30", 'max_age_days = "many"\nnonsense = 1')
    config.write_text(text.replace("minimum = 2", "minimum = -1"), encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        use(home)
    told = [str(refused.value), *map(str, refused.value.others)]
    assert sorted(one.split("config/pipeline.toml: ")[1].split(" is wrong")[0] for one in told) == [
        "intake.max_age_days",
        "sampling.minimum",
        "unknown key intake.nonsense. Remove it, or check its spelling",
    ]
    assert len([one for one in run_checks(home, {}) if one.name == "configuration"]) == len(told)


def test_a_workspace_is_spoken_to_in_its_language_in_utf_16_too(home: Path) -> None:
    config = home / "config/pipeline.toml"
    text = config.read_text(encoding="utf-8").replace('locale = "zh_CN"', 'locale = "en"')
    for encoding in ("utf-8-sig", "utf-16"):
        config.write_text(text, encoding=encoding)
        assert first_locale(home, {}) == "en"
    shutil.rmtree(home / "config")
    assert first_locale(home, {"LANG": "zh_CN.UTF-8"}) == "zh_CN"
