"""What a window keeps for the next time, and its end."""
