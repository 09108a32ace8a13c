"""What the published standard says, as frozen data read from `config/standards/<id>.toml`.

Pure: no database, no clock; dates are arguments. `load.standard_for` reads, `model.Standard` holds.
"""

from survey_pipeline.standard.load import InForce, standard_for, standard_of_month, standard_on
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.parts.satisfaction import Satisfaction

__all__ = [
    "InForce",
    "Satisfaction",
    "Standard",
    "standard_for",
    "standard_of_month",
    "standard_on",
]
