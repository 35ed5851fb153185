"""Precision, recall and F1 of every class."""
