"""A palette of commands: one field that finds anything by a few of its letters, and does it."""
