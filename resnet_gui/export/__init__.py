"""A design, a network or a run as text in other forms."""
