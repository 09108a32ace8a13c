"""How fast the product is, each figure as a ratio to plain code measured in the same run.

`figures` says what is measured and what is asked, `ours` and `plain` are the two sides of each pair
(`pages` and `bare` those of the pages, both served by `asking`), `made` makes the data, `measure`
runs both sides as child processes in turn. Run it with
`scripts/bench`. This process stays small and imports nothing of the product: a child's peak memory,
as the system counts it, is never below its parent's.
"""
