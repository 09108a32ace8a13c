"""A made-up city for the demo: its offices, their reports, its citizens on the phone, its staff.

In reading order: `city` makes offices, `reports` what they hand in on a day, `real_forms` moves the
shipped reports into another month, `phone` says how a citizen takes a call, `staff` works the desks
(callers, the reader, others who call for us), `driver` walks through the days. Everything goes
through the real stages, and all that happens is a pure function of the seed and the month.
"""
