"""From the last map to a row of values."""
