"""Which language speaks before the settings are read, and where they cannot be."""

from pathlib import Path

import pytest

from survey_pipeline.cli import support
from survey_pipeline.cli.support import called_with, first_locale, say, shown
from survey_pipeline.i18n import Message


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "config").mkdir()
    return tmp_path


def configured(home: Path, text: str) -> Path:
    (home / "config" / "pipeline.toml").write_text(text, encoding="utf-8")
    return home


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_the_configuration_decides(home: Path, locale: str) -> None:
    text = f'timezone = "Asia/Shanghai"\nlocale = "{locale}"  # or another\n'
    assert first_locale(configured(home, text), {"LANG": "de_DE.UTF-8"}) == locale


def test_a_mistake_elsewhere_in_the_file_does_not_change_the_language(home: Path) -> None:
    assert first_locale(configured(home, 'locale = "en"\n[sampling\nrate ='), {}) == "en"


def test_a_line_that_is_commented_out_does_not_count(home: Path) -> None:
    assert first_locale(configured(home, '# locale = "en"\n'), {}) == "zh_CN"


def test_the_environment_overlays_the_file(home: Path) -> None:
    configured(home, 'locale = "zh_CN"\n')
    assert first_locale(home, {"SURVEY_LOCALE": "en"}) == "en"
    assert first_locale(home, {"SURVEY_LOCALE": '"en"'}) == "en"


def test_an_unknown_locale_is_explained_in_the_shipped_one(home: Path) -> None:
    assert first_locale(configured(home, 'locale = "fr"\n'), {}) == "zh_CN"


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
    ],
)
def test_without_a_workspace_the_machine_decides(
    tmp_path: Path, environ: dict[str, str], expected: str
) -> None:
    assert first_locale(tmp_path, environ) == expected


def test_commands_speak_the_language_of_their_workspace(home: Path) -> None:
    called_with(configured(home, 'locale = "zh_CN"\n'))
    assert say("{count} replies.", count=3) == "共 3 条回复。"
    assert shown(Message("Busy")) == "占线"
    support.invocation().locale = "en"
    assert say("{count} replies.", count=3) == "3 replies."
