"""Thousands of points in groups: as one picture, and as a widget to look into."""
