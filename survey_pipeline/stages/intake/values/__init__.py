"""Readers of single cells: the text of a cell becomes a value, or a reason why it has none."""
