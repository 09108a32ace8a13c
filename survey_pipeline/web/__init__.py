"""What is served over HTTP: the providers' webhooks, and whether the program is well."""
