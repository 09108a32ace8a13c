"""Phone numbers of mainland China, the only ones that are surveyed.

`number_plan` says how a number is built and what it can receive. `typed_numbers` reads what people
type into a cell or a form, `senders` what a gateway writes for the sender of a text. `masking`
hides numbers where they must not be read. Everywhere else a number is E.164 text: `+8613812345678`.
"""

from survey_pipeline.phones.masking import masked, without_numbers
from survey_pipeline.phones.number_plan import COUNTRY, KNOWN_MOBILE, dialled, kind_of
from survey_pipeline.phones.senders import e164

__all__ = ["COUNTRY", "KNOWN_MOBILE", "dialled", "e164", "kind_of", "masked", "without_numbers"]
