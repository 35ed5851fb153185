"""Explanations of an answer."""
