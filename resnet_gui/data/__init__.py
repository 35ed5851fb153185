"""Data sets, labels, preprocessing, and the weights that are known by name."""
