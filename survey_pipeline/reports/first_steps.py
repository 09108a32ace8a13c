"""The way from an empty workspace to the first text: which steps are done, what is missing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, select

from survey_pipeline.context import Context
from survey_pipeline.i18n import N_, ORGANISATION, Message
from survey_pipeline.stages.dispatch import check_templates
from survey_pipeline.stages.dispatch.templates import FOLDER
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import (
    audit_log,
    cases,
    draws,
    messages,
    offices,
    parents,
    users,
)
from survey_pipeline.vocabulary import Audited, MessageState, SendOutcome

SIMULATED = "simulated"
MADE_UP_TEXTS = N_(
    "The only gateway is the simulated one: no text leaves this machine. Add a [[gateway]] of your "
    "carrier to config/pipeline.toml, then restart the program."
)
GONE_OUT = (MessageState.ACCEPTED, MessageState.DELIVERED, MessageState.UNDELIVERED)


@dataclass(frozen=True)
class FirstStep:
    """One step."""

    name: str
    """`organisation`, `people`, `register`, `carrier`, `texts`, `test_text`, `reports`, `day`."""
    done: bool
    found: Message
    """What is there, or what is missing and how to bring it."""
    link: str
    needed: bool = True
    """Whether no first text goes out properly without it."""


def has_begun(context: Context) -> bool:
    """Return whether a day was drawn and a text went out: the first steps are behind it then."""
    if context.settings.demo:
        return True
    with reading(context.engine) as connection:
        return _any(connection, draws.c.day.is_not(None)) and _sent(connection)


def read_first_steps(context: Context) -> Sequence[FirstStep]:
    """Return the steps in their order."""
    with reading(context.engine) as connection:
        return [
            _organisation(context),
            _people(connection),
            _register(connection),
            *_carrier(context, connection),
            *_reports_and_day(connection),
        ]


def _organisation(context: Context) -> FirstStep:
    name = context.settings.organisation.name
    text = N_("Texts, pages and papers call the office that asks {name}.")
    if name == ORGANISATION:
        text = N_("Texts, pages and papers call the office that asks {name}, as shipped.")
    done = name != ORGANISATION
    found = Message(text, {"name": name})
    return FirstStep("organisation", done, found, "/admin/settings#organisation", needed=False)


def _people(connection: Connection) -> FirstStep:
    count = _count(connection, users.c.name.is_not(None))
    text = N_("{count} people may sign in.")
    if count < 2:
        text = N_("Only you may sign in: add an operator, callers, and an account for each office.")
    return FirstStep("people", count > 1, Message(text, {"count": count}), "/admin", needed=False)


def _register(connection: Connection) -> FirstStep:
    known: dict[str, object] = {
        "parents": _count(connection, parents.c.withdrawn_at.is_(None)),
        "offices": _count(connection, offices.c.withdrawn_at.is_(None)),
    }
    text = N_("{parents} departments and {offices} offices are on the register.")
    if not known["offices"]:
        text = N_("No office is on the register: import the departments, then the offices.")
    return FirstStep("register", bool(known["offices"]), Message(text, known), "/organise")


def _carrier(context: Context, connection: Connection) -> Iterator[FirstStep]:
    """Yield the steps about texts: carrier, templates, test text."""
    real = [gateway.label for gateway in context.settings.gateway if gateway.kind != SIMULATED]
    found = Message(N_("Texts go out by {gateways}."), {"gateways": ", ".join(real)})
    yield FirstStep(
        "carrier", bool(real), found if real else Message(MADE_UP_TEXTS), "/admin/checks"
    )
    problems = check_templates(context.home / FOLDER, context.settings)
    well = Message(N_("Every text can be written, and is short enough. Read them all once."))
    yield FirstStep("texts", not problems, problems[0] if problems else well, "/admin/templates")
    tested = _tested(connection)
    text = N_("A test text was taken by {gateway}.")
    if tested is None:
        text = N_("No test text was taken yet: send one to your own phone and see that it arrives.")
    test = Message(text, {"gateway": tested})
    yield FirstStep("test_text", tested is not None, test, "/admin/checks#test-text")


def _tested(connection: Connection) -> str | None:
    """Return the gateway that took a test text last; None if none did."""
    query = select(audit_log.c.after).where(audit_log.c.kind == Audited.GATEWAY_TESTS)
    tests = connection.scalars(query.order_by(audit_log.c.id.desc()).limit(20))
    taken = (test for test in tests if test and test.get("outcome") == SendOutcome.ACCEPTED)
    return next((str(test["gateway"]) for test in taken), None)


def _reports_and_day(connection: Connection) -> Iterator[FirstStep]:
    """Yield the last steps: reports of cases, and the first day."""
    reported = _any(connection, cases.c.id.is_not(None))
    text = N_("Cases were reported.")
    if not reported:
        text = N_("No case was reported yet: import a report, or let offices upload theirs.")
    yield FirstStep("reports", reported, Message(text), "/organise")
    sent = _sent(connection)
    text = N_("The first texts went out.")
    if not sent:
        text = N_("No text went out yet: run the day on its page, or wait for the daily run.")
    yield FirstStep("day", sent, Message(text), "/")


def _sent(connection: Connection) -> bool:
    return _any(connection, messages.c.state.in_(GONE_OUT))


def _any(connection: Connection, where: ColumnElement[bool]) -> bool:
    return connection.execute(select(1).where(where).limit(1)).first() is not None


def _count(connection: Connection, where: ColumnElement[bool]) -> int:
    return connection.scalar(select(func.count()).where(where)) or 0
