"""Turns gathered facts into stored scores, each version with what it was computed from."""

from survey_pipeline.stages.assessment.month import StoredMonth, StoredOffice, assess_month, latest

__all__ = ["StoredMonth", "StoredOffice", "assess_month", "latest"]
