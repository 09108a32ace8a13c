"""Which answer is the rating of record: the one given first, unless a rule below says otherwise."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.survey.rating import GivenAnswer, RatingOfRecord, rating_of_record
from survey_pipeline.vocabulary import AnswerRole, Mode, Rating

START = datetime(2023, 5, 4, 4, 0, tzinfo=UTC)
WINDOW = timedelta(hours=48)
END = START + WINDOW


def answer(
    rating: Rating,
    hours: float,
    mode: Mode = Mode.SMS,
    role: AnswerRole = AnswerRole.RATING,
) -> GivenAnswer:
    return GivenAnswer(role, mode, rating, START + timedelta(hours=hours))


def test_without_an_answer_there_is_no_rating() -> None:
    assert rating_of_record([], END) == RatingOfRecord()


def test_one_text_is_the_rating() -> None:
    found = rating_of_record([answer(Rating.NEUTRAL, 1)], END)
    assert (found.rating, found.mode, found.corrected) == (Rating.NEUTRAL, Mode.SMS, False)


def test_a_later_text_within_the_window_replaces_an_earlier_one() -> None:
    texts = [answer(Rating.SATISFIED, 1), answer(Rating.DISSATISFIED, 47)]
    assert rating_of_record(texts, END).rating is Rating.DISSATISFIED


def test_the_last_moment_of_the_window_still_replaces_and_the_next_one_does_not() -> None:
    first = answer(Rating.SATISFIED, 1)
    last = answer(Rating.DISSATISFIED, 48)
    too_late = answer(Rating.DISSATISFIED, 48.001)
    assert rating_of_record([first, last], END).rating is Rating.DISSATISFIED
    assert rating_of_record([first, too_late], END).rating is Rating.SATISFIED


def test_a_text_after_the_window_counts_where_there_is_no_other() -> None:
    assert rating_of_record([answer(Rating.NEUTRAL, 60)], END).rating is Rating.NEUTRAL


def test_texts_recorded_out_of_order_count_by_when_they_were_given() -> None:
    texts = [answer(Rating.DISSATISFIED, 5), answer(Rating.SATISFIED, 2)]
    assert rating_of_record(texts, END).rating is Rating.DISSATISFIED


def test_a_call_after_a_text_is_kept_beside_it() -> None:
    both = [answer(Rating.DISSATISFIED, 1), answer(Rating.SATISFIED, 50, Mode.PHONE)]
    found = rating_of_record(both, END)
    assert (found.rating, found.mode) == (Rating.DISSATISFIED, Mode.SMS)
    assert found.verification is Rating.SATISFIED


def test_a_text_after_a_call_does_not_replace_it() -> None:
    both = [answer(Rating.NEUTRAL, 1, Mode.PHONE), answer(Rating.SATISFIED, 2)]
    assert rating_of_record(both, END).rating is Rating.NEUTRAL


def test_a_landlines_answer_by_phone_needs_no_window() -> None:
    found = rating_of_record([answer(Rating.SATISFIED, 1, Mode.PHONE)], None)
    assert (found.rating, found.mode) == (Rating.SATISFIED, Mode.PHONE)


def test_a_check_call_never_becomes_the_rating() -> None:
    call = answer(Rating.NEUTRAL, 1, Mode.PHONE, AnswerRole.VERIFICATION)
    assert rating_of_record([call], END) == RatingOfRecord()


def test_a_correction_is_the_rating_and_marked_and_the_latest_one_counts() -> None:
    corrections = [
        answer(Rating.DISSATISFIED, 1),
        answer(Rating.NEUTRAL, 50, Mode.PHONE, AnswerRole.CORRECTION),
        answer(Rating.SATISFIED, 51, Mode.PHONE, AnswerRole.CORRECTION),
    ]
    found = rating_of_record(corrections, END)
    assert (found.rating, found.corrected) == (Rating.SATISFIED, True)
    assert found.verification is None


ANSWERS = st.lists(
    st.builds(
        answer,
        st.sampled_from(Rating),
        st.integers(0, 100),
        st.sampled_from(Mode),
        st.sampled_from([AnswerRole.RATING, AnswerRole.VERIFICATION]),
    ),
    max_size=6,
)


@given(ANSWERS)
def test_calls_alone_never_change_a_rating_given_by_text_before_them(
    answers: list[GivenAnswer],
) -> None:
    """A call-back would bend the score (statistics): only a correction changes a rating."""
    texts = [kept for kept in answers if kept.mode is Mode.SMS and kept.role is AnswerRole.RATING]
    first_text = min((kept.given_at for kept in texts), default=None)
    later_calls = [
        kept
        for kept in answers
        if kept.mode is Mode.PHONE and first_text is not None and kept.given_at > first_text
    ]
    alone, together = rating_of_record(texts, END), rating_of_record(texts + later_calls, END)
    assert (alone.rating, alone.mode) == (together.rating, together.mode)


@given(ANSWERS)
def test_the_rating_of_record_was_given_by_the_citizen(answers: list[GivenAnswer]) -> None:
    found = rating_of_record(answers, END)
    ratings = [kept for kept in answers if kept.role is AnswerRole.RATING]
    assert (found.rating is None) == (not ratings)
    if ratings:
        given_so = [(kept.rating, kept.mode, kept.given_at) for kept in ratings]
        assert (found.rating, found.mode, found.given_at) in given_so
