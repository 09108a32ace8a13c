"""Up to when personal data is due for deletion now (specification, section 10.3)."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Self

from survey_pipeline.context import Context


@dataclass(frozen=True)
class Limits:
    """What ended at or before these moments and days is due."""

    drawn: datetime
    """Surveys closed, requests taken down, reviews closed, scores published, sign-ins."""
    undrawn: date
    """Frames whose undrawn cases are due."""
    unmatched: datetime
    """Texts that answer no survey, cases taken back before a draw, files to be corrected."""
    hash_closed: datetime
    """Surveys closed by then, and drawn by `hash_drawn`, lose the keyed hash of their number too.

    Until then it keeps a phone from being asked again, and shows why a case of a frame that still
    holds its numbers was not drawn.
    """
    hash_drawn: date

    @classmethod
    def now(cls, context: Context) -> Self:
        """Return the limits of this moment by the settings."""
        privacy, now, today = context.settings.privacy, context.now(), context.today()
        retention = timedelta(days=privacy.retention_days)
        undrawn = timedelta(days=privacy.undrawn_retention_days)
        quiet = timedelta(days=context.settings.sampling.quiet_days)
        return cls(
            drawn=now - retention,
            undrawn=today - undrawn,
            unmatched=now - undrawn,
            hash_closed=now - max(retention, undrawn),
            hash_drawn=today - quiet - undrawn,
        )

    def to_json(self) -> dict[str, str]:
        """Return the limits as a receipt has them."""
        return {name: value.isoformat() for name, value in asdict(self).items()}
