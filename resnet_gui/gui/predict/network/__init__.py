"""The network that answers."""
