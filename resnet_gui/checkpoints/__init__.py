"""Weights of any origin: read, told apart, turned into a design."""
