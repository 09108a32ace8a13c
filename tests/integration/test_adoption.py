"""Local decisions adopted: in the file, in the log, on every output; no figure changes."""

import json
import stat
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select
from typer.testing import CliRunner, Result

from survey_pipeline import adoption, appraisal
from survey_pipeline.cli.main import app
from survey_pipeline.errors import CannotProceed, UsageError
from survey_pipeline.reports.month_report import read_month
from survey_pipeline.standard.entry import Adoption
from survey_pipeline.store.crypto import derived_keys, write_key_file
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import audit_log
from survey_pipeline.testing import SetContext, add_offices, add_survey, workspace

MONTH = "2023-05"
BY_DOCUMENT = Adoption("市评议办", date(2023, 5, 20), "温评办〔2023〕3号")


@pytest.fixture
def city(tmp_path: Path) -> SetContext:
    """A workspace with one rated office in May, on 3 July."""
    context = workspace(tmp_path, at=datetime(2023, 5, 10, 4, 0, tzinfo=UTC))
    (tmp_path / "config" / "pipeline.toml").write_text(
        'locale = "en"\n[standards]\n2023 = "wenzhou-2023"\n'
    )
    write_key_file(tmp_path / "survey.key", derived_keys("test"))
    add_offices(context, "agency")
    for number in range(6):
        add_survey(
            context, "AG-1", f"K-{number}", f"+8613800000{number:03d}", state="closed",
            rating="satisfied", rated_by="sms", disposition="1.1", texted=True, replied=True,
        )  # fmt: skip
    context.clock.at = datetime(2023, 7, 3, 4, 0, tzinfo=UTC)
    return context


def run(context: SetContext, *words: object) -> Result:
    arguments = ["--home", str(context.home), *(str(word) for word in words)]
    return CliRunner().invoke(app, arguments, catch_exceptions=False)


def file_of(context: SetContext) -> Path:
    return context.home / "config/standards/wenzhou-2023.toml"


def log(context: SetContext) -> Any:
    with reading(context.engine) as connection:
        query = select(audit_log).where(audit_log.c.kind == "standards").order_by(audit_log.c.id)
        return connection.execute(query).all()


def test_an_adoption_stands_in_the_file_and_in_the_log_with_both_hashes(city: SetContext) -> None:
    before = file_of(city).read_bytes()
    done = adoption.adopt(city.acting("li"), 2023, ["A.2"], BY_DOCUMENT)
    after = file_of(city).read_bytes()
    assert [found.entry.clause for found in done.decisions] == ["A.2"]
    [noted] = log(city)
    assert (noted.actor, noted.action, noted.key) == ("li", "decided", "wenzhou-2023")
    assert noted.before == {
        "sha256": sha256(before).hexdigest(), "decisions": {"satisfaction.coefficient": None}
    }  # fmt: skip
    assert noted.after == {
        "sha256": sha256(after).hexdigest(),
        "decisions": {
            "satisfaction.coefficient": {
                "adopted_by": "市评议办", "adopted_on": "2023-05-20",
                "document_no": "温评办〔2023〕3号",
            }
        },
    }  # fmt: skip


def test_the_file_keeps_its_mode_and_a_link_stays_a_link(city: SetContext) -> None:
    real = city.home / "elsewhere.toml"
    file_of(city).rename(real)
    real.chmod(0o640)
    file_of(city).symlink_to(real)
    adoption.adopt(city, 2023, ["A.2"], BY_DOCUMENT)
    assert file_of(city).is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert "adopted_by" in real.read_text("utf-8")


def test_all_takes_what_is_open_and_leaves_what_another_document_adopted(city: SetContext) -> None:
    adoption.adopt(city, 2023, ["A.2"], BY_DOCUMENT)
    later = Adoption("市评议办", date(2023, 6, 1), "温评办〔2023〕9号")
    done = adoption.adopt(city, 2023, None, later)
    assert "A.2" not in {found.entry.clause for found in done.decisions}
    local = adoption.local_decisions(adoption.in_force(city, 2023).standard)
    assert {found.entry.document_no for found in local if found.entry.clause == "A.2"} == {
        "温评办〔2023〕3号"
    }
    assert not [found for found in local if found.entry.is_default]
    again = adoption.adopt(city, 2023, None, later)
    assert (again.decisions, again.hash_before) == ((), again.hash_after)


def test_taking_back_gives_the_old_file_and_keeps_the_reason(city: SetContext) -> None:
    before = file_of(city).read_bytes()
    adoption.adopt(city, 2023, ["A.2", "C2.2e"], BY_DOCUMENT)
    adoption.take_back(city, 2023, None, "the table is revised")
    assert file_of(city).read_bytes() == before
    assert (log(city)[-1].action, log(city)[-1].reason) == ("withdrawn", "the table is revised")


@pytest.mark.parametrize(
    ("clauses", "given", "problem"),
    [
        (["A.1a"], BY_DOCUMENT, "A.1a is no local decision of wenzhou-2023"),
        (["Z"], BY_DOCUMENT, "Local decisions: 0.1, 0.2"),
        (["A.2"], BY_DOCUMENT._replace(by=" "), "who adopted it"),
        (["A.2"], BY_DOCUMENT._replace(document=""), "document"),
        (["A.2"], BY_DOCUMENT._replace(document="a\nb"), "one line"),
        (["A.2"], BY_DOCUMENT._replace(by="x" * 201), "at most 200"),
        (["A.2"], BY_DOCUMENT._replace(on=date(2023, 7, 4)), "lies in the future"),
    ],
)
def test_a_wrong_adoption_changes_nothing(
    city: SetContext, clauses: list[str], given: Adoption, problem: str
) -> None:
    before = file_of(city).read_bytes()
    with pytest.raises(UsageError) as refused:
        adoption.adopt(city, 2023, clauses, given)
    assert problem in str(refused.value)
    assert (file_of(city).read_bytes(), log(city)) == (before, [])


def test_a_file_that_cannot_be_replaced_leaves_no_trace_in_the_log(city: SetContext) -> None:
    real = city.home / ("x" * 250)  # beside which no longer name finds room
    file_of(city).rename(real)
    file_of(city).symlink_to(real)
    with pytest.raises(CannotProceed):
        adoption.adopt(city, 2023, ["A.2"], BY_DOCUMENT)
    assert log(city) == []
    assert "adopted_by" not in real.read_text("utf-8")


# ---- scores


def test_an_adoption_changes_no_figure_and_verify_says_what_has_changed(city: SetContext) -> None:
    first = appraisal.score_month(city, MONTH)
    adoption.adopt(city, 2023, ["A.2"], BY_DOCUMENT)
    found = appraisal.verify_score(city, MONTH)
    assert found.ok
    [note] = found.notes
    assert "(A.2)" in str(note)
    second = appraisal.score_month(city, MONTH)
    assert (second.version, second.offices) == (first.version + 1, first.offices)


def test_verify_still_refuses_a_file_in_which_a_figure_has_changed_too(city: SetContext) -> None:
    appraisal.score_month(city, MONTH)
    adoption.adopt(city, 2023, ["A.2"], BY_DOCUMENT)
    text = file_of(city).read_text("utf-8")
    file_of(city).write_text(text.replace("coefficient = 0.95", "coefficient = 0.94"), "utf-8")
    found = appraisal.verify_score(city, MONTH)
    assert not found.ok
    assert found.notes == ()


def test_the_year_verifies_after_an_adoption_and_after_its_end(city: SetContext) -> None:
    appraisal.score_year(city, 2023)
    adoption.adopt(city, 2023, None, BY_DOCUMENT)
    assert appraisal.verify_score(city, 2023).ok
    adoption.take_back(city, 2023, ["A.2"], "revised")
    assert appraisal.verify_score(city, 2023).ok


def test_what_was_published_keeps_saying_what_it_said(city: SetContext) -> None:
    appraisal.score_month(city, MONTH)
    appraisal.publish_score(city, MONTH)
    shown = [str(mark) for mark in read_month(city, MONTH).marks()]
    city.clock.advance(timedelta(hours=1))
    adoption.adopt(city, 2023, None, BY_DOCUMENT)
    assert [str(mark) for mark in read_month(city, MONTH, 1).marks()] == shown
    appraisal.score_month(city, MONTH)
    later = [str(mark) for mark in read_month(city, MONTH).marks()]
    assert "温评办〔2023〕3号" in later[-1]


def test_what_is_not_published_says_what_holds_now(city: SetContext) -> None:
    appraisal.score_month(city, MONTH)
    adoption.adopt(city, 2023, None, BY_DOCUMENT)
    assert "温评办〔2023〕3号" in str(read_month(city, MONTH).marks()[-1])


# ---- every output


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_every_output_is_marked_until_all_is_adopted(city: SetContext, locale: str) -> None:
    config = city.home / "config" / "pipeline.toml"
    config.write_text(config.read_text().replace('"en"', f'"{locale}"'))
    default = {"en": "not confirmed by 市评议办", "zh_CN": "程序默认，未经市评议办确认"}
    mark = default[locale]
    for name, text in outputs(city).items():
        assert mark in text, name
    adoption.adopt(city, 2023, None, BY_DOCUMENT)
    for name, text in outputs(city).items():
        assert mark not in text, name
        assert "温评办〔2023〕3号" in text, name


def outputs(city: SetContext) -> dict[str, str]:
    """Everything that shows a score, as text."""
    for words in (("score", "month", MONTH), ("score", "year", "2023")):
        run(city, *words)
    found = {}
    for period, value in (("month", MONTH), ("year", "2023")):
        option = f"--{period}"
        found[f"explain {period}"] = run(city, "explain", "AG-1", option, value).stdout
        found[f"score {period}"] = run(city, "score", period, value).stdout
        for form in ("xlsx", "html"):
            file = city.home / f"{period}.{form}"
            done = run(city, "export", period, value, "--output", file)
            assert done.exit_code == 0, done.output
            found[f"{period}.{form}"] = text_of(file)
    return found


def text_of(file: Path) -> str:
    if file.suffix == ".html":
        return file.read_text("utf-8").replace("&#39;", "'")
    book = load_workbook(file, read_only=True)
    return "\n".join(
        str(cell)
        for sheet in book.worksheets
        for row in sheet.iter_rows(values_only=True)
        for cell in row
        if cell is not None
    )


# ---- commands


def test_the_list_names_what_is_still_the_programs_default(city: SetContext) -> None:
    run(city, "standard", "adopt", "A.2", "--year", 2023, *options())
    done = run(city, "standard", "decisions", "--year", 2023, "--json")
    found = {entry["clause"]: entry for entry in json.loads(done.stdout)["decisions"]}
    assert found["A.2"]["document_no"] == "温评办〔2023〕3号"
    assert found["0.2"] == {
        "clause": "0.2", "label": "Rounding", "page": "docs/decisions/rounding.md",
        "adopted_by": None, "adopted_on": None, "document_no": None,
    }  # fmt: skip
    still = json.loads(
        run(city, "standard", "decisions", "--open", "--year", 2023, "--json").stdout
    )
    assert "A.2" not in {entry["clause"] for entry in still["decisions"]}


def options() -> tuple[str, ...]:
    return ("--by", "市评议办", "--on", "2023-05-20", "--document", "温评办〔2023〕3号")


def test_the_command_adopts_takes_back_and_tells_both_hashes(city: SetContext) -> None:
    done = run(city, "standard", "adopt", "--all", "--year", 2023, *options(), "--json")
    document = json.loads(done.stdout)
    assert document["hash_after"] == sha256(file_of(city).read_bytes()).hexdigest()
    assert {entry["adopted_by"] for entry in document["decisions"]} == {"市评议办"}
    undone = run(
        city, "standard", "adopt", "A.2", "--undo", "--reason", "revised", "--year", 2023, "--json"
    )
    [entry] = json.loads(undone.stdout)["decisions"]
    assert (entry["clause"], entry["adopted_by"]) == ("A.2", None)


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("A.2", "--all"),
        ("A.2", "--by", "x", "--document", "1"),
        ("A.2", "--undo"),
    ],
)
def test_a_half_told_adoption_is_wrong_usage(city: SetContext, words: tuple[str, ...]) -> None:
    assert run(city, "standard", "adopt", *words, "--year", 2023).exit_code == 2
    assert log(city) == []
