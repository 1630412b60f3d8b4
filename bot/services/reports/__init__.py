"""Reports: what came in, how it was answered, what is hot, how departments compare. Counts only, no personal data."""
