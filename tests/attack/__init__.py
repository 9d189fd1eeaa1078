"""Attacks that once opened a door: one file for each kind."""
