"""Stems: the layers before the first stage."""
