"""What some of the words are called where people read them; texts of the catalogue."""

from collections.abc import Mapping

from survey_pipeline.i18n import N_
from survey_pipeline.vocabulary.messages import ShareMove
from survey_pipeline.vocabulary.register import Category, HotlineGroup

CATEGORY_NAMES: Mapping[str, str] = {
    Category.AGENCY: N_("Agency departments"),
    Category.EDUCATION: N_("Education"),
    Category.HEALTH: N_("Health"),
    Category.FINANCE: N_("Banks and insurers"),
    Category.SOE: N_("State-owned enterprises"),
    Category.SOCIAL: N_("Social services"),
}
GROUP_NAMES: Mapping[str, str] = {
    HotlineGroup.CITY_AGENCY: N_("city agencies"),
    HotlineGroup.SOE_INSTITUTION: N_("enterprises and institutions"),
}
MOVES: Mapping[str, str] = {
    ShareMove.FAILING: N_("too much failed"),
    ShareMove.LATE: N_("too many receipts came late"),
    ShareMove.RELIEVED: N_("took over"),
    ShareMove.DRIFT: N_("back toward the priorities"),
    ShareMove.STOPPED: N_("stopped"),
    ShareMove.RESUMED: N_("works again"),
    ShareMove.CONFIGURED: N_("the configuration changed"),
}
"""Why a gateway's share of the traffic moved."""
CHECK_NAMES: Mapping[str, str] = {
    "configuration": N_("configuration"),
    "database": N_("database"),
    "standard": N_("standard"),
    "templates": N_("templates"),
    "calendar": N_("calendar"),
    "clock": N_("clock"),
    "gateway": N_("gateway"),
    "sampling": N_("sampling"),
    "sending": N_("sending"),
    "review": N_("online review"),
}
"""What `doctor` looks at."""
