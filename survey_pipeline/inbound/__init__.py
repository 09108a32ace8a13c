"""What webhooks and polling bring: stored once, spooled while the database is away, read later."""
