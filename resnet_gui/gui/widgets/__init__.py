"""Reusable widgets that know no page and no session."""
