"""The messages between window and engine."""
