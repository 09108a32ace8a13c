"""The chain over the audit log: every entry bound to the one before, heads signed, all checked."""
