"""A daily run whose database goes away is free again when it is back; a lost one ends no other."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from survey_pipeline import day_runs
from survey_pipeline.catching_up import begin_day, run_begun_day, run_missed_days
from survey_pipeline.day_runs import DayRun
from survey_pipeline.edited import shipped
from survey_pipeline.errors import DatabaseFault
from survey_pipeline.gateways.port import OutgoingMessage, SendResult
from survey_pipeline.i18n import Message
from survey_pipeline.store.engine import open_engine, reading, writing
from survey_pipeline.store.postponed import Postponed
from survey_pipeline.store.tables import messages
from survey_pipeline.testing import NOON, FakeGateway, SetContext, add_case, add_offices, workspace
from survey_pipeline.testing.outages import Outage, locked, shut_down
from survey_pipeline.web.spool_drain import drain_spool

ON_EACH_ENGINE = pytest.mark.parametrize(
    ("database", "outage_of"),
    [("sqlite", locked), ("postgresql", shut_down)],
    indirect=["database"],
    ids=["locked", "shut down"],
)
EVENING = NOON + timedelta(hours=4)
"""16:00 in Shanghai: texts may go out."""


def made(home: Path, *, patience: float) -> SetContext:
    shutil.copytree(shipped() / "templates", home / "templates")
    context = workspace(home, at=EVENING, sending={"lease": "1s"})
    add_offices(context, "agency")
    for number in range(200):
        add_case(context, "AG-1", f"K-{number}", f"+86139{number:08d}")
    engine = open_engine(context.settings.database.url, home, busy=0.1)
    context.engine.dispose()
    return replace(context, engine=engine, postponed=Postponed(patience))


def the_run(context: SetContext) -> DayRun:
    with reading(context.engine) as connection:
        found = day_runs.run_of(connection, context.today())
    assert found is not None
    return found


class Interrupted(FakeGateway):
    """The outage begins with its first text."""

    def __init__(self, outage: Outage) -> None:
        super().__init__()
        self._outage: Outage | None = outage

    async def send(self, message: OutgoingMessage) -> SendResult:
        if self._outage is not None:
            outage, self._outage = self._outage, None
            outage.begin()
        return await super().send(message)


@ON_EACH_ENGINE
def test_a_run_is_given_back_when_the_database_is_back(
    database: str, tmp_path: Path, outage_of: Callable[[SetContext], Outage]
) -> None:
    """By the next look of the same process, whatever that look is."""
    context = made(tmp_path, patience=0)
    outage = outage_of(context)
    gateways = {"simulated": Interrupted(outage)}
    with pytest.raises(DatabaseFault):
        run_missed_days(context, gateways, due_today=True)
    drain_spool(context)  # the web's look; the database is still away
    assert len(context.postponed) == 1
    outage.end()
    assert the_run(context).under_way(context.now())
    drain_spool(context)
    run = the_run(context)
    assert not run.under_way(context.now())
    assert run.error is not None
    context.clock.at += timedelta(minutes=1)
    assert [report.day for report in run_missed_days(context, gateways, due_today=True)] == [
        context.today()
    ]
    assert the_run(context).finished_at is not None
    with reading(context.engine) as connection:
        assert set(connection.scalars(select(messages.c.state))) <= {"accepted", "unknown"}
    assert len({text.to for text in gateways["simulated"].ledger}) == len(
        gateways["simulated"].ledger
    )
    context.engine.dispose()


@ON_EACH_ENGINE
def test_a_process_that_ends_waits_for_the_database_before(
    database: str, tmp_path: Path, outage_of: Callable[[SetContext], Outage]
) -> None:
    """`day` has no later look: it tries for a while to give its run back."""
    context = made(tmp_path, patience=60)
    outage = outage_of(context)
    begun = begin_day(context)

    class BackSoon(Postponed):
        """The database comes back after the first attempt to give the run back."""

        def catch_up(self, engine: object) -> None:
            try:
                super().catch_up(engine)  # type: ignore[arg-type] # an Engine
            except DatabaseFault:
                outage.end()
                raise

    context = replace(context, postponed=BackSoon(60))
    with pytest.raises(DatabaseFault):
        run_begun_day(context, {"simulated": Interrupted(outage)}, begun)
    assert not the_run(context).under_way(context.now())
    assert begin_day(context).day == begun.day
    context.engine.dispose()


@pytest.mark.usefixtures("database")
class TestALostRun:
    def test_it_neither_ends_nor_gives_back_that_of_another(self, tmp_path: Path) -> None:
        context = workspace(tmp_path)
        day, now = context.today(), context.now()
        with writing(context.engine) as connection:
            lost = day_runs.claim(connection, day, now)
        assert lost is not None
        later = now + day_runs.TAKE_OVER_AFTER
        with writing(context.engine) as connection:
            held = day_runs.claim(connection, day, later)
            assert held is not None
            day_runs.finish(connection, lost, later, {"drawn": 1})
            day_runs.give_back(connection, lost, later, Message("too late"))
        assert the_run(context).under_way(later)
        with writing(context.engine) as connection:
            day_runs.finish(connection, held, later, {"drawn": 2})
        assert the_run(context).result == {"drawn": 2}
        context.engine.dispose()
