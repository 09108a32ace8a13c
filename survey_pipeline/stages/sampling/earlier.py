"""How many of each office's cases the month's earlier draws drew: the m of the monthly minimum."""

from datetime import date

from sqlalchemy import Connection, func, select

from survey_pipeline.calendar import first_day, month_of
from survey_pipeline.store.tables import draw_offices


def drawn_earlier(connection: Connection, day: date) -> dict[str, int]:
    """Return, by office, the cases drawn from the first of the month to the day before `day`."""
    rows = connection.execute(
        select(draw_offices.c.office_code, func.sum(draw_offices.c.drawn))
        .where(draw_offices.c.day >= first_day(month_of(day)), draw_offices.c.day < day)
        .group_by(draw_offices.c.office_code)
    )
    return {office: int(drawn) for office, drawn in rows}
