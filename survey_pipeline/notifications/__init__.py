"""Notifications to people who work with the program (specification, section 9.2).

In reading order: `contacts` keeps who gets what; `notification` is one thing to tell, `reminders`
and `events` find what there is to tell; `channels` hands a text over; `sending` does so once for
each contact; `sent` lists what became of them.
"""
