"""`config/pipeline.toml` and its overlay (specification, section 11)."""

import tomllib
from datetime import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from survey_pipeline.errors import ConfigurationError
from survey_pipeline.notation import Hours
from survey_pipeline.settings import (
    CONFIG_FILE,
    Gateway,
    Settings,
    load_settings,
)

ROOT = Path(__file__).parents[2]
SHIPPED = (ROOT / CONFIG_FILE).read_text(encoding="utf-8")
TRIALS_AND_SECRETS = {"demo", "sampling.seed", "privacy.key"}
"""Keys that the shipped file does not set: for trials, for a demo, for secrets."""


def load(home: Path, text: str = "", **environ: str) -> Settings:
    """Settings of a workspace whose file says `text`."""
    (home / CONFIG_FILE).parent.mkdir(exist_ok=True)
    (home / CONFIG_FILE).write_text(text, encoding="utf-8")
    return load_settings(home, environ)


def refusal(home: Path, text: str = "", **environ: str) -> str:
    with pytest.raises(ConfigurationError) as refused:
        load(home, text, **environ)
    assert refused.value.exit_code == 4
    return str(refused.value)


def keys(model: type[BaseModel]) -> set[str]:
    """Every key of the file that the settings know, `section.key`."""
    found = set()
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found |= {f"{name}.{key}" for key in keys(inner)}
        else:
            found.add(name)
    return found


def written(data: dict[str, Any], under: str = "") -> set[str]:
    found = set()
    for name, value in data.items():
        nested = isinstance(value, dict) and name != "standards"
        found |= written(value, f"{name}.") if nested else {under + name}
    return found


def test_the_shipped_file_says_what_holds_without_it(tmp_path: Path) -> None:
    """Key by key: an operator who deletes a line gets what the line said."""
    shipped = load(tmp_path, SHIPPED).model_dump()
    default = Settings().model_dump()
    assert shipped.pop("standards") == {2023: "wenzhou-2023"}
    assert [one["kind"] for one in shipped.pop("gateway")] == ["simulated"]
    del default["standards"], default["gateway"]
    assert shipped == default


def test_the_shipped_file_shows_every_key() -> None:
    shown = written(tomllib.loads(SHIPPED))
    assert shown == keys(Settings) - TRIALS_AND_SECRETS


@pytest.mark.parametrize("file", ["pipeline.toml", "pipeline.zh_CN.toml"])
def test_the_shipped_files_show_every_key_that_all_gateways_know(file: str) -> None:
    text = (ROOT / "config" / file).read_text(encoding="utf-8")
    without_names = keys(Gateway) - {"name"}  # is needed for two of one kind alone
    assert [key for key in without_names if f"{key} = " not in text] == []
    assert 'currency = "CNY"' in text, "with its default"


def test_the_simulated_gateway_is_priced_exactly(tmp_path: Path) -> None:
    (gateway,) = load(tmp_path, SHIPPED).gateway
    assert gateway.price_per_segment == Decimal("0.045")
    assert (gateway.label, gateway.priority) == ("simulated", 100)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("colour = 1", "colour"),
        ("[sampling]\nrates = 0.2", "sampling.rates"),
        ("[samplings]\nrate = 0.2", "samplings"),
        ("[sending]\nhour = ['09:00-12:00']", "sending.hour"),
    ],
)
def test_an_unknown_key_stops_with_file_key_and_remedy(tmp_path: Path, text: str, key: str) -> None:
    said = refusal(tmp_path, text)
    assert said == (f"config/pipeline.toml: unknown key {key}. Remove it, or check its spelling")


@pytest.mark.parametrize(
    ("text", "key", "remedy"),
    [
        ('locale = "fr"', "locale", "one of 'zh_CN', 'en'"),
        ('timezone = "Asia/Atlantis"', "timezone", "no such time zone: Asia/Atlantis"),
        ('timezone = "../../etc/passwd"', "timezone", "no such time zone"),
        ("[standards]\nsoon = 'x'", "standards.soon", "integer"),
        ("[intake]\nmax_age_days = -1", "intake.max_age_days", "greater than or equal to 0"),
        ("[intake]\nmax_age_days = 1.5", "intake.max_age_days", "integer"),
        ("[sampling]\nrate = 0", "sampling.rate", "greater than 0"),
        ("[sampling]\nrate = 1.01", "sampling.rate", "less than or equal to 1"),
        ("[sampling]\nrate = nan", "sampling.rate", "finite"),
        ("[sampling]\nrate = 'a fifth'", "sampling.rate", "decimal"),
        ("[sampling]\nmaximum = 0", "sampling.maximum", "greater than or equal to 1"),
        ("[sampling]\nminimum = 31", "sampling", "minimum is above maximum"),
        ("[sending]\nhours = []", "sending.hours", "at least one window"),
        ("[sending]\nhours = ['9-12']", "sending.hours.0", '"09:00-12:00"'),
        ("[sending]\nhours = ['12:00-09:00']", "sending.hours.0", "must end after it begins"),
        (
            "[sending]\nhours = ['09:00-24:00']",
            "sending.hours.0",
            "a day has hours from 00:00 to 23:59",
        ),
        ("[sending]\nhours = ['09:00-12:00', '11:00-13:00']", "sending.hours", "not overlap"),
        ("[sending]\nhours = ['14:00-20:00', '09:00-12:00']", "sending.hours", "in order"),
        ("[sending]\nhold_for = 3", "sending.hold_for", "30s, 15m, 48h or 7d"),
        ("[sending]\nlease = '60 seconds'", "sending.lease", "30s, 15m, 48h or 7d"),
        (
            "[sending]\nunknown_policy = 'hope'",
            "sending.unknown_policy",
            "one of 'phone', 'resend'",
        ),
        ("[callbacks]\nplan = ''", "callbacks.plan", '"0h 4h 1d"'),
        ("[callbacks]\nplan = '0h later'", "callbacks.plan", "30s, 15m, 48h or 7d"),
        ("[callbacks]\nverify_satisfied = 2", "callbacks.verify_satisfied", "less than or equal"),
        ("[privacy]\nmin_cell = 0", "privacy.min_cell", "greater than or equal to 1"),
        ("[organisation]\nname = ' '", "organisation.name", "a plain name"),
        ("[organisation]\nname = '{office}'", "organisation.name", "a plain name"),
        ("[organisation]\nname = 'A & B'", "organisation.name", "a plain name"),
        (f"[organisation]\nname = '{'市' * 41}'", "organisation.name", "at most 40 characters"),
        (
            "[security]\nsecond_factor_for = ['caller']",
            "security.second_factor_for",
            "admin, analyst, operator",
        ),
        ("[schedule]\ndaily = 'at noon'", "schedule.daily", "five fields"),
        ("[[gateway]]\npriority = 1", "gateway.0.kind", "required"),
        ("[[gateway]]\nkind = 'x'\npriority = -1", "gateway.0.priority", "greater than or equal"),
        ("[[gateway]]\nkind = 'x'\n[[gateway]]\nkind = 'x'", "gateway", "give each a `name`"),
    ],
)
def test_a_wrong_value_stops_with_file_key_and_remedy(
    tmp_path: Path, text: str, key: str, remedy: str
) -> None:
    said = refusal(tmp_path, text)
    assert said.startswith(f"config/pipeline.toml: {key} is wrong: ")
    assert remedy in said


@pytest.mark.parametrize("line", ["61 17 * * *", "30 25 * * *", "30 17 * * mañana", "a b c d e"])
def test_a_cron_line_that_no_scheduler_reads_is_refused(tmp_path: Path, line: str) -> None:
    said = refusal(tmp_path, f"[schedule]\ndaily = '{line}'")
    assert said.startswith("config/pipeline.toml: schedule.daily is wrong: ")


@pytest.mark.parametrize(
    "key",
    [
        "sending.lease",
        "sending.hold_for",
        "callbacks.lease",
        "survey.reply_window",
        "survey.closes_after",
    ],
)
def test_a_lease_or_a_survey_of_no_length_is_refused(tmp_path: Path, key: str) -> None:
    section, name = key.split(".")
    assert f"{key} is wrong" in refusal(tmp_path, f"[{section}]\n{name} = '0s'")


@pytest.mark.parametrize(
    "key", ["intake.max_age_days", "sampling.quiet_days", "privacy.retention_days"]
)
def test_days_beyond_every_calendar_are_refused(tmp_path: Path, key: str) -> None:
    section, name = key.split(".")
    assert f"{key} is wrong" in refusal(tmp_path, f"[{section}]\n{name} = 4000000")


def test_a_missing_file_says_how_to_make_a_workspace(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="Run: survey-pipeline init"):
        load_settings(tmp_path, {})


@pytest.mark.parametrize("content", [b"a = = 1", b"\xff\xfa", b"[sampling\n"])
def test_what_is_no_toml_is_refused_with_the_file(tmp_path: Path, content: bytes) -> None:
    load(tmp_path)
    (tmp_path / CONFIG_FILE).write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"config/pipeline\.toml cannot be read"):
        load_settings(tmp_path, {})


def test_the_environment_overlays_the_file(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        SHIPPED,
        SURVEY_SAMPLING__RATE="0.3",
        SURVEY_SENDING__HOURS='["10:00-11:00"]',
        SURVEY_LOCALE="en",
        SURVEY_CALLBACKS__DISSATISFIED="false",
        SURVEY_STANDARDS__2024="other",
        SURVEY_GATEWAY__0__PRIORITY="50",
        SURVEY_DATABASE__URL="sqlite:///other.db",
        SURVEY_REVIEW__SEED="12345",
        UNRELATED="x",
    )
    assert settings.sampling.rate == Decimal("0.3")
    assert settings.sending.hours == (Hours(time(10), time(11)),)
    assert settings.locale == "en"
    assert settings.callbacks.dissatisfied is False
    assert settings.standards == {2023: "wenzhou-2023", 2024: "other"}
    assert settings.gateway[0].priority == 50
    assert settings.database.url == "sqlite:///other.db"
    assert settings.review.seed == "12345"
    assert settings.sampling.minimum == 2


def test_the_home_is_no_setting(tmp_path: Path) -> None:
    assert load(tmp_path, "", SURVEY_HOME="/nowhere", SURVEY_REQUIRE_ALL="1") == Settings()


@pytest.mark.parametrize(
    "name",
    ["SURVEY_SAMPLING__RATES", "SURVEY_COLOUR", "SURVEY_SAMPLING__RATE__MORE", "SURVEY_SAMPLING"],
)
def test_a_variable_that_names_no_setting_stops_the_program(tmp_path: Path, name: str) -> None:
    assert "SURVEY_" in refusal(tmp_path, SHIPPED, **{name: "1"})


@pytest.mark.parametrize("name", ["SURVEY_GATEWAY__9__PRIORITY", "SURVEY_GATEWAY__X__PRIORITY"])
def test_an_entry_that_is_not_there_cannot_be_overlaid(tmp_path: Path, name: str) -> None:
    assert f"{name} names no setting" in refusal(tmp_path, SHIPPED, **{name: "1"})


def test_a_wrong_value_of_the_environment_names_the_environment(tmp_path: Path) -> None:
    said = refusal(tmp_path, SHIPPED, SURVEY_SAMPLING__RATE="much")
    assert said.startswith("environment SURVEY_")
    assert "sampling.rate" in said


def test_a_secret_is_never_repeated_in_an_error(tmp_path: Path) -> None:
    said = refusal(tmp_path, SHIPPED, SURVEY_PRIVACY__KEY="[1, 987654321]")
    assert "privacy.key is wrong" in said
    assert "987654321" not in said


def test_the_text_of_the_key_file_may_come_from_the_environment(tmp_path: Path) -> None:
    text = '# Secret.\ndata = "QQ=="\nopt_out = "QQ=="\ndraw = "QQ=="\n'
    assert load(tmp_path, SHIPPED, SURVEY_PRIVACY__KEY=text).privacy.key == text


def test_a_gateway_keeps_the_keys_that_only_its_kind_knows() -> None:
    gateway = Gateway.model_validate({"kind": "kannel", "username": "u", "name": "first"})
    assert gateway.own == {"username": "u"}
    assert gateway.label == "first"
