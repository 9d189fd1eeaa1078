"""Tables of the closer look: a file for each topic that has some."""
