"""The database as a whole: checked, copied to another engine, backed up and put back."""
