"""One step each, in reading order; they meet in the database and do not import each other."""
