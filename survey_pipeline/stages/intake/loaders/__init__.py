"""Loaders: each compares the checked rows of its kind with the database and stores them."""
