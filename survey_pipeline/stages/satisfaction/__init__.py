"""Gathers the facts of a month's satisfaction scores, one query per kind of fact."""

from survey_pipeline.stages.satisfaction.gather import gather_month
from survey_pipeline.stages.satisfaction.year import gather_months

__all__ = ["gather_month", "gather_months"]
