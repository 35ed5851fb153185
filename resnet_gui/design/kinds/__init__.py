"""Kinds of layers that every design may have; a kind that only one choice has stands with that choice."""
