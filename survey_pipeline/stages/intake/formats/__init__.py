"""Formats of files: the bytes of a CSV or XLSX file become a header and chunks of rows."""
