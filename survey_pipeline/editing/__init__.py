"""What operators change on pages: texts, settings, standards; each with before and after."""
