"""The plan of a training in phases: which parts of the network learn when, and how fast."""
