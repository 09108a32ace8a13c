"""What several stages share of a case's life: its context, its rating, its outcome, its closing."""
