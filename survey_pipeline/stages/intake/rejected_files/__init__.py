"""Refused rows as files: written, listed for a page, and recognised when they come back."""
