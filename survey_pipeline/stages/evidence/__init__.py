"""Evidence: what is known of offices beside their surveys, and their objections to it.

`objections` notes what an office objects to and what was decided. (How evidence comes in is
`intake`'s.)
"""

from survey_pipeline.stages.evidence.objections import (
    ListedObjection,
    TooManyObjections,
    add_objection,
    decide_objection,
    list_objections,
)

__all__ = [
    "ListedObjection",
    "TooManyObjections",
    "add_objection",
    "decide_objection",
    "list_objections",
]
