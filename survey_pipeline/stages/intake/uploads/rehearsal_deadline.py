"""How long the rehearsal of an uploaded file may take."""

from collections.abc import Callable
from time import monotonic

from survey_pipeline.errors import CannotProceed
from survey_pipeline.stages.intake.formats.source import Pulse

MOST_SECONDS = 120
"""Longest rehearsal of a file; a hundred thousand rows take some twenty."""


def deadline(name: str, is_gone: Callable[[], bool]) -> Pulse:
    """Return a pulse that ends a rehearsal which takes too long, or whose client has gone away."""
    until = monotonic() + MOST_SECONDS

    def pulse() -> None:
        if is_gone():
            raise CannotProceed("nobody waits for {file} any more", file=name)
        if monotonic() > until:
            raise CannotProceed(
                "{file} takes longer than {most} seconds to be looked through. Send the cases of "
                "one day at a time, without formats and other sheets",
                file=name,
                most=MOST_SECONDS,
            )

    return pulse
