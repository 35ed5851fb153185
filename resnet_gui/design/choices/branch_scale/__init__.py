"""Factors at the end of a branch."""
