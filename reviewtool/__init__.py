"""Systematic reviews, from question to published evidence."""

__version__ = "0.1.0"
