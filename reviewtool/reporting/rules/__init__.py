"""What reporting guidelines say: pure functions on plain values."""
