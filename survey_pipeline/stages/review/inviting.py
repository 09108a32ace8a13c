"""The invitations by SMS: one to each representative, with the personal link.

A few hundred texts once a year that belong to no survey: they pass by the outbox, and keep its
first rule. The claim is committed before the gateway is called. A process that dies in between, or
does not learn what became of a text, leaves the claim: the text is never sent again by itself. The
text is not stored: the link is in it.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Row, update

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed
from survey_pipeline.gateways.port import Gateway, OutgoingMessage, SendResult
from survey_pipeline.settings import Gateway as GatewaySettings
from survey_pipeline.stages.review.invitation_plan import (
    TEMPLATE,
    reached_by_text,
    ready_to_invite,
    variables_of,
)
from survey_pipeline.stages.review.links import (
    drawn_representatives,
    key_for_links,
    link,
    store_hashes,
)
from survey_pipeline.stages.review.steps import log
from survey_pipeline.store.engine import writing
from survey_pipeline.store.tables import review_representatives
from survey_pipeline.survey.opt_outs import opt_out
from survey_pipeline.survey.pausing import sending_pause
from survey_pipeline.text_templates import TextTemplate
from survey_pipeline.vocabulary import AuditAction, RefusalReason, SendOutcome

NOT_GONE_OUT = (SendOutcome.NOT_SENT, SendOutcome.THROTTLED)
Progress = Callable[[int, int], None]
"""Is told how many of how many invitations were handed over."""


@dataclass(frozen=True)
class Invitations:
    """What one run of the invitations did."""

    year: int
    sent: int
    """The provider has taken them now."""
    before: int
    """Invited by an earlier run."""
    refused: int
    """The provider will never deliver them."""
    unknown: int
    """They may or may not have gone out, and are not sent again."""
    later: int
    """They did not go out; another run tries them again."""
    by_file: int
    """No mobile number, or opted out of texts: their links are in the file alone."""


def invite(
    context: Context,
    year: int,
    gateways: Mapping[str, Gateway],
    address: str,
    *,
    ignore_hours: bool = False,
    progress: Progress | None = None,
) -> Invitations:
    """Send each drawn representative one text with the personal link; again, only to the others.

    Args:
        context: the workspace.
        year: the appraisal year.
        gateways: the configured gateways by label.
        address: where representatives reach the pages.
        ignore_hours: send outside sending hours too.
        progress: is called after each text.

    Raises:
        CannotProceed: the representatives are not drawn, the review is closed, it is no sending
            hour, sending is paused, no gateway can be used, or the gateway's configuration is
            broken.
        ConfigurationError: the text's template is missing or wrong.
    """
    settings, template = ready_to_invite(context, gateways, ignore_hours=ignore_hours)
    with writing(context.engine) as connection:
        key = key_for_links(connection, context, year)
        drawn = drawn_representatives(connection, year)
        store_hashes(connection, year, key, [representative.rep_no for representative in drawn])
        left = [representative for representative in drawn if representative.invited_at is None]
        reached = reached_by_text(connection, left)
        log(connection, context, year, "invite", action=AuditAction.EXPORTED)
    mailing = _Mailing(context, year, settings, template)
    letters = [
        _Letter(
            representative,
            variables_of(context, year, link(address, key.token(representative.rep_no))),
        )
        for representative in reached
    ]
    asyncio.run(mailing.send_all(gateways[settings.label], letters, progress))
    outcomes = mailing.outcomes
    return Invitations(
        year=year,
        sent=outcomes[SendOutcome.ACCEPTED],
        before=len(drawn) - len(left),
        refused=outcomes[SendOutcome.REFUSED],
        unknown=outcomes[SendOutcome.UNKNOWN],
        later=len(reached) - mailing.settled,
        by_file=len(left) - len(reached),
    )


class _Letter(NamedTuple):
    """One invitation: to whom, and what the text is filled with."""

    representative: Row[Any]
    variables: Mapping[str, str]


class _Mailing:
    """One run over one gateway: claim, commit, call, record; one text after the other."""

    def __init__(
        self, context: Context, year: int, settings: GatewaySettings, template: TextTemplate
    ) -> None:
        self.outcomes: Counter[SendOutcome] = Counter()
        self.settled = 0
        """Texts that need no other run, sent by this process or another."""
        self._context = context
        self._year = year
        self._settings = settings
        self._template = template

    async def send_all(
        self, gateway: Gateway, letters: Sequence[_Letter], progress: Progress | None
    ) -> None:
        """Send until all are through, the provider wants a pause, or an operator paused sending.

        Raises:
            CannotProceed: the gateway's configuration is broken.
        """
        async with gateway:
            for number, letter in enumerate(letters, 1):
                if not await self._send(gateway, letter):
                    return
                if progress is not None:
                    progress(number, len(letters))
                if self._settings.rate_per_second:
                    await asyncio.sleep(float(1 / self._settings.rate_per_second))

    async def _send(self, gateway: Gateway, letter: _Letter) -> bool:
        """Send one text; say whether to go on."""
        if sending_pause(self._context) is not None:
            return False
        one, variables = letter
        attempt = self._context.new_token()
        if not self._claim(one.rep_no, attempt):
            self.settled += 1  # another run was first
            return True
        to, text = self._context.keys.decrypt(one.phone), self._template.render(variables)
        result = await gateway.send(OutgoingMessage(attempt, to, text, TEMPLATE, variables))
        if _is_broken(result):
            self._release(attempt)
            raise CannotProceed(
                "the gateway {gateway} cannot be used: {problem}. survey-pipeline doctor checks it",
                gateway=self._settings.label,
                problem=result.error or RefusalReason.CONFIGURATION.value,
            )
        self.outcomes[result.outcome] += 1
        if result.outcome in NOT_GONE_OUT:
            self._release(attempt)
            return result.outcome is not SendOutcome.THROTTLED
        self.settled += 1
        self._write(attempt, invite_outcome=result.outcome)
        if result.reason is RefusalReason.OPTED_OUT:
            self._honour(one.phone_hash)
        return True

    def _honour(self, phone_hash: bytes) -> None:
        """Take a carrier's "this person told us to stop" as an opt-out with us."""
        with writing(self._context.engine) as connection:
            opt_out(connection, phone_hash, self._settings.label, None, self._context.now())

    def _claim(self, rep_no: str, attempt: str) -> bool:
        """Take an invitation into this run's hands; committed before the gateway is called."""
        with writing(self._context.engine) as connection:
            claimed = connection.execute(
                update(review_representatives)
                .where(
                    review_representatives.c.year == self._year,
                    review_representatives.c.rep_no == rep_no,
                    review_representatives.c.invited_at.is_(None),
                )
                .values(
                    invited_at=self._context.now(),
                    invite_attempt=attempt,
                    invite_gateway=self._settings.label,
                )
            )
        return claimed.rowcount == 1

    def _release(self, attempt: str) -> None:
        """Give an invitation back that certainly did not go out."""
        self._write(attempt, invited_at=None, invite_attempt=None, invite_gateway=None)

    def _write(self, attempt: str, **values: Any) -> None:
        with writing(self._context.engine) as connection:
            connection.execute(
                update(review_representatives)
                .where(review_representatives.c.invite_attempt == attempt)
                .values(**values)
            )


def _is_broken(result: SendResult) -> bool:
    return result.outcome is SendOutcome.REFUSED and result.reason is RefusalReason.CONFIGURATION
