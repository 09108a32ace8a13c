"""What an office brings itself: files through the pages, rows through the API, and the template."""
