"""Citizens mean what they write: each phrase is read as it was meant, or by nobody."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

import pytest

from survey_pipeline.gateways.simulated import citizens, phrases
from survey_pipeline.gateways.simulated.carrier import text_dice
from survey_pipeline.gateways.simulated.citizens import LOCAL, CitizenText
from survey_pipeline.gateways.simulated.ledger import Taken
from survey_pipeline.stages.replies.reading import read_reply
from survey_pipeline.vocabulary import Rating, ReplyClass

NOON = datetime(2023, 5, 4, 4, 0, tzinfo=UTC)
WINDOW = timedelta(hours=48)


def answers(
    count: int, template: str = "survey.txt", quality: int = 900
) -> Iterator[list[CitizenText]]:
    for number in range(count):
        taken = Taken(f"id-{number}", "a", NOON, f"+86139{number:08d}", template, quality)
        dice = text_dice("s", taken.number, template, NOON)
        yield sorted(citizens.texts_of("s", taken, dice, NOON), key=lambda one: one.at)


@pytest.mark.parametrize(
    ("rating", "text"), [(r, text) for r, texts in phrases.RATED.items() for text, _ in texts]
)
def test_what_is_meant_as_a_rating_is_read_as_that(rating: Rating, text: str) -> None:
    assert read_reply(text).reply_class is ReplyClass(rating.value)


@pytest.mark.parametrize("text", [text for text, _ in phrases.UNCLEAR])
def test_what_is_unclear_is_left_to_a_reader(text: str) -> None:
    assert read_reply(text).reply_class is ReplyClass.UNCLEAR


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (phrases.DENIED, ReplyClass.NOT_MY_CASE),
        (phrases.OPTED_OUT, ReplyClass.OPT_OUT),
        (phrases.OPTED_IN, ReplyClass.OPT_IN),
    ],
)
def test_denials_and_stop_words_are_read_as_that(
    texts: tuple[str, ...], expected: ReplyClass
) -> None:
    assert {read_reply(text).reply_class for text in texts} == {expected}


def test_a_stop_with_a_rating_is_read_as_both() -> None:
    for rating, texts in phrases.OPTED_OUT_RATED.items():
        for text in texts:
            reading = read_reply(text)
            assert (reading.reply_class, reading.with_rating) == (ReplyClass.OPT_OUT, True), rating


def test_about_a_third_answer_and_most_of_them_readably() -> None:
    written = [one for one in answers(6000) if one]
    assert 0.29 < len(written) / 6000 < 0.35
    first = Counter(read_reply(texts[0].text).reply_class for texts in written)
    rated = sum(first[ReplyClass(rating.value)] for rating in Rating)
    assert 0.82 < rated / len(written) < 0.90
    assert 0.01 < first[ReplyClass.OPT_OUT] / len(written) < 0.04
    assert first[ReplyClass.NOT_MY_CASE]
    assert first[ReplyClass.UNCLEAR]


def test_all_that_a_reader_must_cope_with_occurs() -> None:
    written = [one for one in answers(12_000) if one]
    classes = [[read_reply(one.text).reply_class for one in texts] for texts in written]
    ratings = {ReplyClass(rating.value) for rating in Rating}
    assert any(len(set(found) & ratings) == 2 for found in classes), "minds change"
    assert any(found[0] is ReplyClass.OPT_OUT and ReplyClass.OPT_IN in found for found in classes)
    assert any(found[0] is ReplyClass.UNCLEAR and set(found) & ratings for found in classes)
    assert any(texts[0].at > NOON + WINDOW for texts in written), "some are too late"
    assert any(texts[0].at < NOON + timedelta(minutes=5) for texts in written)


def test_hardly_anybody_writes_at_night() -> None:
    texts = [text for texts in answers(6000) for text in texts]
    nightly = [
        one for one in texts if not time(7) <= one.at.astimezone(LOCAL).time() < time(22, 30)
    ]
    assert 0 < len(nightly) < 0.05 * len(texts)


def test_a_good_office_is_rated_better_than_a_poor_one() -> None:
    def satisfied(quality: int) -> float:
        read = [read_reply(t[0].text).reply_class for t in answers(6000, quality=quality) if t]
        return read.count(ReplyClass.SATISFIED) / len(read)

    assert satisfied(975) > satisfied(780) + 0.1


def test_who_likes_a_poor_office_likes_a_good_one() -> None:
    for number in range(500):
        phone = f"+86139{number:08d}"
        if citizens.opinion("s", phone, 780) is Rating.SATISFIED:
            assert citizens.opinion("s", phone, 975) is Rating.SATISFIED


def test_the_quality_of_an_office_hangs_on_its_name_and_the_seed_alone() -> None:
    offices = [citizens.quality_of("s", f"处{number}") for number in range(200)]
    assert offices == [citizens.quality_of("s", f"处{number}") for number in range(200)]
    assert all(citizens.WORST <= one <= citizens.BEST for one in offices)
    assert len(set(offices)) > 50
    assert citizens.quality_of("s", "") == citizens.QUALITY


def test_the_follow_up_brings_a_reason_from_about_half() -> None:
    written = [one for one in answers(2000, "reason.txt") if one]
    assert 0.4 < len(written) / 2000 < 0.56
    known = {text for texts in phrases.REASONS.values() for text in texts} | set(phrases.OPTED_OUT)
    assert {text.text for texts in written for text in texts} <= known
