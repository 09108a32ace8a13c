"""The formats that scores, answers and handovers leave in: xlsx, csv, json, html, parquet."""
