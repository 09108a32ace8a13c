"""What happened and what waits: read models for `status` and for the pages of operators and admins.

`status` is the workspace as it stands; `day` one day with all that an operator looks at, `texts`
what became of its texts and what to do about it; `journal` reads the audit log. All of it is a few
queries, set by set; nothing here changes anything.
"""

from survey_pipeline.reports.status import Overview, overview

__all__ = ["Overview", "overview"]
