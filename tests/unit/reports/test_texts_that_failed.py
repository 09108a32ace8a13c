"""The groups of failed texts: a text that we cancelled is not shown as refused by the provider."""

import pytest

from survey_pipeline.reports.text_groups import ended_badly, title_of
from survey_pipeline.vocabulary import MessageState, MessageWhy, RefusalReason

GOES_ON = {
    MessageWhy.RECEIPT,
    MessageWhy.PROVIDER_HAS_IT,
    MessageWhy.LEASE_RAN_OUT,
    MessageWhy.RESTORED,
}
"""They move a text on and never fail it."""
EXPIRED = {MessageWhy.HELD_TOO_LONG}
"""It has a state of its own."""
REFUSED = title_of(MessageState.FAILED, "")


@pytest.mark.parametrize("why", [why for why in MessageWhy if why not in GOES_ON | EXPIRED])
def test_a_text_that_we_gave_up_has_a_title_of_its_own(why: MessageWhy) -> None:
    assert title_of(MessageState.FAILED, why) != REFUSED
    assert ended_badly(f"{MessageState.FAILED}_{why}") is not None


@pytest.mark.parametrize("reason", [RefusalReason.OTHER, "a word of a later version"])
def test_a_refusal_without_words_of_its_own_is_called_a_refusal(reason: str) -> None:
    assert title_of(MessageState.FAILED, reason) == REFUSED


@pytest.mark.parametrize("why", sorted(EXPIRED))
def test_a_text_that_was_held_too_long_is_called_given_up(why: MessageWhy) -> None:
    assert title_of(MessageState.EXPIRED, why).text == "Given up"
