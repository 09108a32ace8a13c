"""Personal data: what is held and why, its deletion when it is due, and a citizen's requests."""
