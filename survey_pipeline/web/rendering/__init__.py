"""Templates, navigation, notices and fragments: how a page becomes HTML."""
