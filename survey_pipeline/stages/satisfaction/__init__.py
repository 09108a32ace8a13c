"""Gathers what a month's satisfaction score of every office rests on, set by set."""

from survey_pipeline.stages.satisfaction.gather import gather_month
from survey_pipeline.stages.satisfaction.year import gather_months

__all__ = ["gather_month", "gather_months"]
