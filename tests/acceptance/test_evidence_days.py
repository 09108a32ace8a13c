"""An officer brings in the year's evidence, hears an objection and puts the record right."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from survey_pipeline.cli.main import app as command_line


@pytest.fixture
def run(tmp_path: Path) -> Any:
    def call(*words: Any, code: int = 0) -> Any:
        done = CliRunner().invoke(
            command_line, ["--home", str(tmp_path), *words], catch_exceptions=False
        )
        assert done.exit_code == code, done.output
        return done

    call("init", str(tmp_path))
    config = tmp_path / "config" / "pipeline.toml"
    config.write_text(config.read_text("utf-8").replace('"zh_CN"', '"en"'), "utf-8")
    files = {
        "parents": ["parent_code,name,hotline_group", "P-1,Bureau,city_agency"],
        "offices": ["office_code,name,category,parent_code"]
        + [f"A-{number},Office {number},agency,P-1" for number in (1, 2, 3)],
    }
    for kind, lines in files.items():
        path = tmp_path / f"{kind}.csv"
        path.write_text("\n".join(lines), "utf-8")
        call("import", kind, str(path))
    return call


def test_evidence_is_brought_in_objected_to_and_put_right(run: Any, tmp_path: Path) -> None:
    findings = tmp_path / "findings.csv"
    findings.write_text(
        "记录编号,条款,处室编码,发生日期,扣分\nS-1,C1.1,A-1,2023-03-01,3\nS-2,C1.1,A-1,2023-03-01,9\n",
        "utf-8",
    )
    done = run("import", "supervision", str(findings), "--year", "2023", code=3)
    assert "row 3, 扣分: clause C1.1 deducts from 3 to 5, not 9" in done.stdout
    noted = run(
        "objections", "add", "A-1", "--record", "supervision", "S-1", "--text", "not us", "--json"
    )
    number = str(json.loads(noted.stdout)["id"])
    assert "not us" in run("objections", "list", "--open").stdout
    refused = run("withdraw", "supervision", "S-1", "--reason", "r", "--objection", number, code=4)
    assert refused.stderr == f"objection {number} is not decided yet; decide it first\n"
    decided = run("objections", "decide", number, "upheld", "--reason", "wrong office")
    assert "No record has changed" in decided.stdout
    run("objections", "decide", number, "rejected", "--reason", "x", code=4)
    run("withdraw", "supervision", "S-1", "--reason", "wrong office", "--objection", number)
    (listed,) = json.loads(run("objections", "list", "--json").stdout)["objections"]
    assert (listed["decision"], listed["key"], listed["office_code"]) == ("upheld", "S-1", "A-1")
    assert run("objections", "list", "--open").stdout == "0 objections.\n"


def test_wrong_calls_are_wrong_usage(run: Any) -> None:
    run("objections", "add", "A-1", "--text", "x", code=2)
    run("objections", "add", "A-1", "--month", "2023-13", "--text", "x", code=2)
    run("objections", "add", "A-1", "--record", "ducks", "1", "--text", "x", code=2)
    run("objections", "decide", "1", "perhaps", "--reason", "x", code=2)
    run("import", "supervision", "x.csv", "--year", "23", code=2)
    run("import", "cases", "x.csv", "--year", "2023", code=2)
    run("withdraw", "awards", "W-1", "--reason", "x", code=2)
    run("objections", "add", "A-9", "--month", "2023-05", "--text", "x", code=4)
