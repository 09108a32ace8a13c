"""People who sign in, their sessions, and the keys of offices' systems."""
