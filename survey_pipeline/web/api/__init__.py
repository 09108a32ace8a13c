"""The API for the systems of offices, `/api/v1`."""
