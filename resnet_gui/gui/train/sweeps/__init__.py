"""Sweeps on the Train page: many runs at once, and what they say together."""
