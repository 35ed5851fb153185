"""Sweeps: fields of design and recipe times seeds, and what their runs say together."""
