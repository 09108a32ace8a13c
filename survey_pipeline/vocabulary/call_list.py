"""The columns of the call list for those who call in our place, and their headings in the workbook.

The list comes back with `TO_FILL_IN` filled in, and is imported as `results` as it stands: intake
knows the other columns, and passes over those that it does not need.
"""

from collections.abc import Mapping

from survey_pipeline.i18n import N_

HANDOVER_COLUMNS: Mapping[str, str] = {
    "office_code": N_("Office code"),
    "office": N_("Office"),
    "case_no": N_("Case no"),
    "month": N_("Month"),
    "served_on": N_("Served on"),
    "item": N_("Matter"),
    "phone": N_("Phone"),
    "drawn_on": N_("Drawn on"),
    "reason": N_("Why to call"),
    "answer": N_("Answer"),
    "answered_on": N_("Answered on"),
    "mode": N_("Mode"),
    "source": N_("Source"),
}
TO_FILL_IN = ("answer", "answered_on")
"""Left empty: those who call write here what the citizen said, and on which day."""
