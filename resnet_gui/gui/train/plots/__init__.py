"""Curves and other plots of a run."""
