"""Parts A to G of a standard: satisfaction to bonus, a module each."""
