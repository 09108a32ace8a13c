"""`forget`: a citizen's data is deleted at once, because they asked for it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, Select, and_, func, null, or_, select, update

from survey_pipeline.context import Context
from survey_pipeline.errors import UsageError
from survey_pipeline.gateways.simulated.ledger import hide_numbers, ledgers
from survey_pipeline.inbound.spool import drain
from survey_pipeline.phones import without_numbers
from survey_pipeline.privacy.deletion_receipts import DeletionReceipt, OpenReceipt, close_abandoned
from survey_pipeline.privacy.held_numbers import delete_held, files_with
from survey_pipeline.privacy.rules import empty_cases, empty_surveys
from survey_pipeline.stages.replies import read_inbound
from survey_pipeline.store.emptying import empty, empty_reasons, empty_recorded, still_held
from survey_pipeline.store.engine import writing
from survey_pipeline.store.personal import KeptUntil, columns_until
from survey_pipeline.store.tables import (
    audit_log,
    cases,
    inbound,
    opt_outs,
    representatives,
    reviews,
    surveys,
)
from survey_pipeline.store.traces import empty_log
from survey_pipeline.survey.closing import close_surveys
from survey_pipeline.vocabulary import (
    Audited,
    DeletionKind,
    RecordKind,
    SurveyEnd,
    SurveyState,
)

LONGEST_REASON = 500
_HASH = "phone_hash"


@dataclass(frozen=True)
class Forgotten:
    """What was done at a citizen's request."""

    receipt: DeletionReceipt | None
    """None where nothing was held."""
    hash_until: date | None
    """Until when the keyed hash of a survey's number keeps the phone from being asked again."""
    still_representative: bool
    """Whether the number is a representative's whose review is open: it goes with the review."""
    traces_gone: bool
    files: Sequence[str]
    """Uploads, rejected files and call lists of the workspace that held the number: deleted."""


def forget_citizen(context: Context, number: str, by: str, reason: str) -> Forgotten:
    """Delete everything that is held of a number; an opt-out stays, as a keyed hash.

    Texts that have come in are read first: one of them may be an opt-out. Open surveys end. Counts
    and ratings stay. A case that is still to enter a frame keeps the hash until it has, and is not
    drawn.

    Args:
        context: the workspace.
        number: E.164.
        by: who takes the request.
        reason: how the citizen asked.

    Raises:
        UsageError: `by` or `reason` is blank, or the reason too long.
    """
    by, reason = _checked(by, reason)
    acting = context.acting(by)
    drain(acting)
    read_inbound(acting)
    close_abandoned(acting)
    receipt = OpenReceipt(acting, DeletionKind.FORGET, {"at": context.now().isoformat()})
    phone_hash = context.keys.phone_hash(number)
    with writing(context.engine) as connection:
        receipt.add(connection, _empty_all(connection, acting, phone_hash))
        stays = _in_open_review(connection, phone_hash)
        drawn_on = connection.scalar(
            select(func.max(surveys.c.drawn_on)).where(surveys.c.phone_hash == phone_hash)
        )
    files = files_with(context.home, number)
    hidden = sum(hide_numbers(path, number=number) for path in ledgers(context.home))
    with writing(context.engine) as connection:
        receipt.add(connection, {"ledger_lines": hidden, **delete_held(files)})
    return Forgotten(
        receipt.close(reason),
        _quiet_end(context, drawn_on),
        stays,
        empty_log(context.engine),
        [str(file.path.relative_to(context.home)) for file in files],
    )


def _checked(by: str, reason: str) -> tuple[str, str]:
    by, reason = by.strip(), reason.strip()
    if not by:
        raise UsageError("say who takes the request: --by NAME")
    if not reason:
        raise UsageError("say how the citizen asked: --reason R")
    if len(reason) > LONGEST_REASON:
        raise UsageError(
            "the reason is longer than {most} characters: shorten it", most=LONGEST_REASON
        )
    return by, without_numbers(reason)


def _empty_all(connection: Connection, context: Context, phone_hash: bytes) -> Counter[str]:
    theirs = surveys.c.phone_hash == phone_hash
    ids = connection.scalars(select(surveys.c.id).where(theirs).order_by(surveys.c.id)).all()
    ended = close_surveys(connection, _open(connection, ids), SurveyEnd.FORGOTTEN, context.now())
    counts = Counter({"ended_surveys": ended})
    counts += empty_surveys(connection, context, ids)
    counts += _empty_cases(connection, phone_hash)
    counts[inbound.name] += empty(
        connection, inbound, inbound.c.phone_hash == phone_hash, KeptUntil.SURVEY
    )
    counts += _empty_requests(connection, phone_hash)
    counts += _empty_representatives(connection, phone_hash)
    return counts


def _open(connection: Connection, ids: Sequence[int]) -> list[int]:
    query = select(surveys.c.id).where(surveys.c.id.in_(ids), surveys.c.state == SurveyState.OPEN)
    return list(connection.scalars(query))


def _empty_cases(connection: Connection, phone_hash: bytes) -> Counter[str]:
    """Empty cases that were not drawn; those that no frame has yet keep their hash until then."""
    theirs = cases.c.phone_hash == phone_hash
    framed = select(cases.c.id).where(theirs, cases.c.frame_on.is_not(None))
    counts = empty_cases(connection, connection.scalars(framed).all())
    waiting = and_(theirs, still_held(cases, KeptUntil.SURVEY), cases.c.phone.is_not(None))
    keys = connection.execute(select(cases.c.office_code, cases.c.case_no).where(waiting)).all()
    names = [f"{row.office_code}/{row.case_no}" for row in keys]
    nothing = {
        column: null() for column in columns_until(cases, KeptUntil.SURVEY) if column.name != _HASH
    }
    counts[cases.name] += connection.execute(update(cases).where(waiting).values(nothing)).rowcount
    counts[audit_log.name] += empty_recorded(
        connection, RecordKind.CASES, names, cases, KeptUntil.SURVEY
    )
    return counts


def _empty_requests(connection: Connection, phone_hash: bytes) -> Counter[str]:
    theirs = opt_outs.c.phone_hash == phone_hash
    keys = [str(key) for key in connection.scalars(select(opt_outs.c.id).where(theirs))]
    recorded = empty_reasons(connection, Audited.OPT_OUTS, keys)
    emptied = empty(connection, opt_outs, theirs, KeptUntil.REQUEST)
    return Counter({opt_outs.name: emptied, audit_log.name: recorded})


def _empty_representatives(connection: Connection, phone_hash: bytes) -> Counter[str]:
    theirs = and_(
        representatives.c.phone_hash == phone_hash, representatives.c.year.not_in(_open_years())
    )
    rows = connection.execute(
        select(representatives.c.year, representatives.c.rep_no).where(theirs)
    )
    keys = [f"{row.year}/{row.rep_no}" for row in rows]
    recorded = empty_recorded(
        connection, RecordKind.REPRESENTATIVES, keys, representatives, KeptUntil.REVIEW
    )
    emptied = empty(connection, representatives, theirs, KeptUntil.REVIEW)
    return Counter({representatives.name: emptied, audit_log.name: recorded})


def _in_open_review(connection: Connection, phone_hash: bytes) -> bool:
    query = select(representatives.c.id).where(
        representatives.c.phone_hash == phone_hash, representatives.c.year.in_(_open_years())
    )
    return connection.scalar(query.limit(1)) is not None


def _open_years() -> Select[tuple[int]]:
    """Select the years whose representatives are drawn and whose review has not closed."""
    return select(reviews.c.year).where(
        or_(reviews.c.drawn_at.is_not(None), reviews.c.opened_at.is_not(None)),
        reviews.c.closed_at.is_(None),
    )


def _quiet_end(context: Context, drawn_on: date | None) -> date | None:
    if drawn_on is None:
        return None
    days = context.settings.sampling.quiet_days + context.settings.privacy.undrawn_retention_days
    return max(
        drawn_on + timedelta(days=days),
        context.today() + timedelta(days=context.settings.privacy.retention_days),
    )
