"""The files of `deploy/` and of CI name what the program has; a backup can be put back."""

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from survey_pipeline.cli.main import app
from survey_pipeline.settings import load_settings
from survey_pipeline.store.tables import cases

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
COMMANDS: dict[str, Any] = getattr(typer.main.get_command(app), "commands", {})


def compose() -> dict[str, Any]:
    """Return the compose file, its variables filled in."""
    text = (DEPLOY / "compose.yaml").read_text("utf-8")
    loaded: dict[str, Any] = yaml.safe_load(re.sub(r"\$\{\w+:\?[^}]*\}", "filled", text))
    return loaded


def unit(path: Path) -> configparser.ConfigParser:
    read = configparser.ConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[assignment,method-assign] # the names of units have capitals
    read.read(path)
    return read


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_unit_starts_what_is_there(path: Path) -> None:
    words = shlex.split(unit(path)["Service"]["ExecStart"])
    program = Path(words[0]).relative_to("/srv/survey-pipeline")
    if program == Path(".venv/bin/survey-pipeline"):
        assert words[1:3] == ["--home", "/var/lib/survey"]
        assert words[3] in COMMANDS
    else:
        assert os.access(ROOT / program, os.X_OK)


def test_the_timer_has_its_unit() -> None:
    for timer in (DEPLOY / "systemd").glob("*.timer"):
        assert timer.with_suffix(".service") in UNITS


def test_the_compose_file_sets_keys_that_there_are(tmp_path: Path) -> None:
    services = compose()["services"]
    (tmp_path / "config").mkdir()
    shutil.copy(ROOT / "config/pipeline.toml", tmp_path / "config")
    settings = load_settings(tmp_path, services["survey"]["environment"])
    assert settings.database.url == "postgresql+psycopg://survey:filled@db/survey"
    subnet = compose()["networks"]["default"]["ipam"]["config"][0]["subnet"]
    assert subnet in [str(network) for network in settings.web.proxies]


def test_the_compose_file_and_the_container_run_commands_that_there_are() -> None:
    services = compose()["services"]
    assert services["init"]["command"][0] in COMMANDS
    assert services["survey"]["command"][0] in COMMANDS
    containerfile = (DEPLOY / "Containerfile").read_text("utf-8")
    assert 'ENTRYPOINT ["survey-pipeline"]\nCMD ["run", "--host", "0.0.0.0"]' in containerfile
    for lock in re.findall(r"[\w-]+\.lock", containerfile):
        assert lock == "run.lock" or (ROOT / lock).is_file()


def literals() -> str:
    package = (ROOT / "survey_pipeline").rglob("*.py")
    return "\n".join(path.read_text("utf-8") for path in package)


def test_alerts_ask_for_measures_that_there_are() -> None:
    rules = yaml.safe_load((DEPLOY / "prometheus-rules.yaml").read_text("utf-8"))
    alerts = [rule for group in rules["groups"] for rule in group["rules"]]
    assert alerts
    for language in ("", ".zh_CN"):
        page = (ROOT / f"docs/deploying{language}.md").read_text("utf-8")
        assert [rule["alert"] for rule in alerts if f"| {rule['alert']} |" not in page] == []


def run(home: Path, *words: str) -> str:
    command = [sys.executable, "-m", "survey_pipeline.cli", "--home", str(home), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A workspace with a register, and the file of its backup."""
    folder = tmp_path_factory.mktemp("backup")
    run(folder, "init", str(folder / "city"))
    run(folder / "city", "import", "parents", str(ROOT / "tests/data/reports/parents.csv"))
    command = [DEPLOY / "backup", folder / "city", folder / "kept"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return folder / "city", Path(done.stdout.strip())


def test_a_backup_is_for_its_owner_alone_and_has_no_key(backup: tuple[Path, Path]) -> None:
    city, file = backup
    assert file.stat().st_mode & 0o077 == 0
    assert list(file.parent.iterdir()) == [file]
    with tarfile.open(file) as archive:
        names = {Path(name).name for name in archive.getnames()}
    assert {"survey.db", "pipeline.toml", "survey.txt"} <= names
    assert (city / "survey.key").is_file()
    assert "survey.key" not in names


def test_a_backup_put_back_is_the_city_again(backup: tuple[Path, Path], tmp_path: Path) -> None:
    city, file = backup
    with tarfile.open(file) as archive:
        archive.extractall(tmp_path, filter="data")
    shutil.copy(city / "survey.key", tmp_path)
    before, after = (json.loads(run(home, "status", "--json")) for home in (city, tmp_path))
    assert {**after, "at": ""} == {**before, "at": ""}
    parents = str(ROOT / "tests/data/reports/parents.csv")
    assert '"accepted": 0' in run(tmp_path, "import", "parents", parents, "--json")


def test_a_backup_of_postgresql_holds_every_table(postgres: Any, tmp_path: Path) -> None:
    for part in ("config", "templates"):
        shutil.copytree(ROOT / part, tmp_path / "city" / part)
    environ = {
        **os.environ,
        "SURVEY_DATABASE__URL": postgres.template,
        "PATH": f"{postgres.programs}:{os.environ['PATH']}",
    }
    command = [DEPLOY / "backup", tmp_path / "city", tmp_path / "kept"]
    done = subprocess.run(
        command, env=environ, capture_output=True, text=True, check=True, timeout=60
    )
    with tarfile.open(done.stdout.strip()) as archive:
        archive.extract("./survey.dump", tmp_path, filter="data")
    listing = [postgres.programs / "pg_restore", "--list", tmp_path / "survey.dump"]
    held = subprocess.run(listing, capture_output=True, text=True, check=True).stdout
    tables = set(re.findall(r" TABLE DATA public (\w+) ", held))
    assert set(cases.metadata.tables) <= tables


def test_ci_runs_every_python_that_the_metadata_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = re.findall(r"Python :: (3\.\d+)", " ".join(project["classifiers"]))
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text("utf-8"))
    job = workflow["jobs"]["test"]
    assert job["strategy"]["matrix"]["python"] == named
    assert {"run": ".ci/run"} in job["steps"]


def test_hooks_before_a_commit_call_the_projects_own_tools() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    assert [repo["repo"] for repo in config["repos"]] == ["local"]
    tools = {hook["entry"].split()[0] for repo in config["repos"] for hook in repo["hooks"]}
    assert {tool for tool in tools if not (ROOT / tool).exists()} == set()
