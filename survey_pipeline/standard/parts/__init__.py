"""Parts B to G of a standard: performance, supervision, hotline, parent rating, review, bonus."""
