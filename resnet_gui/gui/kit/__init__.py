"""Widgets and helpers that know no word of this program."""
