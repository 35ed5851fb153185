"""The page that is shown where nothing is open: why shortcuts matter, three ways to begin, and what was done last."""
