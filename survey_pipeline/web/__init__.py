"""The web application: pages, the API of offices, webhooks, health and metrics."""
