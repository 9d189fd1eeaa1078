"""What GRADE says: certainty, absolute effects, information size, suggestions, statements."""
