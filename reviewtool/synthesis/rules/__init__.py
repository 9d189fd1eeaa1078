"""Which numbers represent a study, and how they are pooled."""
