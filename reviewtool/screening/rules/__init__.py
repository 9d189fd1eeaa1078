"""What the method says about votes, conflicts and reasons: pure functions on plain values."""
