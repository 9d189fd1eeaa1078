"""A network: the results that go into it, its contrasts, the analysis and its tables."""
