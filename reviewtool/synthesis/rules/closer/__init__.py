"""A closer look at a pairwise result: each topic is a file here, and is found by itself.

A topic declares ``TOPIC``; what it finds is computed from what a run was computed from, and
stored nowhere. CONTRIBUTING says which files make a topic.
"""
