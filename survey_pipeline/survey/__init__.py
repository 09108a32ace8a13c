"""What several stages share of a case's life: its rating, outcome and end, each change of state."""
