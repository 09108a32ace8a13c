"""Notes of lines as earlier versions of the program wrote them.

A stored score keeps its notes as texts of the catalogue. A published one is never computed again,
so the catalogue must go on knowing the texts of its time.
"""

from survey_pipeline.i18n import N_

FORMER_NOTES = (
    N_("x {factor}: no document number ({clause})"),
    N_("x {factor}: awarded to a person ({clause})"),
    N_("x {factor}: awarded to the parent department, handed out ({clause})"),
    N_("x {share}: the share it was given"),
    N_("x {share}: shared equally; offices: {sharers}"),
    N_("rank {rank}, 0 behind rank {until}"),
    N_("{full} - {lost} is below nothing: {left}"),
    N_("{lost} would be taken off, and {full} is the most"),
)
