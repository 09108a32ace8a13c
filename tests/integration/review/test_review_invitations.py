"""`review invite`: one text to each representative, by the gateway (specification, section 2)."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from survey_pipeline.edited import shipped
from survey_pipeline.errors import CannotProceed, ConfigurationError
from survey_pipeline.gateways.port import not_sent, refused, throttled, unknown
from survey_pipeline.settings import Gateway
from survey_pipeline.stages.review import cast, close_review, invite, review_status
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import (
    gateway_states,
    opt_outs,
    representatives,
    review_representatives,
)
from survey_pipeline.survey.opt_outs import opt_out
from survey_pipeline.survey.pausing import pause_sending
from survey_pipeline.testing import FakeGateway, SetContext, reopened
from survey_pipeline.vocabulary import PhoneKind, RefusalReason

YEAR = 2023
ADDRESS = "https://surveys.example.org"
EVENING = 13
"""21:00 in Shanghai."""


@pytest.fixture
def context(city: Any) -> Any:
    """A drawn review, the shipped text, one gateway."""
    home = city.prepare().context.home
    (home / "templates/sms").mkdir(parents=True)
    text = (shipped() / "templates/sms/review_invite.txt").read_text(encoding="utf-8")
    (home / "templates/sms/review_invite.txt").write_text(text, encoding="utf-8")
    return reopened(home, city.context.now(), gateway=[Gateway(kind="simulated")])


def invited(context: SetContext, gateway: Any, **options: Any) -> Any:
    return invite(context, YEAR, {gateway.label: gateway}, ADDRESS, **options)


def rows(context: SetContext) -> Any:
    with reading(context.engine) as connection:
        found = connection.execute(select(review_representatives))
        return {row.rep_no: row for row in found}


def change(context: SetContext, rep_no: Any, **values: Any) -> None:
    with writing(context.engine) as connection:
        connection.execute(
            representatives.update().where(representatives.c.rep_no == rep_no).values(**values)
        )


def test_each_representative_gets_one_text_with_a_link_that_works(
    city: Any, context: SetContext
) -> None:
    gateway = FakeGateway()
    done = invited(context, gateway)
    assert (done.sent, done.before, done.later) == (3, 0, 0)
    links = [re.search(rf"{ADDRESS}/review/([\w-]+)", one.text)[1] for one in gateway.ledger]
    assert set(links) == set(city.tokens(context).values()), "the same as in the file"
    city.open()
    assert cast(context, links[0], {"AG-1": "satisfied"}) == 1
    for one, token in zip(gateway.ledger, links, strict=True):
        # for providers that fill approved templates themselves
        assert one.template == "review_invite"
        assert one.variables == {
            "organisation": "市评议办",
            "year": "2023",
            "link": f"{ADDRESS}/review/{token}",
        }


def test_nobody_is_invited_twice(context: SetContext) -> None:
    gateway = FakeGateway()
    invited(context, gateway)
    again = invited(context, gateway)
    assert (again.sent, again.before, len(gateway.ledger)) == (0, 3, 3)
    assert review_status(context, YEAR).invited == 3


def test_a_text_of_unknown_fate_is_never_sent_again(context: SetContext) -> None:
    gateway = FakeGateway(lambda _: unknown("timeout"))
    first, second = invited(context, gateway), invited(context, gateway)
    assert (first.unknown, second.unknown, second.before) == (3, 0, 3)
    assert gateway.calls == 3


def test_a_run_that_was_cut_off_in_the_middle_of_a_text_leaves_that_text_alone(
    context: SetContext,
) -> None:
    def die(_message: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        invited(context, FakeGateway(die))
    gateway = FakeGateway()
    done = invited(context, gateway)
    assert (done.sent, done.before) == (2, 1)


@pytest.mark.parametrize("answer", ["not_sent", "throttled"])
def test_what_certainly_did_not_go_out_is_tried_by_the_next_run(
    context: SetContext, answer: str
) -> None:
    results = {"not_sent": not_sent("no route"), "throttled": throttled(context.now())}
    first = FakeGateway(lambda _: results[answer])
    done = invited(context, first)
    assert (done.sent, done.later) == (0, 3)
    assert first.calls == (3 if answer == "not_sent" else 1), "a throttled gateway gets a rest"
    assert invited(context, FakeGateway()).sent == 3


def test_a_refused_number_is_counted_and_not_tried_again(context: SetContext) -> None:
    gateway = FakeGateway(lambda _: refused(RefusalReason.BAD_NUMBER))
    assert invited(context, gateway).refused == 3
    assert invited(context, gateway).before == 3


def test_a_carrier_that_knows_of_an_opt_out_is_believed(context: SetContext) -> None:
    invited(context, FakeGateway(lambda _: refused(RefusalReason.OPTED_OUT)))
    with reading(context.engine) as connection:
        phone_hash = connection.scalar(select(representatives.c.phone_hash))
        assert connection.scalar(select(opt_outs.c.phone_hash)) == phone_hash


def test_a_broken_gateway_stops_the_run_with_one_clear_line(context: SetContext) -> None:
    gateway = FakeGateway(lambda _: refused(RefusalReason.CONFIGURATION, "bad credentials"))
    with pytest.raises(CannotProceed, match=r"simulated cannot be used: bad credentials"):
        invited(context, gateway)
    assert gateway.calls == 1
    assert invited(context, FakeGateway()).sent == 3


def test_landlines_and_people_who_opted_out_have_their_link_in_the_file_alone(
    context: SetContext,
) -> None:
    other = context.keys.phone_hash("+8613857710002")
    change(context, "R-1", phone_kind=PhoneKind.LANDLINE)
    change(context, "R-2", phone_hash=other)
    with writing(context.engine) as connection:
        opt_out(connection, other, "simulated", None, context.now())
    done = invited(context, FakeGateway())
    assert (done.sent, done.by_file) == (1, 2)
    assert all(row.token_hash for row in rows(context).values())


def test_texts_keep_to_the_sending_hours_unless_told_otherwise(context: SetContext) -> None:
    context.clock.at = context.now().replace(hour=EVENING)
    with pytest.raises(CannotProceed, match=r"again from 2023-11-23 09:00 on.*--now"):
        invited(context, FakeGateway())
    assert invited(context, FakeGateway(), ignore_hours=True).sent == 3


def test_a_stopped_gateway_is_passed_over_for_the_next_one(context: SetContext) -> None:
    both = [
        Gateway(kind="simulated", name=name, priority=priority)
        for name, priority in (("first", 100), ("second", 50), ("off", 0))
    ]
    context = reopened(context.home, context.now(), gateway=both)
    first, second, off = (FakeGateway(label=name) for name in ("first", "second", "off"))
    gateways = {one.label: one for one in (first, second, off)}
    with writing(context.engine) as connection:
        connection.execute(
            gateway_states.insert().values(
                gateway="first", configured=100, share=100, stopped_at=context.now()
            )
        )
    invite(context, YEAR, gateways, ADDRESS)
    assert [len(one.ledger) for one in (first, second, off)] == [0, 3, 0]
    with pytest.raises(CannotProceed, match="no gateway can send"):
        invite(context, YEAR, {"off": off}, ADDRESS)


def test_a_missing_or_wrong_text_is_named(context: SetContext) -> None:
    path = context.home / "templates/sms/review_invite.txt"
    path.write_text("{{ officer }}")
    with pytest.raises(ConfigurationError, match=r"review_invite\.txt cannot be used"):
        invited(context, FakeGateway())
    path.unlink()
    with pytest.raises(ConfigurationError, match=r"review_invite\.txt is missing"):
        invited(context, FakeGateway())


def test_nobody_is_invited_to_a_closed_review(city: Any, context: SetContext) -> None:
    close_review(city.open().context, YEAR)
    gateway = FakeGateway()
    with pytest.raises(CannotProceed, match="links are void"):
        invited(context, gateway)
    assert gateway.calls == 0


def test_the_link_is_nowhere_in_the_database(city: Any, context: SetContext) -> None:
    gateway = FakeGateway()
    invited(context, gateway)
    city.context.engine.dispose()
    context.engine.dispose()
    stored = (context.home / "survey.db").read_bytes()
    assert not [one for one in city.tokens(context).values() if one.encode() in stored]


def test_nobody_is_invited_while_sending_is_paused(context: SetContext) -> None:
    pause_sending(context.acting("wang"))
    gateway = FakeGateway()
    with pytest.raises(CannotProceed, match="by wang"):
        invited(context, gateway, ignore_hours=True)
    assert gateway.calls == 0


def test_a_pause_stops_invitations_that_are_under_way(context: SetContext) -> None:
    gateway = FakeGateway(lambda _: pause_sending(context))
    done = invited(context, gateway)
    assert (done.sent, done.later, gateway.calls) == (1, 2, 1)
