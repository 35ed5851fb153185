"""Pictures to answers."""
