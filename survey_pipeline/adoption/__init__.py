"""Local decisions of a standard: adopted, taken back, and as they stood at an earlier time.

A local decision is the program's proposal until the appraisal office adopts it. An adoption is
written into the workspace's file of the standard, so that the file says everything, and into the
audit log with the hash of the file before and after. No figure depends on it. What was published
before keeps saying what it said then: the log leads back to the file of that time.
"""

from survey_pipeline.adoption.deciding import (
    Adopted,
    LocalDecision,
    adopt,
    in_force,
    local_decisions,
    take_back,
)
from survey_pipeline.adoption.history import as_published, as_scored

__all__ = [
    "Adopted",
    "LocalDecision",
    "adopt",
    "as_published",
    "as_scored",
    "in_force",
    "local_decisions",
    "take_back",
]
