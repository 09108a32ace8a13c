"""Read models: what pages, commands and exports show, put together by a few queries each.

A month's and a year's scores (`month_report`, `year_report`, and what is computed from them), an
office's own view (`reported_days`, `closed_months`, `own_lines`), the operator's day (`day_course`,
`day_arrivals`, `text_groups`), deadlines, and the state of a workspace (`status`). Nothing here
changes anything.
"""
