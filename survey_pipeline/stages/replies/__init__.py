"""How citizens' replies are read, kept and decided."""
