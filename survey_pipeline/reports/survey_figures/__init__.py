"""Figures about the survey itself, for analysts: outcome rates, modes, estimates, groups.

They stand beside the official points and change none. Source: specification, section 13.
"""
