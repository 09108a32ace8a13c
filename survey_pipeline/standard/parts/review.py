"""Part F: the online review of the offices that were selected for it."""

from typing import Annotated, Literal

from pydantic import Field, StrictInt

from survey_pipeline.standard.common import Total, Values
from survey_pipeline.standard.entry import Entry, Table


class SelectionRule(Entry):
    """How offices are selected; how many is a setting (`review.offices`)."""

    way: Literal["quota", "manual"]
    """`quota`: by category, in proportion to its offices, from the top of the daily ranking."""
    least: Annotated[StrictInt, Field(ge=0)]
    """From every category at least so many."""


class DrawRule(Entry):
    """How representatives are drawn; how many is a setting (`review.representatives`)."""


class OnlineReview(Table):
    """Part F."""

    total: Total
    values: Values
    selection: SelectionRule
    draw: DrawRule
