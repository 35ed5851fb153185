"""Qt item models: rows without widgets."""
