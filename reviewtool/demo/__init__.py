"""The demonstration reviews: published numbers, taken through every stage's services."""
