"""How many of our own surveys were rated, by month and office: for scores, and for imports.

Only ratings of record (`rating`) are counted, by the mode in which they were given.
"""

from collections import Counter, defaultdict

from sqlalchemy import ColumnElement, Connection, func, select

from survey_pipeline.scoring.facts import Answers
from survey_pipeline.store.tables import surveys
from survey_pipeline.vocabulary import Mode, Rating

OwnAnswers = dict[tuple[str, str], tuple[Answers, Answers]]
"""(month, office_code) -> answers by SMS, answers on the phone."""


def own_answers(connection: Connection, *where: ColumnElement[bool]) -> OwnAnswers:
    """Count the ratings of record of some surveys by month and office.

    Args:
        connection: a transaction that reads.
        where: which surveys, by columns of `surveys`.
    """
    words = (surveys.c.month, surveys.c.office_code, surveys.c.rated_by, surveys.c.rating)
    rows = connection.execute(
        select(*words, func.count()).where(surveys.c.rating.is_not(None), *where).group_by(*words)
    )
    found: defaultdict[tuple[str, str], Counter[tuple[str, str]]] = defaultdict(Counter)
    for month, office, mode, rating, count in rows:
        found[month, office][mode, rating] += count
    return {key: split_by_mode(ratings) for key, ratings in found.items()}


def split_by_mode(ratings: Counter[tuple[str, str]]) -> tuple[Answers, Answers]:
    """Return counts by (mode, rating) as answers by SMS and answers on the phone."""
    return answers_of_mode(ratings, Mode.SMS), answers_of_mode(ratings, Mode.PHONE)


def answers_of_mode(ratings: Counter[tuple[str, str]], mode: str) -> Answers:
    """Return the counts of one mode, of counts by (mode, rating)."""
    return Answers(*(ratings[mode, rating] for rating in Rating))
