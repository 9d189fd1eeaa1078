"""From a sheet to a network: its rows, and contrasts of arms and of comparisons."""
