"""What double data extraction says (Cochrane Handbook, chapter 5), on plain values."""
