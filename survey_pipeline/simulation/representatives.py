"""The online review of a made-up city: a pool, a draw, ballots by personal link, the closing."""

import csv
from pathlib import Path

from survey_pipeline.context import Context
from survey_pipeline.gateways.simulated.chance import Dice
from survey_pipeline.gateways.simulated.citizens import opinion, quality_of
from survey_pipeline.simulation.evidence import bring
from survey_pipeline.simulation.papers import SURNAMES
from survey_pipeline.stages.review import (
    NamedOffice,
    SelectionRequest,
    cast,
    close_review,
    draw_representatives,
    latest_daily,
    open_review,
    paper,
    select_by_hand,
    select_offices,
    write_links,
)
from survey_pipeline.vocabulary import Rating, RecordKind

POOL = 90
GROUPS = ("人大代表", "政协委员", "企业代表", "基层群众代表")
GIVEN_NAMES = ("建国", "晓东", "丽华", "海燕", "志强", "国平", "秀英", "伟明", "雪芬", "永康")
VOTES, KNOWS = 850, 780
"""Of a thousand: drawn ones who vote, and offices that they know well enough to answer."""
DEMONSTRATION = "演示城市：年内即举行网络评议"
"""Why the made-up city selects while components are missing."""
ADDRESS = "http://127.0.0.1:8000"


def hold_review(context: Context, seed: str, year: int, folder: Path) -> None:
    """Lead a year's review from the selection to the closing.

    Args:
        context: the workspace, whose year has been scored once.
        seed: who votes, and how, follows from it.
        year: the appraisal year.
        folder: where files are written meanwhile; gone afterwards.
    """
    _vote(context, seed, begin_review(context, seed, year, folder))
    close_review(context, year)


def begin_review(context: Context, seed: str, year: int, folder: Path) -> Path:
    """Open a year's review; return the file of the personal links."""
    _select(context, year)
    bring(context, RecordKind.REPRESENTATIVES, _pool(seed, folder), year)
    draw_representatives(context, year)
    open_review(context, year)
    return write_links(context, year, folder / "links.csv", ADDRESS).path


def _select(context: Context, year: int) -> None:
    """Select by quota; in a city too small for that, all offices by hand."""
    daily = latest_daily(context, year)
    least = context.settings.review.min_ratings
    if any(score.rated >= least for score in daily.offices.values()):
        gaps = any(score.missing for score in daily.offices.values())
        unusual = SelectionRequest(provisional=True, reason=DEMONSTRATION)
        select_offices(context, year, daily, unusual if gaps else SelectionRequest())
    else:
        named = [NamedOffice(row, code, DEMONSTRATION) for row, code in enumerate(daily.offices, 2)]
        select_by_hand(context, year, named)


def _pool(seed: str, folder: Path) -> Path:
    path = folder / "representatives.csv"
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(("代表编号", "姓名", "手机号码", "组别"))
        for number in range(1, POOL + 1):
            dice = Dice(seed, "representative", str(number))
            phone = f"139577{dice.number('phone', 1000):03d}{number:02d}"
            name = dice.pick("name", SURNAMES) + dice.pick("given name", GIVEN_NAMES)
            writer.writerow((f"DB-{number:03d}", name, phone, dice.pick("group", GROUPS)))
    return path


def _vote(context: Context, seed: str, links: Path) -> None:
    """Have representatives open their links and rate the offices that they know."""
    with links.open(encoding="utf-8-sig", newline="") as file:
        next(lines := csv.reader(file))
        for rep_no, *_, link in lines:
            voter = Dice(seed, "voter", rep_no)
            if voter.happens("votes", VOTES):
                token = link.rsplit("/", 1)[1]
                cast(context, token, _answers(context, seed, rep_no, token))


def _answers(context: Context, seed: str, rep_no: str, token: str) -> dict[str, Rating]:
    answers = {}
    for office in paper(context, token).offices:
        dice = Dice(seed, "ballot", rep_no, office.office_code)
        if dice.happens("knows", KNOWS):
            quality = quality_of(seed, office.name)
            answers[office.office_code] = opinion(seed, f"{rep_no}/{office.office_code}", quality)
    return answers
