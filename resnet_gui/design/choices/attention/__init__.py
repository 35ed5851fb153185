"""Gates for each channel at the end of a branch."""
