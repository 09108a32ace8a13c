"""Turns gathered facts into stored scores, each version with what it was computed from."""

from survey_pipeline.stages.assessment.month import StoredMonth, StoredOffice, assess_month, latest
from survey_pipeline.stages.assessment.year import (
    StoredYear,
    YearInputs,
    assess_year,
    daily_points,
    latest_year,
    stored_year,
    tried,
)

__all__ = [
    "StoredMonth",
    "StoredOffice",
    "StoredYear",
    "YearInputs",
    "assess_month",
    "assess_year",
    "daily_points",
    "latest",
    "latest_year",
    "stored_year",
    "tried",
]
