"""What monitoring sees: counters of stages, ages of queues, and a /readyz that tells the truth."""

import json
import re
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import yaml

from survey_pipeline import pipeline
from survey_pipeline.app import App
from survey_pipeline.edited import shipped
from survey_pipeline.errors import CannotProceed
from survey_pipeline.reports.readiness import CLOCKS_DIFFER, readiness
from survey_pipeline.stage_counting import SILENT_AFTER, counted
from survey_pipeline.store import audit
from survey_pipeline.store.engine import writing
from survey_pipeline.testing import (
    SetContext,
    add_case,
    add_inbound,
    add_offices,
    add_survey,
    add_text,
    workspace,
)
from survey_pipeline.testing.asgi_client import AsgiClient
from survey_pipeline.vocabulary import AuditAction, Audited
from survey_pipeline.vocabulary.counted_stages import CountedStage
from survey_pipeline.web.application import make_web

pytestmark = pytest.mark.usefixtures("database")
ROOT = Path(__file__).parents[2]
Samples = dict[str, float]


@pytest.fixture
def context(tmp_path: Path) -> Iterator[SetContext]:
    made = workspace(tmp_path)
    shutil.copytree(shipped() / "templates", made.home / "templates")
    add_offices(made, "agency")
    yield made
    made.engine.dispose()


def asked(context: SetContext, path: str) -> tuple[int, str]:
    answer = AsgiClient(make_web(App(context, {}))).get(path)
    return answer.status, answer.text


def samples(context: SetContext) -> Samples:
    _, said = asked(context, "/metrics")
    lines = [line.rsplit(" ", 1) for line in said.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


def of_stage(found: Samples, stage: CountedStage) -> dict[str, float]:
    label = f'{{stage="{stage}"}}'
    prefix = "survey_stage_"
    return {
        name.removeprefix(prefix).removesuffix(label): value
        for name, value in found.items()
        if name.startswith(prefix) and name.endswith(label)
    }


def fail_after_one_item(context: SetContext, at: datetime) -> None:
    with counted(context, CountedStage.REPLIES) as texts:
        texts.items, context.clock.at = 1, at
        raise CannotProceed("no")


def test_a_stage_is_counted_with_its_items_time_and_failures(context: SetContext) -> None:
    for _ in range(2):
        with counted(context, CountedStage.REPLIES) as texts:
            context.clock.at += timedelta(seconds=2)
            texts.items = 3
    ended = context.now()
    with pytest.raises(CannotProceed):
        fail_after_one_item(context, ended + timedelta(seconds=1))
    assert of_stage(samples(context), CountedStage.REPLIES) == {
        "runs_total": 2,
        "failures_total": 1,
        "items_total": 7,
        "seconds_total": 5,
        "success_timestamp_seconds": ended.timestamp(),
    }


def test_a_day_counts_every_stage(context: SetContext) -> None:
    for number in range(3):
        add_case(context, "AG-1", f"K-{number}", f"+861391234567{number}")
    for _ in range(2):
        pipeline.run_day(context, {}, context.today())
    found = samples(context)
    assert {stage: of_stage(found, stage)["runs_total"] for stage in CountedStage} == dict.fromkeys(
        CountedStage, 2
    )
    assert of_stage(found, CountedStage.SAMPLING)["items_total"] == 2, "the draw is counted once"


def test_the_age_of_a_queue_is_that_of_its_oldest_item(context: SetContext) -> None:
    survey = add_survey(context, "AG-1", "K-1")
    add_text(context, survey)
    add_inbound(context, survey, "hm")
    context.clock.at += timedelta(hours=3)
    ages = {
        name: value
        for name, value in samples(context).items()
        if name.startswith("survey_queue_oldest_seconds") and value
    }
    assert ages == {'survey_queue_oldest_seconds{queue="unclear"}': 3 * 3600}


def works(context: SetContext) -> int:
    return asked(context, "/readyz")[0]


def test_pages_without_any_worker_are_ready_and_one_that_falls_silent_is_missed(
    context: SetContext,
) -> None:
    assert works(context) == 200
    pipeline.tick(context, {})
    context.clock.at += SILENT_AFTER
    assert works(context) == 200
    context.clock.at += timedelta(seconds=1)
    assert (works(context), readiness(context)["worker"]) == (503, False)
    pipeline.tick(context, {})
    assert works(context) == 200


def test_a_clock_behind_the_records_is_not_ready(context: SetContext) -> None:
    with writing(context.engine) as connection:
        entry = audit.entry(
            at=context.now() + CLOCKS_DIFFER,
            actor="wang",
            action=AuditAction.CREATED,
            kind=Audited.JOB_RUNS,
            key="2023-05-04",
        )
        audit.append(connection, [entry])
    assert works(context) == 200
    context.clock.at -= timedelta(seconds=1)
    assert (works(context), readiness(context)["clock"]) == (503, False)


def test_dashboard_and_alerts_ask_for_metrics_that_there_are(context: SetContext) -> None:
    dashboard = json.loads((ROOT / "deploy/grafana-dashboard.json").read_text("utf-8"))
    rules = yaml.safe_load((ROOT / "deploy/prometheus-rules.yaml").read_text("utf-8"))
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    expressions += [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    named = set(re.findall(r"\bsurvey_\w+", " ".join(expressions)))
    _, said = asked(context, "/metrics")
    served = set(re.findall(r"^# TYPE (\w+)", said, re.MULTILINE))
    assert len(named) > 20
    assert named <= served
    assert served <= named, "each metric is shown"
