"""The conformance kit: what every gateway must do, as checks for its author's own tests.

Describe the gateway in a `Contract`: its settings, what its provider answers and what that means,
what its webhooks look like. `checks(contract)` returns named checks; with pytest::

    @pytest.mark.parametrize("check", checks(CONTRACT), ids=str)
    def test_conforms(check):
        check.run()

Each check makes the gateway anew by its entry point, with a clock that stands still, no network but
loopback, and every logger listened to. It fails with an `AssertionError` that says what was wrong:

- each case of the three tables (send, receipt, inbound) comes out as the table says, and the
  provider was asked exactly once; an answer that nobody fetched fails the check;
- a provider that cannot be reached is *not sent*; one that hangs, breaks the connection, answers
  500, nothing, or a page instead of data is *unknown*; none of them is asked a second time;
- each outcome of the closed list can be reached;
- webhook requests without their signature are refused, malformed ones never raise anything else;
- receipts that come twice and in every order lead to one and the same end;
- no secret, number or text is in any log, error or `repr`;
- unknown and missing settings are refused by name.

`docs/howto/write-a-gateway.md` shows a whole gateway with its contract.
"""

from survey_pipeline.gateways.kit.checks import KitCheck, checks
from survey_pipeline.gateways.kit.contract import (
    MESSAGE,
    NOW,
    Contract,
    Fault,
    FindCase,
    InboundCase,
    ReceiptCase,
    Reply,
    SendCase,
)
from survey_pipeline.gateways.kit.double import AskedRequest, Double

__all__ = [
    "MESSAGE",
    "NOW",
    "AskedRequest",
    "Contract",
    "Double",
    "Fault",
    "FindCase",
    "InboundCase",
    "KitCheck",
    "ReceiptCase",
    "Reply",
    "SendCase",
    "checks",
]
