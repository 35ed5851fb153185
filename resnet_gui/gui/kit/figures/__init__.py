"""Figures for papers and slides as data, and the files that they are written to."""
