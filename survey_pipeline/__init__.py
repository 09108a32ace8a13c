"""Satisfaction surveys by SMS and phone, scored by a published appraisal standard."""

__version__ = "0.2.0"
