"""Integrity signals: what stands out of an office's month, for a person to look into.

They are hints and never points: nothing here is read by the scoring. `patterns`, `binomial` and
`standing_out` are pure and know counts alone; the other modules gather the counts, keep what a
deletion of personal data would take away, and keep what people decided.

Source: specification, section 13.5; docs/integrity-signals.md.
"""
