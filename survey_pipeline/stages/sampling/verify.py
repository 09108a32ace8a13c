"""Checks a stored draw: against itself, and against the data as it was by the recorded changes.

First the documents: the roll's lines give both hashes, the seed gives its hash, and seed, roll and
stored policy give the same cases. Then, as long as the data lives, the world: every case of the
frame is there under its name, its reason and its phone group follow from what held at the draw.
What changed since with a record of it (an update, a withdrawal, a deletion, an office made exempt
later, a later opt-out) is no mismatch; what changed without one is.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, Row, select

from survey_pipeline.calendar import month_of
from survey_pipeline.context import Context
from survey_pipeline.errors import DrawError, KeyFileError
from survey_pipeline.i18n import N_, Message
from survey_pipeline.stages.sampling.algorithm import OfficeResult, Policy, draw, rank_all
from survey_pipeline.stages.sampling.commitments import find_commitment
from survey_pipeline.stages.sampling.earlier import drawn_earlier
from survey_pipeline.stages.sampling.roll import RollLine, columns, read_roll, write_roll
from survey_pipeline.stages.sampling.world import data_problems
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import draw_offices, draws, surveys
from survey_pipeline.vocabulary import FrameReason

MOST_OF_A_KIND = 20
"""Problems of one kind that are listed one by one."""


@dataclass(frozen=True)
class DrawVerification:
    """Whether a draw holds, and if not, why."""

    day: date
    problems: Sequence[Message]

    @property
    def ok(self) -> bool:
        """Whether the draw holds."""
        return not self.problems


def verify_draw(context: Context, day: date) -> DrawVerification:
    """Recompute a draw and compare it with what is stored.

    Raises:
        DrawError: the day was never drawn.
    """
    with reading(context.engine) as connection:
        stored = connection.execute(select(draws).where(draws.c.day == day)).first()
        if stored is None:
            raise DrawError("{day} was not drawn: there is nothing to verify", day=day)
        return DrawVerification(day, list(_limited(_problems(connection, context, stored))))


def _limited(problems: Iterable[Message]) -> Iterator[Message]:
    counts: dict[str, int] = {}
    latest: dict[str, Message] = {}
    for problem in problems:
        counts[problem.text] = counts.get(problem.text, 0) + 1
        latest[problem.text] = problem
        if counts[problem.text] <= MOST_OF_A_KIND:
            yield problem
    for text, count in counts.items():
        if count > MOST_OF_A_KIND:
            more = count - MOST_OF_A_KIND
            values = {"more": more, "last": latest[text]}
            yield Message(N_("and {more} more like it, the last: {last}"), values)


def _problems(connection: Connection, context: Context, stored: Row[Any]) -> Iterator[Message]:
    try:
        roll = read_roll(stored.roll)
        seed = context.keys.decrypt(stored.seed)
    except (ValueError, KeyFileError) as error:
        yield Message(N_("the stored draw cannot be read: {problem}"), {"problem": error})
        return
    yield from _hash_problems(stored, roll, seed)
    yield from _commitment_problems(connection, context, stored)
    policy = _policy_of(context, stored)
    damaged = list(_form_problems(roll))
    yield from damaged
    if not damaged:
        yield from _selection_problems(connection, stored.day, roll, seed, policy)
        yield from data_problems(connection, context, stored, roll, policy)


def _policy_of(context: Context, stored: Row[Any]) -> Policy:
    """Return a draw's policy; without stored arrangements (early versions), those of its day.

    Raises:
        ConfigurationError: no standard's window holds the day of such a draw.
    """
    kept = dict(stored.policy)
    if "carried_out" not in kept:
        rules = context.standard_on(stored.day).standard.satisfaction
        kept["carried_out"] = rules.responsibilities.to_json()
    return Policy.from_json(kept)


def _hash_problems(stored: Row[Any], roll: Sequence[RollLine], seed: str) -> Iterator[Message]:
    again = write_roll(*columns(roll))
    pairs = (
        (N_("the frame's hash"), stored.frame_hash, again.frame_hash),
        (N_("the roll's hash"), stored.roll_hash, again.roll_hash),
        (N_("the seed's hash"), stored.seed_hash, hashlib.sha256(seed.encode()).hexdigest()),
        (N_("the number of cases in the frame"), stored.frame, again.frame),
    )
    for what, published, found in pairs:
        if published != found:
            yield Message(
                N_("{what} does not match: {published} was published, {found} follows"),
                {"what": Message(what), "published": published, "found": found},
            )


def _commitment_problems(
    connection: Connection, context: Context, stored: Row[Any]
) -> Iterator[Message]:
    committed = find_commitment(connection, context, month_of(stored.day))
    if committed and committed.seed_hash != stored.seed_hash:
        yield Message(N_("the draw used another seed than the one committed for its month"))


def _form_problems(roll: Sequence[RollLine]) -> Iterator[Message]:
    lines = [line for line, _, _ in roll]
    if any(a >= b for a, b in pairwise(lines)):
        yield Message(N_("the roll is not in order, or names a case twice"))
    for number, (line, _, group) in enumerate(roll, 1):
        if not 1 <= group <= number or roll[group - 1].group != group:
            yield Message(
                N_("{line}: its phone group {group} cannot be"), {"line": line, "group": group}
            )


def _selection_problems(
    connection: Connection, day: date, roll: Sequence[RollLine], seed: str, policy: Policy
) -> Iterator[Message]:
    lines, reasons, groups = columns(roll)
    ranks = rank_all(seed, day, lines)
    eligible = [reason == FrameReason.ELIGIBLE for reason in reasons]
    result = draw(lines, ranks, groups, eligible, policy, drawn_earlier(connection, day))
    expected = {lines[index]: ranks[index].hex() for office in result for index in office.drawn}
    found = {
        f"{row.office_code},{row.case_no}": row.rank_hash
        for row in connection.execute(select(surveys).where(surveys.c.drawn_on == day))
    }
    for line in sorted(expected.keys() - found.keys()):
        yield Message(N_("{line} had to be drawn and was not"), {"line": line})
    for line in sorted(found.keys() - expected.keys()):
        yield Message(N_("{line} was drawn and should not have been"), {"line": line})
    for line in sorted(expected.keys() & found.keys()):
        if expected[line] != found[line]:
            yield Message(N_("{line}: its stored rank is not its rank"), {"line": line})
    yield from _office_problems(connection, day, result)


def _office_problems(
    connection: Connection, day: date, result: Sequence[OfficeResult]
) -> Iterator[Message]:
    expected = {
        office.office_code: (office.frame, office.eligible, len(office.drawn)) for office in result
    }
    found = {
        row.office_code: (row.frame, row.eligible, row.drawn)
        for row in connection.execute(select(draw_offices).where(draw_offices.c.day == day))
    }
    for office in sorted(expected.keys() | found.keys()):
        if expected.get(office) != found.get(office):
            yield Message(
                N_("{office}: frame, eligible and drawn are stored as {found}, {expected} follows"),
                {"office": office, "found": found.get(office), "expected": expected.get(office)},
            )
