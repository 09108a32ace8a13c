"""Turns gathered facts into stored scores; each version names its inputs."""

from survey_pipeline.stages.assessment.publishing import Publication, publish
from survey_pipeline.stages.assessment.stored_month import (
    StoredMonth,
    StoredOffice,
    assess_month,
    latest,
    stored_month,
)
from survey_pipeline.stages.assessment.stored_year import (
    StoredYear,
    YearInputs,
    assess_year,
    latest_year,
    stored_year,
    tried,
)
from survey_pipeline.stages.assessment.verifying import ScoreVerification, verify_month, verify_year

__all__ = [
    "Publication",
    "ScoreVerification",
    "StoredMonth",
    "StoredOffice",
    "StoredYear",
    "YearInputs",
    "assess_month",
    "assess_year",
    "latest",
    "latest_year",
    "publish",
    "stored_month",
    "stored_year",
    "tried",
    "verify_month",
    "verify_year",
]
