"""`init`: a complete workspace, and never a file overwritten (specification, section 2)."""

import re
import stat
from pathlib import Path

import pytest

from survey_pipeline.app import open_app
from survey_pipeline.edited import shipped
from survey_pipeline.errors import ConfigurationError
from survey_pipeline.store.crypto import derived_keys, read_key_file
from survey_pipeline.workspace import create_workspace, shipped_reports

ROOT = Path(__file__).parents[2]


def files(under: Path) -> dict[str, bytes]:
    found = (path for path in sorted(under.rglob("*")) if path.is_file())
    return {str(path.relative_to(under)): path.read_bytes() for path in found}


def test_a_new_workspace_is_complete_and_opens(tmp_path: Path) -> None:
    home = tmp_path / "deep" / "city"
    made = create_workspace(home)
    assert made.kept == []
    assert {"config/pipeline.toml", "survey.key", "database"} <= set(made.made)
    assert {"templates/sms/survey.txt", "config/standards/wenzhou-2023.toml"} <= set(made.made)
    app = open_app(home, environ={})
    assert app.context.settings.standards == {2023: "wenzhou-2023"}
    app.close()


def test_a_workspace_gets_what_operators_edit_byte_by_byte(tmp_path: Path) -> None:
    create_workspace(tmp_path, environ={"SURVEY_LOCALE": "en"})
    shipped_config = files(ROOT / "config")
    del shipped_config["pipeline.zh_CN.toml"]
    assert files(tmp_path / "config") == shipped_config
    assert files(tmp_path / "templates") == files(ROOT / "templates")


def test_the_configuration_explains_itself_in_the_language_of_the_workspace(tmp_path: Path) -> None:
    create_workspace(tmp_path / "as_shipped")
    create_workspace(tmp_path / "english", environ={"SURVEY_LOCALE": "en"})
    made = [files(tmp_path / name / "config") for name in ("as_shipped", "english")]
    assert "抽样比例" in made[0]["pipeline.toml"].decode()
    assert "What operators change" in made[1]["pipeline.toml"].decode()
    assert [sorted(name for name in one if "pipeline" in name) for one in made] == [
        ["pipeline.toml"],
        ["pipeline.toml"],
    ]


def test_both_languages_configure_the_same() -> None:
    """Settings, and the examples that are commented out, stand in both under the same section."""
    english, chinese = (
        [
            line.split("  # ")[0].split(" # ")[0].rstrip()
            for line in (ROOT / "config" / name).read_text("utf-8").splitlines()
            if re.match(r"(# )?(\[|\w+ = )", line)
        ]
        for name in ("pipeline.toml", "pipeline.zh_CN.toml")
    )
    assert len(english) > 60
    assert chinese == english


def test_a_second_init_keeps_everything_and_says_so(tmp_path: Path) -> None:
    first = create_workspace(tmp_path)
    (tmp_path / "templates/sms/survey.txt").write_text("Ours {{ digits }}", encoding="utf-8")
    before = files(tmp_path)
    second = create_workspace(tmp_path)
    assert second.made == []
    assert second.kept == first.made
    after = files(tmp_path)
    assert {name: after[name] for name in before if ".db" not in name} == {
        name: content for name, content in before.items() if ".db" not in name
    }


def test_what_is_missing_is_made_beside_what_is_there(tmp_path: Path) -> None:
    create_workspace(tmp_path)
    (tmp_path / "templates/sms/reason.txt").unlink()
    (tmp_path / "config/pipeline.toml").write_text('locale = "en"\n', encoding="utf-8")
    again = create_workspace(tmp_path)
    assert again.made == ["templates/sms/reason.txt"]
    assert (tmp_path / "config/pipeline.toml").read_text(encoding="utf-8") == 'locale = "en"\n'


def test_keys_are_made_at_random_and_for_the_owner_alone(tmp_path: Path) -> None:
    for name in ("one", "two"):
        create_workspace(tmp_path / name)
    paths = [tmp_path / name / "survey.key" for name in ("one", "two")]
    assert [stat.S_IMODE(path.stat().st_mode) for path in paths] == [0o600, 0o600]
    assert read_key_file(paths[0]) != read_key_file(paths[1])


def test_a_demos_keys_are_the_ones_it_brings(tmp_path: Path) -> None:
    create_workspace(tmp_path, derived_keys("demo"))
    assert read_key_file(tmp_path / "survey.key") == derived_keys("demo")


def test_a_folder_that_cannot_be_made_gives_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="cannot be written"):
        create_workspace(tmp_path / "file" / "city")


def test_a_key_file_in_a_folder_that_is_missing_gives_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    config = '[privacy]\nkey_file = "secrets/survey.key"\n'
    (tmp_path / "config/pipeline.toml").write_text(config, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="cannot be written"):
        create_workspace(tmp_path)


def test_the_shipped_parts_are_there() -> None:
    assert (shipped() / "config/pipeline.toml").is_file()
    assert (shipped_reports() / "offices.csv").is_file()
