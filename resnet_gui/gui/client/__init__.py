"""The window's side of the engines."""
