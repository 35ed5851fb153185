"""The run folder: its files, its events, what can be read back of it."""
