"""The one door for changes of state: whatever is asked of it, journal and state agree."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from survey_pipeline.context import Context
from survey_pipeline.errors import IllegalMove
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import calls, message_events, messages, survey_events, surveys
from survey_pipeline.survey.lifecycle import (
    Lease,
    Move,
    add_calls,
    cancel_messages,
    claim_messages,
    end_calls,
    end_surveys,
    leaving,
    move_messages,
    reopen_calls,
)
from survey_pipeline.testing import NOON, add_offices, add_survey, add_text, workspace
from survey_pipeline.vocabulary import (
    ALLOWED_MOVES,
    CallEnd,
    CallState,
    MessageState,
    MessageWhy,
    SurveyEnd,
    SurveyState,
    may_move,
)

pytestmark = pytest.mark.usefixtures("database")

TEXTS = 3
PICKED = st.lists(st.integers(0, TEXTS - 1), min_size=1, unique=True)
CANCELLED = (MessageWhy.OPTED_OUT, MessageWhy.WITHDRAWN, MessageWhy.ANSWERED)
ENDED = (CallState.DONE, CallState.EXHAUSTED, CallState.CLOSED)


@pytest.fixture(scope="module")
def city(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """One workspace for all examples; each adds rows of its own."""
    context = workspace(tmp_path_factory.mktemp("city"), at=NOON)
    add_offices(context, "agency")
    yield context
    context.engine.dispose()


def new_surveys(context: Context, count: int) -> list[int]:
    """Open surveys of as many citizens who are not in the database yet."""
    with reading(context.engine) as connection:
        known = len(connection.execute(select(surveys.c.id)).all())
    numbers = range(known, known + count)
    return [add_survey(context, "AG-1", f"K-{n}", f"+86138{n:08}") for n in numbers]


class Texts:
    """Queued texts, and where each must stand by the table of allowed moves."""

    def __init__(self, context: Context, connection: Connection, ids: Sequence[int]) -> None:
        self.context, self.connection, self.ids = context, connection, ids
        self.states = dict.fromkeys(ids, MessageState.QUEUED)
        self.attempts: dict[int, str | None] = dict.fromkeys(ids)

    def expect(self, changes: dict[int, MessageState]) -> int:
        self.states.update(changes)
        return len(changes)

    def claim(self, picked: Sequence[int]) -> None:
        """Claim some; each that was queued begins an attempt."""
        chosen = [self.ids[place] for place in picked]
        due = select(messages.c.id).where(messages.c.id.in_(chosen))
        now, token = self.context.now(), self.context.new_token()
        lease = Lease("simulated", "worker", now + timedelta(minutes=1), token)
        queued = [key for key in chosen if self.states[key] is MessageState.QUEUED]
        rows = claim_messages(self.connection, due, lease, now, [messages.c.id])
        assert sorted(row.id for row in rows) == sorted(queued)
        self.attempts.update({key: f"{token}.{key}" for key in queued})
        self.expect(dict.fromkeys(queued, MessageState.SENDING))

    def cancel(self, why: MessageWhy, picked: Sequence[int]) -> None:
        """Cancel some; those that a sender has go their way."""
        chosen = [self.ids[place] for place in picked]
        of = select(messages.c.survey_id).where(messages.c.id.in_(chosen))
        queued = [key for key in chosen if self.states[key] is MessageState.QUEUED]
        done = cancel_messages(
            self.connection, self.connection.scalars(of).all(), why, self.context.now()
        )
        assert done == self.expect(dict.fromkeys(queued, MessageState.FAILED))

    def move(self, wishes: Sequence[tuple[int, MessageState, bool, MessageState | None]]) -> None:
        """Move some as they wish: of the present or of an older attempt, from a state or any."""
        moves, expected, forbidden = [], {}, False
        for place, after, present, only_from in wishes:
            key = self.ids[place]
            attempt = self.attempts[key] if present else "an-older-one.1"
            moves.append(Move(key, after, MessageWhy.RECEIPT, attempt, only_from=only_from))
            forbidden |= only_from is not None and not may_move(only_from, after)
            before = self.states[key]
            if present and may_move(before, after) and only_from in (None, before):
                expected[key] = after
        if forbidden:
            with pytest.raises(IllegalMove, match="may not follow"):
                move_messages(self.connection, self.context, moves)
        else:
            moved = move_messages(self.connection, self.context, moves)
            assert moved == self.expect(expected)

    def check(self) -> None:
        """Each text stands where it must, and its journal is a path in the table to there."""
        these = messages.c.id.in_(self.ids)
        rows = self.connection.execute(select(messages.c.id, messages.c.state).where(these))
        assert dict(rows.all()) == self.states
        events = self.connection.execute(
            select(message_events)
            .where(message_events.c.message_id.in_(self.ids))
            .order_by(message_events.c.id)
        )
        reached = dict.fromkeys(self.ids, MessageState.QUEUED)
        for event in events:
            before, after = MessageState(event.before), MessageState(event.after)
            assert reached[event.message_id] is before
            assert may_move(before, after)
            reached[event.message_id] = after
        assert reached == self.states


WISH = st.tuples(
    st.integers(0, TEXTS - 1),
    st.sampled_from(MessageState),
    st.booleans() | st.just(True),
    st.none() | st.sampled_from(MessageState),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("claim"), st.tuples(PICKED)),
        st.tuples(st.just("cancel"), st.tuples(st.sampled_from(CANCELLED), PICKED)),
        st.tuples(
            st.just("move"),
            st.tuples(st.lists(WISH, min_size=1, unique_by=lambda wish: wish[0])),
        ),
    ),
    max_size=12,
)


@settings(max_examples=60)
@given(STEPS)
def test_whatever_is_wished_a_text_moves_as_the_table_has_it(city: Context, steps: Any) -> None:
    ids = [add_text(city, key, state=MessageState.QUEUED) for key in new_surveys(city, TEXTS)]
    with writing(city.engine) as connection:
        texts = Texts(city, connection, ids)
        for name, arguments in steps:
            getattr(texts, name)(*arguments)
            texts.check()


CALL_STEPS = st.lists(
    st.tuples(st.just("end"), st.sampled_from(ENDED))
    | st.tuples(st.just("reopen"), st.lists(st.sampled_from(ENDED), min_size=1, unique=True)),
    max_size=10,
)


@settings(max_examples=30)
@given(CALL_STEPS)
def test_a_call_ends_and_comes_back_as_the_table_has_it(city: Context, steps: Any) -> None:
    (survey,) = new_surveys(city, 1)
    now, state = city.now(), CallState.OPEN
    row = {"reason": "landline", "priority": 0, "queued_at": now, "due_at": now, "last_at": now}
    row |= {"survey_id": survey, "attempts": 0, "extra_attempts": 0, "slots": ""}
    this = calls.c.survey_id == survey
    with writing(city.engine) as connection:
        assert (add_calls(connection, [row]), add_calls(connection, [row])) == (1, 0)
        for name, given_state in steps:
            if name == "end":
                done = end_calls(connection, given_state, CallEnd.SMS_REPLY, now, this)
                assert done == (state is CallState.OPEN)
                state = given_state if done else state
            else:
                done = reopen_calls(connection, given_state, this)
                assert done == (state in given_state)
                state = CallState.OPEN if done else state
            found = connection.execute(select(calls).where(this)).one()
            ended = None if state is CallState.OPEN else CallEnd.SMS_REPLY
            assert (found.state, found.why) == (state, ended)
            assert (found.ended_at is None) == (state is CallState.OPEN)


def test_a_survey_closes_once_and_says_so_once(city: Context) -> None:
    first, second = new_surveys(city, 2)
    with writing(city.engine) as connection:
        assert end_surveys(connection, [first], SurveyEnd.WITHDRAWN, city.now()) == 1
        assert end_surveys(connection, [first, second], SurveyEnd.SURVEY_CLOSED, city.now()) == 1
        told = connection.execute(
            select(survey_events.c.survey_id, survey_events.c.what, survey_events.c.after)
            .where(survey_events.c.survey_id.in_([first, second]))
            .order_by(survey_events.c.id)
        ).all()
    assert [tuple(row) for row in told] == [
        (first, "closed", "withdrawn"),
        (second, "closed", "survey_closed"),
    ]


@pytest.mark.parametrize("states", ALLOWED_MOVES, ids=lambda states: states.__name__)
def test_a_move_that_the_table_does_not_have_is_refused(states: Any) -> None:
    allowed: Counter[bool] = Counter()
    for before in states:
        for after in states:
            allowed[may_move(before, after)] += 1
            if may_move(before, after):
                leaving([before], after)
            else:
                with pytest.raises(IllegalMove, match=f"{after} may not follow {before}"):
                    leaving([before], after)
    assert allowed[True]
    assert allowed[False]


def test_one_forbidden_state_among_those_left_is_refused() -> None:
    with pytest.raises(IllegalMove):
        leaving([SurveyState.OPEN, SurveyState.CLOSED], SurveyState.CLOSED)


def test_a_claim_takes_no_more_than_it_was_asked_for(city: Context) -> None:
    """Also where all rows are in the state that it leaves, and locked ones are skipped."""
    keys = [add_text(city, key, state=MessageState.QUEUED) for key in new_surveys(city, 60)]
    due: Any = (
        select(messages.c.id)
        .where(messages.c.id.in_(keys), messages.c.state == MessageState.QUEUED)
        .order_by(messages.c.id)
        .limit(2)
        .with_for_update(skip_locked=True)
    )
    taken = []
    with writing(city.engine) as connection:
        for _ in range(2):
            lease = Lease("simulated", "worker", city.now(), city.new_token())
            rows = claim_messages(connection, due, lease, city.now(), [messages.c.id])
            taken.append(sorted(row.id for row in rows))
    assert taken == [keys[:2], keys[2:4]]
