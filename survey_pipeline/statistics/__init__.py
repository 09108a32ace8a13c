"""The formulas of the survey's statistics, in exact or decimal arithmetic. Pure.

Source: specification, section 13. Points do not depend on them: they follow the standard alone.
"""
