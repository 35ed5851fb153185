"""Measurements of networks for the Lab."""
