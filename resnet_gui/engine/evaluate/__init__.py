"""Models measured on labelled pictures."""
