"""The auditor's package of a month: seed, rolls, policies, drawn cases, and the program to check.

It names offices and case numbers, no citizen. It tells which cases were drawn, so it is made after
the month's last survey has ended, and offices do not get it (specification, section 4.5).
"""

import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, exists, select

from survey_pipeline.calendar import first_day, last_day
from survey_pipeline.context import Context
from survey_pipeline.edited import shipped
from survey_pipeline.errors import DrawError, KeyFileError
from survey_pipeline.i18n import N_, Message
from survey_pipeline.stages.sampling.commitments import Commitment, find_commitment
from survey_pipeline.stages.sampling.roll import unpack_roll
from survey_pipeline.store.tables import draw_offices, draws, surveys
from survey_pipeline.vocabulary import SurveyState

FORMAT = 1
VERIFIER = Path("scripts/verify_draw.py")
"""The program that outsiders run; in the package under its name alone."""
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every member, so that the same draws give the same bytes."""
ABOUT = (
    ("", N_("The draws of {month}, for whoever checks them.")),
    ("month.json", N_("{file}: the committed hash; of each day the seed, hashes, policy, counts.")),
    ("rolls/", N_("{file}: the frame of each day; a line per case: office, case, reason, group.")),
    ("drawn/", N_("{file}: the cases drawn, with the SHA-256 that decided.")),
    (VERIFIER.name, N_("{file}: the program that checks all of it. Read it first: it is short.")),
    ("", N_("Run it as: {command}")),
    ("", N_("Compare the hashes that it prints with those published at the time.")),
    ("", N_("No citizen is named. Offices must not get it: it tells which cases were drawn.")),
)
"""The page that explains: a file's name, and what it says of it."""


@dataclass(frozen=True)
class RevealedDraw:
    """One day of the package."""

    row: Row[Any]
    """Its row of `draws`."""
    seed: str


@dataclass(frozen=True)
class MonthDraws:
    """What the package of a month is made of."""

    month: str
    commitment: Commitment | None
    draws: Sequence[RevealedDraw]
    """By day; at least one."""

    def remarks(self) -> list[Message]:
        """Return what an auditor has to know before trusting the seed."""
        if self.commitment is None:
            text = N_(
                "nothing was committed before {month}: the hashes show that nothing was changed "
                "since the draws, not that the seed was chosen before the reports came in"
            )
            return [Message(text, {"month": self.month})]
        committed = self.commitment.seed_hash
        others = [made.row.day for made in self.draws if made.row.seed_hash != committed]
        text = N_("the draw of {day} used another seed than the committed one")
        return self.commitment.remarks() + [Message(text, {"day": day}) for day in others]


def read_month(connection: Connection, context: Context, month: str) -> MonthDraws:
    """Return a month's draws with their seeds.

    Raises:
        DrawError: the month is not over, a survey of it is open, it has no draw, or a seed cannot
            be read.
    """
    days = draws.c.day.between(first_day(month), last_day(month))
    rows = connection.execute(select(draws).where(days).order_by(draws.c.day)).all()
    _require_closed(connection, context, month)
    if not rows:
        raise DrawError("no day of {month} was drawn: there is nothing to reveal", month=month)
    return MonthDraws(
        month,
        find_commitment(connection, context, month),
        [RevealedDraw(row, _seed(context, row)) for row in rows],
    )


def _seed(context: Context, row: Row[Any]) -> str:
    try:
        return context.keys.decrypt(row.seed)
    except KeyFileError as error:
        raise DrawError(
            "the seed of {day} cannot be read: the key file is not the one of that time. Put the "
            "key file of then back, then reveal",
            day=row.day,
        ) from error


def _require_closed(connection: Connection, context: Context, month: str) -> None:
    if context.today() <= last_day(month):
        raise DrawError(
            "{month} is not over: its draws are revealed when its last survey has ended",
            month=month,
        )
    drawn = surveys.c.drawn_on.between(first_day(month), last_day(month))
    still_open = exists().where(drawn, surveys.c.state == SurveyState.OPEN)
    if connection.scalar(select(still_open)):
        raise DrawError(
            "surveys of {month} are still open: its draws are revealed when the last has ended",
            month=month,
        )


def write_package(connection: Connection, month_draws: MonthDraws, locale: str, path: Path) -> None:
    """Write the package; the same draws give the same bytes.

    Args:
        connection: reads offices and drawn cases.
        month_draws: as `read_month` returned them.
        locale: of the remarks and the page that explains.
        path: of the ZIP archive.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _members(connection, month_draws, locale):
            member = zipfile.ZipInfo(name, EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, text)


def _members(
    connection: Connection, month_draws: MonthDraws, locale: str
) -> Iterator[tuple[str, str]]:
    remarks = [remark.render(locale) for remark in month_draws.remarks()]
    yield "README.txt", _about(month_draws, remarks, locale)
    yield VERIFIER.name, (shipped() / VERIFIER).read_text(encoding="utf-8")
    days = [_day(connection, made) for made in month_draws.draws]
    yield "month.json", json.dumps(_head(month_draws, remarks, days), ensure_ascii=False, indent=1)
    for made in month_draws.draws:
        day = made.row.day
        yield f"rolls/{day}.csv", unpack_roll(made.row.roll)
        yield f"drawn/{day}.csv", "\n".join(_drawn(connection, made.row))


def _head(
    month_draws: MonthDraws, remarks: Sequence[str], days: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    commitment = month_draws.commitment
    return {
        "format": FORMAT,
        "month": month_draws.month,
        "commitment": commitment.to_json() if commitment else None,
        "remarks": remarks,
        "days": days,
    }


def _day(connection: Connection, made: RevealedDraw) -> dict[str, Any]:
    offices = connection.execute(
        select(draw_offices)
        .where(draw_offices.c.day == made.row.day)
        .order_by(draw_offices.c.office_code)
    )
    return {
        "day": made.row.day.isoformat(),
        "seed": made.seed,
        "seed_hash": made.row.seed_hash,
        "frame": made.row.frame,
        "frame_hash": made.row.frame_hash,
        "roll_hash": made.row.roll_hash,
        "policy": made.row.policy,
        "offices": {
            office.office_code: {"frame": office.frame, "N": office.eligible, "n": office.drawn}
            for office in offices
        },
    }


def _drawn(connection: Connection, row: Row[Any]) -> Iterator[str]:
    rows = connection.execute(
        select(surveys.c.office_code, surveys.c.case_no, surveys.c.rank_hash)
        .where(surveys.c.drawn_on == row.day)
        .order_by(surveys.c.office_code, surveys.c.rank_hash)
    )
    for office_code, case_no, rank_hash in rows:
        yield f"{office_code},{case_no},{rank_hash}"


def _about(month_draws: MonthDraws, remarks: Sequence[str], locale: str) -> str:
    values: dict[str, object] = {
        "month": month_draws.month,
        "command": f"python3 {VERIFIER.name} draws-{month_draws.month}.zip",
    }
    said = [Message(text, {**values, "file": name}).render(locale) for name, text in ABOUT]
    return "\n".join([*said, *(f"* {remark}" for remark in remarks)]) + "\n"
