"""Robustness: pictures that are made worse, and attacked, and how many are still answered rightly."""
